// panel.tsx - one job: watched while it is made, seen when it is done, explained when it failed.
import type { JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { Problem } from '../api/http';
import { Empty } from '../parts/controls';
import { jobSignal, refreshJob } from '../state/jobs';
import { Failed } from './failed';
import { See } from './see';
import { Watch } from './watch';

export function VideoPanel({ id, onGone }: { id: string; onGone?: () => void }): JSX.Element {
  const job = jobSignal(id).value;
  const [trouble, setTrouble] = useState('');

  useEffect(() => {
    let left = false;
    setTrouble('');
    // Even a known job is read anew: the page of history that it came from may be old.
    refreshJob(id).then(
      (found) => {
        if (left || found) return;
        setTrouble('This video is not there (any more).');
        onGone?.();
      },
      (e: unknown) => !left && setTrouble(e instanceof Problem ? e.message : String(e)),
    );
    return () => {
      left = true;
    };
  }, [id]);

  if (!job) return trouble ? <Empty title={trouble} /> : <div class="stage stage-loading" aria-label="Loading" />;
  if (job.status === 'completed') return <See job={job} />;
  return job.status === 'error' ? <Failed job={job} /> : <Watch job={job} />;
}
