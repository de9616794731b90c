// compare.tsx - two videos on one clock, side by side or one over the other.
import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { listJobs, query } from '../api/client';
import { ownAddress } from '../api/http';
import type { Generation } from '../api/types';
import { frameAt, middleOf, rateOf } from '../lib/frames';
import { Empty, Heading, IconButton, Segments } from '../parts/controls';
import { jobSignal, refreshJob, takeJobs } from '../state/jobs';
import { place, rewrite } from '../state/router';
import { onKeys, TransportBar, useTransport, type VideoRef } from '../video/transport';

type Layout = 'beside' | 'over';

export function CompareView(): JSX.Element {
  const a = place.value.query.get('a') ?? '';
  const b = place.value.query.get('b') ?? '';
  const choices = useSignal<Generation[]>([]);
  const [layout, setLayout] = useState<Layout>('beside');

  useEffect(() => {
    listJobs({ status: 'completed' }, 60).then(
      (page) => {
        takeJobs(page.data);
        choices.value = page.data;
      },
      () => undefined,
    );
  }, []);
  useEffect(() => {
    for (const id of [a, b]) if (id) void refreshJob(id).catch(() => null);
  }, [a, b]);

  const change = (part: { a?: string; b?: string }): void => rewrite(`#/compare${query({ a, b, ...part })}`);
  const left = a ? jobSignal(a).value : undefined;
  const right = b ? jobSignal(b).value : undefined;
  return (
    <div class="page page-wide">
      <Heading title="Compare">
        <Segments
          label="Layout"
          value={layout}
          options={[
            { value: 'beside', label: 'Side by side' },
            { value: 'over', label: 'Wipe' },
          ]}
          onChange={(l) => setLayout(l)}
        />
      </Heading>
      <div class="compare-choice">
        <Choice label="First" id={a} jobs={choices.value} onChange={(id) => change({ a: id })} />
        <IconButton icon="loop" label="Swap" onClick={() => change({ a: b, b: a })} />
        <Choice label="Second" id={b} jobs={choices.value} onChange={(id) => change({ b: id })} />
      </div>
      {left?.video && right?.video ? (
        <Pair key={`${a} ${b}`} left={left} right={right} layout={layout} />
      ) : (
        <Empty title={choices.value.length < 2 ? 'Comparing takes two finished videos.' : 'Choose two videos.'}>
          <p class="hint">They run on one clock: play, step and seek move both.</p>
        </Empty>
      )}
    </div>
  );
}

function Choice(props: { label: string; id: string; jobs: Generation[]; onChange(id: string): void }): JSX.Element {
  const known = props.jobs.some((j) => j.id === props.id);
  return (
    <select class="input" aria-label={`${props.label} video`} value={props.id} onChange={(e) => props.onChange(e.currentTarget.value)}>
      <option value="">{props.label} video…</option>
      {props.id && !known && <option value={props.id}>{nameOf(jobSignal(props.id).value, props.id)}</option>}
      {props.jobs.map((j) => (
        <option key={j.id} value={j.id}>
          {nameOf(j, j.id)}
        </option>
      ))}
    </select>
  );
}

function nameOf(job: Generation | undefined, id: string): string {
  const words = job?.meta?.prompt_original ?? '';
  return `${words.length > 40 ? `${words.slice(0, 40)}…` : words || id} (seed ${job?.meta?.seed ?? '?'})`;
}

function Pair({ left, right, layout }: { left: Generation; right: Generation; layout: Layout }): JSX.Element {
  const first = useRef<HTMLVideoElement>(null);
  const second = useRef<HTMLVideoElement>(null);
  const box = useRef<HTMLDivElement>(null);
  const [wipe, setWipe] = useState(50);
  const fps = rateOf(left);
  const transport = useTransport(fps, first, second);
  useSync(first, second, fps);
  useEffect(() => box.current?.style.setProperty('--wipe', `${wipe}%`), [wipe]);
  useEffect(() => {
    const ratio = `${left.meta?.width ?? 16} / ${left.meta?.height ?? 9}`;
    box.current?.style.setProperty('--ratio', ratio);
  }, [left]);

  return (
    <div class={`pair pair-${layout}`} ref={box} role="group" aria-label="Two videos on one clock" onKeyDown={onKeys(transport)}>
      <div class="pair-screens">
        <Side job={left} video={first} name="First" />
        <Side job={right} video={second} name="Second" />
        {layout === 'over' && (
          <input
            type="range"
            class="wipe"
            min={0}
            max={100}
            value={wipe}
            aria-label="Where the first ends and the second begins"
            aria-valuetext={`${wipe} %`}
            onInput={(e) => setWipe(Number(e.currentTarget.value))}
          />
        )}
      </div>
      <TransportBar of={transport} both />
      <div class="pair-words">
        <Words job={left} />
        <Words job={right} />
      </div>
    </div>
  );
}

function Side(props: { job: Generation; video: VideoRef; name: string }): JSX.Element {
  const renewed = useRef(false);
  const renew = (): void => {
    if (!renewed.current) void refreshJob(props.job.id).catch(() => null);
    renewed.current = true;
  };
  return (
    <div class="pair-side">
      <video
        ref={props.video}
        src={ownAddress(props.job.video?.url ?? '')}
        poster={props.job.meta?.poster_url && ownAddress(props.job.meta.poster_url)}
        muted
        loop
        playsInline
        preload="auto"
        aria-label={`${props.name} video`}
        onError={renew}
      />
    </div>
  );
}

function Words({ job }: { job: Generation }): JSX.Element {
  return (
    <div>
      <p class="words-sent" dir="auto">
        {job.meta?.prompt_original ?? job.meta?.prompt}
      </p>
      <p class="hint">
        {job.meta?.model} · {job.meta?.engine} · seed <span class="mono">{job.meta?.seed}</span>
      </p>
    </div>
  );
}

/** Less apart than this cannot be seen: it is less than half a frame of any film. */
const DRIFT_S = 0.016;
/** Further apart than this the second jumps; nearer it runs a little faster or slower, which nobody sees. */
const JUMP_S = 0.4;

/** The second follows the first: it plays, stops and loops with it, and is put right when it drifts. */
function useSync(first: VideoRef, second: VideoRef, fps: number): void {
  useEffect(() => {
    const a = first.current;
    const b = second.current;
    if (!a || !b) return undefined;
    let request = 0;
    const follow = (): void => {
      const behind = a.currentTime - b.currentTime;
      if (Math.abs(behind) > JUMP_S && !b.seeking) b.currentTime = a.currentTime;
      const correction = Math.abs(behind) > DRIFT_S ? Math.max(-0.4, Math.min(0.4, 3 * behind)) : 0;
      b.playbackRate = a.playbackRate * (1 + correction);
      request = requestAnimationFrame(follow);
    };
    const play = (): void => {
      void b.play().catch(() => undefined);
      cancelAnimationFrame(request);
      follow();
    };
    const stop = (): void => {
      b.pause();
      cancelAnimationFrame(request);
      // At rest both show the same frame, whatever a decoder was late by.
      const to = middleOf(frameAt(a.currentTime, a.duration || 0, fps), fps);
      for (const v of [a, b]) v.currentTime = Math.min(to, v.duration || to);
    };
    a.addEventListener('play', play);
    a.addEventListener('pause', stop);
    return () => {
      cancelAnimationFrame(request);
      a.removeEventListener('play', play);
      a.removeEventListener('pause', stop);
    };
  }, [fps]);
}
