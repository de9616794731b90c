// card.tsx - a job as a picture that plays its preview under the pointer or the focus.
import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { ownAddress } from '../api/http';
import type { Generation } from '../api/types';
import { ago } from '../lib/format';
import { Progress } from '../parts/controls';
import { Icon } from '../parts/icons';
import { jobSignal, stageName } from '../state/jobs';

const still = matchMedia('(prefers-reduced-motion: reduce)');

export interface CardProps {
  row: Generation;
  children?: JSX.Element | undefined;
}

export function Card({ row, children }: CardProps): JSX.Element {
  // The row as the list gave it, or what was heard of the job since.
  const job = jobSignal(row.id).value ?? row;
  const m = job.meta ?? {};
  const [active, setActive] = useState(false);
  const words = m.prompt_original || m.prompt || (m.has_image ? 'From a first frame' : 'No words');
  return (
    <article
      class={`card card-${job.status}`}
      onPointerEnter={(e) => e.pointerType === 'mouse' && setActive(true)}
      onPointerLeave={() => setActive(false)}
      onFocusCapture={() => setActive(true)}
      onBlurCapture={() => setActive(false)}
    >
      <a class="card-link" href={`#/video/${encodeURIComponent(job.id)}`}>
        <Thumb job={job} active={active} />
        <span class="card-words" dir="auto">
          {words}
        </span>
      </a>
      <p class="card-foot">
        <span class="quiet">{m.created_at ? ago(m.created_at) : m.model}</span>
        {children}
      </p>
    </article>
  );
}

function Thumb({ job, active }: { job: Generation; active: boolean }): JSX.Element {
  const m = job.meta ?? {};
  const [broken, setBroken] = useState(false);
  if (job.status === 'completed') {
    const preview = m.preview_url ?? job.video?.url;
    return (
      <span class="thumb">
        {m.poster_url && !broken ? (
          <img src={ownAddress(m.poster_url)} alt="" decoding="async" onError={() => setBroken(true)} />
        ) : (
          <Icon name="play" />
        )}
        {active && preview && !still.matches && (
          <video src={ownAddress(preview)} muted loop autoPlay playsInline aria-hidden="true" tabIndex={-1} />
        )}
      </span>
    );
  }
  if (job.status === 'error')
    return (
      <span class="thumb thumb-error">
        <Icon name={job.error?.name === 'CancelledException' ? 'close' : 'alert'} />
        <span class="thumb-text">{job.error?.name === 'CancelledException' ? 'Cancelled' : 'Not made'}</span>
      </span>
    );
  const queued = job.status === 'queued';
  return (
    <span class="thumb thumb-busy">
      <span class="thumb-text">{queued ? 'Waiting' : `${stageName(m.stage)} ${Math.round((m.progress ?? 0) * 100)} %`}</span>
      {!queued && <Progress value={m.progress ?? 0} label="Progress" />}
    </span>
  );
}
