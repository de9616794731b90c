// watch.tsx - a job under way: its place in the queue, stage, share done, time left.
import type { JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { cancelJob } from '../api/client';
import { Problem } from '../api/http';
import type { Generation } from '../api/types';
import { timeLeft } from '../lib/format';
import { Progress } from '../parts/controls';
import { connection, heardAt, refreshJob, stageName } from '../state/jobs';
import { announce, toast } from '../state/notices';
import { Prompt } from './facts';

export function Watch({ job }: { job: Generation }): JSX.Element {
  const queued = job.status === 'queued';
  const share = job.meta?.progress ?? 0;
  const left = useTimeLeft(job);
  const position = job.meta?.position;
  const stage = queued ? 'Waiting' : stageName(job.meta?.stage);
  const percent = `${Math.round(share * 100)} %`;
  const place =
    position === undefined ? '' : position === 0 ? 'next in the queue' : `${position} job${position === 1 ? '' : 's'} before it`;
  return (
    <article class="watch" aria-label="Video under way">
      <div class="stage stage-busy">
        <div class="drum" aria-hidden="true">
          {Array.from({ length: 9 }, (_, i) => (
            <span key={i} />
          ))}
        </div>
        <p class="watch-stage">{stage}</p>
        <p class="watch-share">{queued ? place : percent}</p>
      </div>
      <Progress value={queued ? null : share} label="Progress" text={queued ? place || 'waiting' : `${stage}, ${percent}`} />
      <div class="watch-row">
        <p class="watch-note">
          {connection.value === 'lost' ? 'The connection is lost. The work goes on; trying again…' : left || (queued ? 'You may close this page. The work goes on.' : '')}
        </p>
        <CancelButton job={job} />
      </div>
      <Prompt job={job} />
    </article>
  );
}

function CancelButton({ job }: { job: Generation }): JSX.Element {
  const [busy, setBusy] = useState(false);
  const cancel = async (): Promise<void> => {
    setBusy(true);
    try {
      await cancelJob(job.id);
      announce('Cancelled.');
      await refreshJob(job.id);
    } catch (e) {
      if (e instanceof Problem) toast(e.message);
    } finally {
      setBusy(false);
    }
  };
  return (
    <button type="button" class="button small" disabled={busy} onClick={() => void cancel()}>
      Cancel
    </button>
  );
}

/** The server's estimate, counted down between its answers. */
function useTimeLeft(job: Generation): string {
  const [, setTurn] = useState(0);
  useEffect(() => {
    const timer = setInterval(() => setTurn((n) => n + 1), 1000);
    return () => clearInterval(timer);
  }, []);
  const eta = job.meta?.eta_seconds;
  if (eta === undefined) return '';
  const since = (performance.now() - (heardAt.get(job.id) ?? performance.now())) / 1000;
  return timeLeft(eta - since);
}
