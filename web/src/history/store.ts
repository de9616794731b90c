// store.ts - the pages of history read so far, for one search at a time.
import { signal } from '@preact/signals';
import { listJobs, removeJob, type Search } from '../api/client';
import { Problem } from '../api/http';
import type { Generation } from '../api/types';
import { forgetJob, jobSignal, takeJobs } from '../state/jobs';
import { toast } from '../state/notices';

const PAGE = 60;
const UNDO_MS = 6_000;

export const rows = signal<Generation[]>([]);
export const loading = signal(false);
export const complete = signal(false);
export const trouble = signal('');

let cursor: string | undefined;
let search: Search = { q: '', model: '', status: '' };
let running: AbortController | null = null;

/** Rows that are to be removed unless somebody takes it back. */
const doomed = new Map<string, ReturnType<typeof setTimeout>>();

export function startSearch(next: Search): void {
  running?.abort();
  running = null;
  search = next;
  cursor = undefined;
  complete.value = false;
  trouble.value = '';
  void loadMore(true);
}

export async function loadMore(fresh = false): Promise<void> {
  if (running || (complete.peek() && !fresh)) return;
  const own = (running = new AbortController());
  loading.value = true;
  try {
    const page = await listJobs(search, PAGE, cursor, own.signal);
    takeJobs(page.data);
    const known = fresh ? [] : rows.peek();
    const ids = new Set(known.map((r) => r.id));
    rows.value = [...known, ...page.data.filter((r) => !ids.has(r.id) && !doomed.has(r.id))];
    cursor = page.pagination.next_cursor ?? undefined;
    complete.value = !page.pagination.has_more;
    trouble.value = '';
  } catch (e) {
    if (own.signal.aborted) return;
    trouble.value = e instanceof Problem ? e.message : String(e);
  } finally {
    if (running === own) {
      running = null;
      loading.value = false;
    }
  }
}

/** Jobs that were sent or removed elsewhere: the newest page is read and what is new put in front. */
export async function lookForNew(): Promise<void> {
  const page = await listJobs(search, PAGE).catch(() => null);
  if (!page) return;
  takeJobs(page.data);
  const ids = new Set(rows.peek().map((r) => r.id));
  const fresh = page.data.filter((r) => !ids.has(r.id) && !doomed.has(r.id));
  const present = rows.peek().filter((r) => jobSignal(r.id).peek());
  if (fresh.length || present.length !== rows.peek().length) rows.value = [...fresh, ...present];
}

/** Takes the row away at once, and the video when nobody said otherwise for some seconds. */
export function removeRow(row: Generation): void {
  const at = rows.peek().findIndex((r) => r.id === row.id);
  rows.value = rows.peek().filter((r) => r.id !== row.id);
  doomed.set(row.id, setTimeout(() => void finishRemoval(row.id), UNDO_MS));
  toast('Video deleted.', {
    label: 'Undo',
    run: () => {
      clearTimeout(doomed.get(row.id));
      doomed.delete(row.id);
      const back = [...rows.peek()];
      back.splice(at, 0, row);
      rows.value = back;
    },
  }, UNDO_MS);
}

async function finishRemoval(id: string): Promise<void> {
  doomed.delete(id);
  try {
    await removeJob(id);
    forgetJob(id);
  } catch (e) {
    if (e instanceof Problem && (e.status === 404 || e.status === 410)) return forgetJob(id);
    toast(e instanceof Problem ? e.message : 'The video could not be deleted.');
  }
}

// A page that is closed within those seconds keeps its word.
addEventListener('pagehide', () => {
  for (const [id, timer] of doomed) {
    clearTimeout(timer);
    void finishRemoval(id);
  }
});
