// client.ts - the server's calls by name, with the key of this tab.
import { key, signOut } from '../state/session';
import { call, Problem, type Ask } from './http';
import type {
  Estimate, Generation, KeyRow, Model, Page, ServerStatus, Status, Transaction,
} from './types';

const JOBS = 'v2/video/generations';

type Wish = Omit<Ask, 'key'>;

/** A call in the name of this tab; a key that is refused signs the tab out. */
async function own<Answer>(path: string, wish: Wish = {}): Promise<Answer> {
  const used = key.value;
  try {
    return await call<Answer>(path, { ...wish, key: used });
  } catch (e) {
    if (e instanceof Problem && e.status === 401 && used === key.value) signOut('This key is not valid any more.');
    throw e;
  }
}

export function query(values: Record<string, string | number | undefined>): string {
  const set = new URLSearchParams();
  for (const [name, value] of Object.entries(values)) if (value !== undefined && value !== '') set.set(name, String(value));
  const text = set.toString();
  return text ? `?${text}` : '';
}

export interface Search {
  q: string;
  model: string;
  status: Status | '';
}

export const createJob = (path: string, body: unknown, idempotencyKey: string): Promise<Generation> =>
  own(path, { method: 'POST', body, headers: { 'Idempotency-Key': idempotencyKey } });

export const readJob = (id: string, wait = 0, signal?: AbortSignal): Promise<Generation> =>
  own(JOBS + query({ generation_id: id, wait: wait || undefined }), signal ? { signal } : {});

export const cancelJob = (id: string): Promise<{ id: string; action: string }> =>
  own(JOBS + query({ generation_id: id }), { method: 'DELETE' });

/** Whatever its state, nothing of it is left. The page may be closed meanwhile. */
export const removeJob = (id: string): Promise<{ id: string; action: string }> =>
  own(JOBS + query({ generation_id: id, forget: 'true' }), { method: 'DELETE', keepalive: true });

export const listJobs = (search: Partial<Search>, limit: number, cursor?: string, signal?: AbortSignal): Promise<Page<Generation>> =>
  own(`${JOBS}/list${query({ ...search, limit, cursor })}`, signal ? { signal } : {});

export const estimate = (model: string): Promise<Estimate> => own(`${JOBS}/estimate${query({ model })}`);

export const listModels = (): Promise<{ data: Model[] }> => own('v1/models?details=true');

export const listTransactions = (limit: number, cursor?: string, from?: string): Promise<Page<Transaction>> =>
  own(`v2/billing/transactions${query({ limit, cursor, from })}`);

/** What only an administrator may do takes that key as its first argument. */
export const listKeys = (admin: string): Promise<{ data: KeyRow[] }> => call('v1/keys', { key: admin });

export const createKey = (admin: string, body: Record<string, unknown>): Promise<{ data: KeyRow }> =>
  call('v1/keys', { key: admin, method: 'POST', body });

export const changeKey = (admin: string, prefix: string, body: Record<string, unknown>): Promise<unknown> =>
  call(`v1/keys/${prefix}`, { key: admin, method: 'PATCH', body });

export const revokeKey = (admin: string, prefix: string): Promise<unknown> =>
  call(`v1/keys/${prefix}`, { key: admin, method: 'DELETE' });

export const serverStatus = (admin: string, signal: AbortSignal): Promise<ServerStatus> =>
  call('v2/status', { key: admin, signal });
