// session.ts - the key that signs this tab in, and the administrator's where one was given.
//
// Keys live in sessionStorage: they end with the tab and no other tab sees them.
import { computed, signal } from '@preact/signals';
import { call, Problem } from '../api/http';
import type { KeyRow } from '../api/types';

const KEY = 'zoetrope.key';
const ADMIN = 'zoetrope.admin';

const stored = (name: string): string => sessionStorage.getItem(name) ?? '';

export const key = signal('');
export const account = signal<KeyRow | null>(null);
/** Why the page asks for a key again; empty at the first time. */
export const refusal = signal('');
const lentAdmin = signal('');

/** The key for what only administrators may do; empty: ask for one. */
export const adminKey = computed(() => (account.value?.admin ? key.value : lentAdmin.value));

/** Takes `#key=…` out of the address before anything else can read it or keep it. */
export function takeKeyFromAddress(): void {
  const parameters = new URLSearchParams(location.hash.slice(1));
  const given = parameters.get('key');
  if (given !== null) history.replaceState(null, '', location.pathname + location.search + '#/create');
  if (given) sessionStorage.setItem(KEY, given.trim());
  if (given) sessionStorage.removeItem(ADMIN);
  key.value = stored(KEY);
  lentAdmin.value = stored(ADMIN);
}

/** Asks the server whose key it is. Rejects with the server's problem when it is nobody's. */
export async function signIn(candidate: string): Promise<void> {
  account.value = await call<KeyRow | { data: KeyRow }>('v1/key', { key: candidate }).then(rowOf);
  sessionStorage.setItem(KEY, candidate);
  refusal.value = '';
  key.value = candidate;
}

export function signOut(why = ''): void {
  for (const name of [KEY, ADMIN]) sessionStorage.removeItem(name);
  refusal.value = why;
  account.value = null;
  lentAdmin.value = '';
  key.value = '';
}

export async function refreshAccount(): Promise<void> {
  if (!key.value) return;
  try {
    account.value = rowOf(await call<KeyRow | { data: KeyRow }>('v1/key', { key: key.value }));
  } catch (e) {
    if (e instanceof Problem && e.status === 401) signOut('This key is not valid any more.');
  }
}

export async function lendAdmin(candidate: string): Promise<void> {
  const row = rowOf(await call<KeyRow | { data: KeyRow }>('v1/key', { key: candidate }));
  if (!row.admin) throw new Problem('This key may make videos, but it is not an administrator’s.', 403);
  sessionStorage.setItem(ADMIN, candidate);
  lentAdmin.value = candidate;
}

export function returnAdmin(): void {
  sessionStorage.removeItem(ADMIN);
  lentAdmin.value = '';
}

function rowOf(answer: KeyRow | { data: KeyRow }): KeyRow {
  return 'data' in answer ? answer.data : answer;
}
