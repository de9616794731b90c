// jobs.ts - every job that the page knows, each in a signal of its own, kept up to date.
//
// The server tells by one stream of events; where that is not to be had, unfinished jobs are asked one
// by one with `wait=`, which the server answers when something changed.
import { batch, effect, signal, type Signal } from '@preact/signals';
import { readJob, listJobs } from '../api/client';
import { listen, pause, type Connection } from '../api/events';
import { Problem } from '../api/http';
import type { StreamEvent } from '../api/sse';
import type { Generation } from '../api/types';
import { announce } from './notices';
import { key, signOut } from './session';

export const connection = signal<Connection>('connecting');
/** Ids of unfinished jobs, oldest first. */
export const unfinished = signal<string[]>([]);
/** Grows with every job that came to its end or was removed: what is counted elsewhere has changed. */
export const ended = signal(0);
/** When each job was last heard of, to count its time left down in between. */
export const heardAt = new Map<string, number>();

const jobs = new Map<string, Signal<Generation | undefined>>();
/** What `unfinished` says, for asking; a thousand jobs may be told of at once. */
const open = new Set<string>();

export function jobSignal(id: string): Signal<Generation | undefined> {
  let found = jobs.get(id);
  if (!found) jobs.set(id, (found = signal<Generation | undefined>(undefined)));
  return found;
}

export const isFinal = (g: Generation): boolean => g.status === 'completed' || g.status === 'error';

export function takeJob(g: Generation): void {
  takeJobs([g]);
}

/** Takes news of many jobs as one change, so that whoever looks on is drawn once. */
export function takeJobs(list: readonly Generation[]): void {
  batch(() => {
    const before = open.size;
    const ends = ended.peek();
    list.forEach(take);
    if (open.size !== before || ended.peek() !== ends) unfinished.value = [...open];
  });
}

function take(g: Generation): void {
  const at = jobSignal(g.id);
  const before = at.peek();
  // A page of history that was asked for before the job ended may arrive after its end.
  if (before && isFinal(before) && !isFinal(g)) return;
  heardAt.set(g.id, performance.now());
  at.value = { ...g, meta: { ...before?.meta, ...g.meta } };
  if (!isFinal(g)) open.add(g.id);
  if (isFinal(g) && open.delete(g.id)) {
    ended.value++;
    announce(g.status === 'completed' ? 'The video is ready.' : `The video was not made: ${g.error?.message ?? 'error'}`);
  } else if (before && before.meta?.stage !== g.meta?.stage && open.size === 1) {
    announce(`${stageName(g.meta?.stage)}.`);
  }
}

export function forgetJob(id: string): void {
  jobSignal(id).value = undefined;
  if (open.delete(id)) unfinished.value = [...open];
  ended.value++;
}

export function stageName(stage = 'queued'): string {
  const word = stage.replace(/[_-]/g, ' ');
  return word.charAt(0).toUpperCase() + word.slice(1);
}

/** Reads a job anew; resolves to null when it is gone. */
export async function refreshJob(id: string): Promise<Generation | null> {
  try {
    const g = await readJob(id);
    takeJob(g);
    return jobSignal(id).peek() ?? g;
  } catch (e) {
    if (e instanceof Problem && (e.status === 404 || e.status === 410)) {
      forgetJob(id);
      return null;
    }
    throw e;
  }
}

const READ_AT_OPENING = 20;

/** Follows the jobs of whichever key is signed in. Called once. */
export function followJobs(): void {
  effect(() => {
    const used = key.value;
    jobs.clear();
    open.clear();
    unfinished.value = [];
    if (!used) return undefined;
    const stop = new AbortController();
    const hush = listen({
      key: used,
      onEvents: takeEvents,
      // What ended while nothing was heard is not told by a fresh stream; after a resumed one it costs little.
      onOpen: () => void Promise.allSettled(unfinished.peek().slice(0, READ_AT_OPENING).map(refreshJob)),
      onState: (state) => (connection.value = state),
      onUnsupported: () => void poll(stop.signal),
      onRefused: (problem) => signOut(problem.message),
    });
    return () => {
      hush();
      stop.abort();
    };
  });
}

function takeEvents(events: readonly StreamEvent[]): void {
  batch(() => {
    // Of a job told of twice the later counts, and what came before a removal does not.
    const told = new Map<string, Generation | null>();
    for (const event of events) {
      const data = JSON.parse(event.data) as Generation;
      if (event.name === 'removed') told.set(data.id, null);
      else if (event.name === 'generation') told.set(data.id, data);
    }
    takeJobs([...told.values()].filter((g) => g !== null));
    for (const [id, g] of told) if (g === null) forgetJob(id);
  });
}

async function findUnfinished(): Promise<void> {
  for (const status of ['queued', 'generating'] as const) takeJobs((await listJobs({ status }, 100)).data);
}

/** A server holds at most this many waiting answers for the page; browsers open six connections. */
const ASKED_AT_ONCE = 3;

async function poll(stopped: AbortSignal): Promise<void> {
  let searched = 0;
  while (!stopped.aborted) {
    try {
      if (performance.now() - searched > 15_000 || searched === 0) {
        await findUnfinished();
        searched = performance.now();
      }
      connection.value = 'polling';
      const ids = unfinished.peek().slice(0, ASKED_AT_ONCE);
      await Promise.all(ids.map(async (id) => takeJob(await readJob(id, 1, stopped))));
    } catch (e) {
      if (stopped.aborted) return;
      if (!(e instanceof Problem) || e.status === 0 || e.status >= 500) connection.value = 'lost';
      else searched = 0;
    }
    await pause(unfinished.peek().length ? 300 : 1_000, stopped);
  }
}
