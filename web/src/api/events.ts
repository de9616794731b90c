// events.ts - one connection over which the server tells what becomes of this key's jobs.
//
// fetch is used in place of EventSource because EventSource cannot send the Authorization header, and
// a key has no place in an address.
import { problemOf, send } from './http';
import { EventParser, type StreamEvent } from './sse';
import { Problem } from './http';

export type Connection = 'connecting' | 'live' | 'lost' | 'polling';

export interface Listener {
  key: string;
  onEvents(events: readonly StreamEvent[]): void;
  onOpen(): void;
  onState(state: Connection): void;
  /** The server offers no events: ask it by `wait=` from now on. */
  onUnsupported(): void;
  onRefused(problem: Problem): void;
}

/** The server sends something every 15 s; a connection silent for so long is dead. */
const SILENCE_MS = 40_000;
const LONGEST_WAIT_MS = 8_000;
/** So many attempts without a single byte of a stream, with a server that answers, mean a proxy that holds streams back. */
const ATTEMPTS_BEFORE_POLLING = 4;

export function listen(listener: Listener): () => void {
  const stop = new AbortController();
  void run(listener, stop.signal);
  return () => stop.abort();
}

async function run(listener: Listener, stopped: AbortSignal): Promise<void> {
  let lastId = '';
  let retry = 1_000;
  let failures = 0;
  let heldBack = 0;
  listener.onState('connecting');
  while (!stopped.aborted) {
    const parser = new EventParser();
    const outcome = await once(listener, parser, lastId, stopped);
    if (stopped.aborted) return;
    lastId = outcome.badCursor ? '' : parser.lastId || lastId;
    retry = parser.retry || retry;
    if (outcome.unsupported) return listener.onUnsupported();
    if (outcome.refused) return listener.onRefused(outcome.refused);
    failures = outcome.heard ? 0 : failures + 1;
    heldBack = outcome.answered && !outcome.heard ? heldBack + 1 : 0;
    if (heldBack >= ATTEMPTS_BEFORE_POLLING) return listener.onUnsupported();
    listener.onState('lost');
    await pause(failures === 0 ? Math.min(retry, 500) : Math.min(retry * 2 ** (failures - 1), LONGEST_WAIT_MS), stopped);
  }
}

interface Outcome {
  answered: boolean;
  heard: boolean;
  unsupported?: boolean;
  badCursor?: boolean;
  refused?: Problem;
}

async function once(listener: Listener, parser: EventParser, lastId: string, stopped: AbortSignal): Promise<Outcome> {
  const attempt = new AbortController();
  const stop = (): void => attempt.abort();
  stopped.addEventListener('abort', stop, { once: true });
  let watchdog = setTimeout(stop, SILENCE_MS);
  const outcome: Outcome = { answered: false, heard: false };
  try {
    const response = await send('v2/video/generations/events', {
      key: listener.key,
      headers: { Accept: 'text/event-stream', ...(lastId ? { 'Last-Event-ID': lastId } : {}) },
      signal: attempt.signal,
    });
    if (!response.ok) return await refusal(response, outcome, lastId);
    if (!response.headers.get('content-type')?.startsWith('text/event-stream') || !response.body)
      return { ...outcome, unsupported: true };
    outcome.answered = true;
    const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
    for (;;) {
      const { done, value } = await reader.read();
      if (done) break;
      clearTimeout(watchdog);
      watchdog = setTimeout(stop, SILENCE_MS);
      if (!outcome.heard) {
        outcome.heard = true;
        listener.onState('live');
        listener.onOpen();
      }
      const events = parser.push(value);
      if (events.length) listener.onEvents(events);
    }
  } catch {
    /* A cut connection is the ordinary end of a stream; the loop connects again. */
  } finally {
    clearTimeout(watchdog);
    stopped.removeEventListener('abort', stop);
  }
  return outcome;
}

async function refusal(response: Response, outcome: Outcome, lastId: string): Promise<Outcome> {
  const problem = await problemOf(response);
  if (response.status === 401 || response.status === 403) return { ...outcome, refused: problem };
  if (response.status === 400 && lastId) return { ...outcome, badCursor: true };
  if ([400, 404, 405, 406, 501].includes(response.status)) return { ...outcome, unsupported: true };
  return outcome;
}

export function pause(ms: number, stopped: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const end = (): void => {
      clearTimeout(timer);
      stopped.removeEventListener('abort', end);
      resolve();
    };
    const timer = setTimeout(end, ms);
    stopped.addEventListener('abort', end);
  });
}
