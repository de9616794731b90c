// failed.tsx - a job without a video: why, and what can be done.
import type { JSX } from 'preact';
import type { Generation } from '../api/types';
import { Icon } from '../parts/icons';
import { draftFrom } from '../state/draft';
import { go } from '../state/router';
import { Prompt } from './facts';

export function Failed({ job }: { job: Generation }): JSX.Element {
  const cancelled = job.error?.name === 'CancelledException';
  return (
    <article class="failed" aria-label="Video not made">
      <div class={cancelled ? 'stage stage-failed stage-cancelled' : 'stage stage-failed'}>
        <Icon name={cancelled ? 'close' : 'alert'} />
        <p class="failed-title">{cancelled ? 'Cancelled' : 'The video was not made'}</p>
        {!cancelled && <p dir="auto">{job.error?.message}</p>}
        <p class="hint">It cost nothing.{!cancelled && job.error ? ` ${job.error.name}` : ''}</p>
      </div>
      <div class="actions">
        <button
          type="button"
          class="button"
          onClick={() => {
            draftFrom(job, false);
            go('/create');
          }}
        >
          <Icon name="again" />
          Take the prompt again
        </button>
      </div>
      <Prompt job={job} />
    </article>
  );
}
