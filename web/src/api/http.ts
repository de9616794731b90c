// http.ts - one request to the server that the page came from, and its problem when it has one.
import type { Issue } from './types';

/** Every address is relative to the page, so that a proxy may put the program under a path. */
export const root = new URL('.', location.href.split('#')[0]);

export const address = (path: string): string => new URL(path.replace(/^\//, ''), root).href;

/** A signed address may name the host by another of its names; asked of this one it is the same file. */
export function ownAddress(url: string): string {
  const at = new URL(url, root);
  const place = at.pathname.indexOf('/generations/');
  return place < 0 ? at.href : address(at.pathname.slice(place + 1) + at.search);
}

export class Problem extends Error {
  constructor(
    message: string,
    /** 0: no answer came. */
    readonly status: number,
    readonly issues: Issue[] = [],
    readonly kind = '',
    readonly requestId = '',
  ) {
    super(message);
  }
}

export interface Ask {
  method?: string;
  key: string;
  body?: unknown;
  headers?: Record<string, string>;
  signal?: AbortSignal;
  keepalive?: boolean;
}

export function send(path: string, ask: Ask): Promise<Response> {
  const init: RequestInit = {
    method: ask.method ?? 'GET',
    headers: {
      ...(ask.key ? { Authorization: `Bearer ${ask.key}` } : {}),
      ...(ask.body === undefined ? {} : { 'Content-Type': 'application/json' }),
      ...ask.headers,
    },
    credentials: 'omit',
    cache: 'no-store',
    keepalive: ask.keepalive ?? false,
  };
  if (ask.body !== undefined) init.body = JSON.stringify(ask.body);
  if (ask.signal) init.signal = ask.signal;
  return fetch(address(path), init);
}

export async function problemOf(response: Response): Promise<Problem> {
  const body = await response.json().catch(() => null);
  const error = body?.error ?? {};
  const data = error.data;
  return new Problem(
    error.message || body?.message || `The server answered ${response.status}.`,
    response.status,
    Array.isArray(data) ? data : [],
    data?.kind ?? error.name ?? '',
    response.headers.get('x-request-id') ?? '',
  );
}

/** Sends and reads JSON; rejects with a Problem whatever went wrong, but lets an abort through. */
export async function call<Answer>(path: string, ask: Ask): Promise<Answer> {
  let response: Response;
  try {
    response = await send(path, ask);
  } catch (e) {
    if (ask.signal?.aborted) throw e;
    throw new Problem('The server does not answer.', 0);
  }
  if (!response.ok) throw await problemOf(response);
  try {
    return (await response.json()) as Answer;
  } catch (e) {
    if (ask.signal?.aborted) throw e;
    throw new Problem('The answer was cut off.', 0);
  }
}
