// server.tsx - queue, workers and disk as they are now, asked anew every two seconds while looked at.
import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { serverStatus } from '../api/client';
import { pause } from '../api/events';
import { Problem } from '../api/http';
import type { ServerStatus } from '../api/types';
import { bytes, count, seconds } from '../lib/format';
import { Empty, Progress } from '../parts/controls';
import { stageName } from '../state/jobs';
import { Tile } from './credits';

const EVERY_MS = 2_000;

export function ServerPanel({ admin }: { admin: string }): JSX.Element {
  const status = useSignal<ServerStatus | null>(null);
  const [trouble, setTrouble] = useState('');
  useEffect(() => {
    const stop = new AbortController();
    const follow = async (): Promise<void> => {
      while (!stop.signal.aborted) {
        if (!document.hidden) {
          try {
            status.value = await serverStatus(admin, stop.signal);
            setTrouble('');
          } catch (e) {
            if (!stop.signal.aborted) setTrouble(e instanceof Problem ? e.message : String(e));
          }
        }
        await pause(EVERY_MS, stop.signal);
      }
    };
    void follow();
    return () => stop.abort();
  }, [admin]);

  const s = status.value;
  if (!s) return trouble ? <Empty title={trouble} /> : <p class="loading" role="status">Loading…</p>;
  return (
    <>
      {trouble && <p class="fault">{trouble} These are the last numbers.</p>}
      <dl class="tiles">
        <Tile
          name="Waiting"
          value={count(s.queue.queued)}
          more={s.queue.oldest_queued_seconds === null ? 'nobody waits' : `the oldest for ${seconds(s.queue.oldest_queued_seconds)}`}
        />
        <Tile name="Running" value={count(s.queue.running)} more={`${count(s.workers.length)} worker${s.workers.length === 1 ? '' : 's'} busy`} />
        <Tile name="Finished" value={count(s.queue.completed)} more={`${count(s.queue.failed)} not made`} />
        <Tile name="Videos on disk" value={bytes(s.disk.videos_bytes)} more={`${bytes(s.disk.free_bytes)} free`} />
      </dl>
      <Progress
        value={s.disk.videos_bytes / Math.max(1, s.disk.videos_bytes + s.disk.free_bytes)}
        label="Share of the disk that videos take"
      />
      <section aria-label="Workers">
        <header class="section-head">
          <h2>Workers</h2>
        </header>
        {s.workers.length === 0 ? (
          <p class="hint">None has a job now.</p>
        ) : (
          <ul class="workers">
            {s.workers.map((w) => (
              <li key={w.name}>
                <span class="mono" title={w.name}>
                  {w.name}
                </span>
                <span>
                  {stageName(w.stage)} {Math.round(w.progress * 100)} %
                </span>
                <Progress value={w.progress} label={`Progress of ${w.name}`} />
              </li>
            ))}
          </ul>
        )}
      </section>
      <p class="hint">
        Version {s.version}, up for {seconds(s.uptime_seconds)}, models: {s.models.join(', ')}
      </p>
    </>
  );
}
