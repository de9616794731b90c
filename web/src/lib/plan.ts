// plan.ts - what the storyboard read in a prompt, said in words.
import type { Actor, Plan, Stretch } from '../api/types';

export const listed = (words: string | string[] | undefined): string =>
  typeof words === 'string' ? words : (words ?? []).join(', ');

/** "2 big red foxes" */
export function subjectOf(a: Actor): string {
  const words = [(a.count ?? 1) > 1 ? String(a.count) : '', a.size, a.color ?? a.colour, a.noun || a.picture];
  return words.filter(Boolean).join(' ');
}

/** "on the horse, with a lantern: walk, then look at the fox" */
export function doingOf(a: Actor, cast: Actor[]): string {
  const place = [a.at && [a.at.where, nameOf(cast, a.at.target)].filter(Boolean).join(' '), a.holds && `with ${a.holds}`];
  const moves = stretches(a.moves ?? [], cast);
  return [place.filter(Boolean).join(', '), moves].filter(Boolean).join(': ');
}

export const stretches = (list: Stretch[], cast: Actor[] = []): string =>
  list.map((s) => [s.move, nameOf(cast, s.target)].filter(Boolean).join(' ')).join(', then ');

const nameOf = (cast: Actor[], at: number | undefined): string => (at === undefined ? '' : (cast[at]?.noun ?? ''));

/** What is told of the scene, without what was not said. */
export const sceneOf = (plan: Plan): (readonly [string, string])[] =>
  ([
    ['Place', listed(plan.place)],
    ['Time', listed(plan.time)],
    ['Weather', listed(plan.weather)],
    ['Mood', listed(plan.mood)],
    ['Without', listed(plan.without)],
  ] as const).filter(([, words]) => words !== '');
