// latest.tsx - the newest jobs, so that what was sent before is found again at once.
import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import { useEffect } from 'preact/hooks';
import { listJobs } from '../api/client';
import { pause } from '../api/events';
import type { Generation } from '../api/types';
import { ended, jobSignal, takeJobs, unfinished } from '../state/jobs';
import { Card } from './card';

const SHOWN = 4;
/** Changes that come closer together than this are looked at once. */
const SETTLE_MS = 250;

export function Latest(): JSX.Element | null {
  const rows = useSignal<Generation[]>([]);
  const turn = ended.value + unfinished.value.length;
  useEffect(() => {
    const stop = new AbortController();
    const load = async (): Promise<void> => {
      if (rows.peek().length) await pause(SETTLE_MS, stop.signal);
      if (stop.signal.aborted) return;
      const page = await listJobs({}, SHOWN, undefined, stop.signal);
      takeJobs(page.data);
      rows.value = page.data;
    };
    load().catch(() => undefined);
    return () => stop.abort();
  }, [turn]);
  const shown = rows.value.filter((r) => jobSignal(r.id).value);
  if (shown.length === 0) return null;
  return (
    <section class="latest" aria-label="Latest">
      <header class="section-head">
        <h2>Latest</h2>
        <a href="#/history">All videos</a>
      </header>
      <ul class="latest-list">
        {shown.map((row) => (
          <li key={row.id}>
            <Card row={row} />
          </li>
        ))}
      </ul>
    </section>
  );
}
