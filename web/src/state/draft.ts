// draft.ts - the request that is being written: what Create edits, Build shows and both send.
import { computed, effect, signal } from '@preact/signals';
import { createJob } from '../api/client';
import { Problem } from '../api/http';
import type { Generation, Issue } from '../api/types';
import { codePoints } from '../lib/format';
import { judge, pictureOfUrl, releasePicture, type Picture } from '../lib/image';
import { takeJob } from './jobs';
import { limitsOf, models } from './models';
import { key } from './session';

export type Route = 'universal' | 'legacy';

export const routes: Record<Route, { path: string; image: string; enhance: string }> = {
  universal: { path: 'v2/video/generations', image: 'image_url', enhance: 'enhance_prompt' },
  legacy: { path: 'v2/generate/video/minimax/generation', image: 'first_frame_image', enhance: 'prompt_optimizer' },
};

export const model = signal('video-01');
export const prompt = signal('');
export const picture = signal<Picture | null>(null);
export const enhance = signal(true);
/** As it is typed; empty: the server draws one. */
export const seed = signal('');
export const route = signal<Route>('universal');

export const sending = signal(false);
export const problem = signal<Problem | null>(null);
/** The job that Create shows beside the form; kept so that a reload finds it again. */
export const shownJob = signal(sessionStorage.getItem('zoetrope.shown') ?? '');

export const limits = computed(() => limitsOf(model.value));
export const promptLength = computed(() => codePoints(prompt.value));

export type Field = 'model' | 'prompt' | 'image' | 'enhance' | 'seed';

const fieldOf: Record<string, Field> = {
  model: 'model',
  prompt: 'prompt',
  image_url: 'image',
  first_frame_image: 'image',
  enhance_prompt: 'enhance',
  prompt_optimizer: 'enhance',
  seed: 'seed',
};

/** What the server said of a field, sentence by sentence. */
export function issuesOf(field: Field): string[] {
  return (problem.value?.issues ?? []).filter((i) => fieldOf[String(i.path[0])] === field).map((i) => i.message);
}

/** What the server said of no field that the form has. */
export const generalProblem = computed(() => {
  const p = problem.value;
  if (!p) return '';
  const unplaced = p.issues.filter((i: Issue) => !fieldOf[String(i.path[0])]).map((i) => i.message);
  return p.issues.length === 0 ? p.message : unplaced.join(' ');
});

/** What can be told before asking; empty when the request may go. */
export const faults = computed(() => {
  const found: Partial<Record<Field, string>> = {};
  const image = picture.value;
  const over = promptLength.value - limits.value.prompt_max;
  if (over > 0) found.prompt = `${over} character${over === 1 ? '' : 's'} too many.`;
  else if (!image && prompt.value.trim() === '') found.prompt = 'Say what should be seen, or give a first frame.';
  if (limits.value.image.required && !image) found.image = 'This model sets a given picture in motion: it needs a first frame.';
  if (image && judge(image, limits.value.image).some((v) => v.ok === false)) found.image = 'This picture does not keep the rules.';
  if (seed.value.trim() && !validSeed(seed.value)) found.seed = 'A whole number from 0 to 9007199254740991.';
  return found;
});

function validSeed(text: string): boolean {
  return /^\d{1,16}$/.test(text.trim()) && Number.isSafeInteger(Number(text));
}

/** The body, with only what differs from the defaults. */
export function bodyOf(names: Route): Record<string, unknown> {
  const body: Record<string, unknown> = { model: model.value, prompt: prompt.value };
  if (picture.value) body[routes[names].image] = picture.value.source;
  if (!enhance.value) body[routes[names].enhance] = false;
  if (validSeed(seed.value)) body['seed'] = Number(seed.value);
  return body;
}

/** Repeats after a lost answer carry the same key, so that they cannot make a second video. */
let attempt: { body: string; key: string } | null = null;

export async function sendDraft(names: Route = 'universal'): Promise<Generation | null> {
  if (sending.peek()) return null;
  const body = bodyOf(names);
  const text = routes[names].path + JSON.stringify(body);
  if (attempt?.body !== text) attempt = { body: text, key: crypto.getRandomValues(new Uint32Array(4)).join('-') };
  sending.value = true;
  problem.value = null;
  try {
    const job = await createJob(routes[names].path, body, attempt.key);
    attempt = null;
    const id = job.id || job.generation_id || '';
    takeJob({ ...job, id, meta: { ...job.meta, prompt_original: prompt.value, model: model.value, progress: 0 } });
    shownJob.value = id;
    return job;
  } catch (e) {
    if (e instanceof Problem && e.status > 0) attempt = null;
    problem.value = e instanceof Problem ? e : new Problem(String(e), 0);
    return null;
  } finally {
    sending.value = false;
  }
}

export function setPicture(next: Picture | null): void {
  releasePicture(picture.peek());
  picture.value = next;
}

/** Fills the form with a job's own request; its first frame is not told by the server. */
export function draftFrom(job: Generation, newSeed: boolean): void {
  prompt.value = job.meta?.prompt_original ?? job.meta?.prompt ?? '';
  model.value = job.meta?.model ?? model.value;
  enhance.value = job.meta?.enhance ?? true;
  seed.value = newSeed ? '' : String(job.meta?.seed ?? '');
}

const DRAFT = 'zoetrope.draft';

/** A reload finds the words again; a file has to be given anew. */
export function keepDraft(): void {
  const stored = JSON.parse(sessionStorage.getItem(DRAFT) ?? '{}') as Record<string, unknown>;
  prompt.value = String(stored['prompt'] ?? '');
  model.value = String(stored['model'] ?? 'video-01');
  enhance.value = stored['enhance'] !== false;
  seed.value = String(stored['seed'] ?? '');
  if (typeof stored['url'] === 'string') void pictureOfUrl(stored['url']).then(setPicture);
  effect(() => {
    const url = /^https?:/.test(picture.value?.source ?? '') ? picture.value?.source : undefined;
    sessionStorage.setItem(
      DRAFT,
      JSON.stringify({ prompt: prompt.value, model: model.value, enhance: enhance.value, seed: seed.value, url }),
    );
  });
  effect(() => sessionStorage.setItem('zoetrope.shown', shownJob.value));
  effect(() => {
    if (!key.value) shownJob.value = '';
  });
  effect(() => {
    const first = models.value[0];
    if (first && !models.value.some((m) => m.id === model.peek())) model.value = first.id;
  });
}
