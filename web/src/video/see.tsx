// see.tsx - a finished video and what can be done with it.
import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import { useRef } from 'preact/hooks';
import { ownAddress } from '../api/http';
import type { Generation } from '../api/types';
import { rateOf } from '../lib/frames';
import { pictureOfFile } from '../lib/image';
import { Icon } from '../parts/icons';
import { draftFrom, sendDraft, setPicture, shownJob } from '../state/draft';
import { refreshJob } from '../state/jobs';
import { announce, toast } from '../state/notices';
import { go } from '../state/router';
import { Facts, Prompt } from './facts';
import { lastFrame } from './last-frame';
import { Player } from './player';

export function See({ job }: { job: Generation }): JSX.Element {
  const src = ownAddress(job.video?.url ?? '');
  const renewals = useSignal(0);
  const video = useRef<HTMLVideoElement>(null);

  // A signed address ends; reading the job gives a fresh one. Twice, then the fault is another.
  const renew = async (): Promise<void> => {
    if (renewals.peek() >= 2) return void toast('The video cannot be loaded.');
    renewals.value++;
    await refreshJob(job.id).catch(() => toast('The server does not answer.'));
  };
  return (
    <article class="see" aria-label="Finished video">
      <Player
        src={src}
        poster={job.meta?.poster_url && ownAddress(job.meta.poster_url)}
        width={job.meta?.width ?? 1280}
        height={job.meta?.height ?? 720}
        fps={rateOf(job)}
        label={job.meta?.prompt_original || 'Video'}
        onFailed={() => void renew()}
        videoRef={video}
      />
      <Actions job={job} src={src} />
      <Prompt job={job} />
      <Facts job={job} />
    </article>
  );
}

function Actions({ job, src }: { job: Generation; src: string }): JSX.Element {
  const again = async (): Promise<void> => {
    draftFrom(job, true);
    go('/create');
    // The first frame is not kept for clients: such a job has to be given its picture again.
    if (job.meta?.has_image) return void toast('Add its first frame again, then send.');
    setPicture(null);
    const sent = await sendDraft();
    if (sent) announce('Sent with another seed.');
  };
  const carryOn = async (): Promise<void> => {
    try {
      const still = await lastFrame(src, rateOf(job));
      setPicture(await pictureOfFile(still, 'last frame.png'));
      go('/create');
      announce('The last frame is the first frame now.');
    } catch {
      toast('The last frame cannot be read from this video.');
    }
  };
  return (
    <div class="actions">
      <a class="button primary" href={src} download={`zoetrope-${job.id}.mp4`}>
        <Icon name="download" />
        Download
      </a>
      <button type="button" class="button" onClick={() => void again()}>
        <Icon name="again" />
        Again, another seed
      </button>
      <button type="button" class="button" onClick={() => void carryOn()}>
        <Icon name="image" />
        Last frame as first frame
      </button>
      <a class="button" href={`#/compare?a=${encodeURIComponent(job.id)}`}>
        <Icon name="compare" />
        Compare
      </a>
      {shownJob.value === job.id && (
        <a class="button" href={`#/video/${encodeURIComponent(job.id)}`}>
          <Icon name="external" />
          Open
        </a>
      )}
    </div>
  );
}
