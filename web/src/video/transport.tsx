// transport.tsx - what moves a film, or two on one clock: play, single frames, a scrubber, the speed.
import type { ComponentChildren, JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { clock } from '../lib/format';
import { frameAt, framesIn, middleOf } from '../lib/frames';
import { IconButton } from '../parts/controls';

const speeds = [0.25, 0.5, 1, 1.5, 2] as const;

export interface VideoRef {
  current: HTMLVideoElement | null;
}

export interface Transport {
  time: number;
  duration: number;
  playing: boolean;
  /** The one that is shown, from 0. */
  frame: number;
  frames: number;
  speed: number;
  toggle(): void;
  /** Stops there; what lies outside of the film is its first or last frame. */
  seek(frame: number): void;
  step(by: number): void;
  setSpeed(speed: number): void;
  /** Goes by so many places in the row of speeds. */
  faster(by: number): void;
}

/** The first is the clock, and its frames are counted; the others are put to the same time and speed. */
export function useTransport(fps: number, first: VideoRef, ...others: VideoRef[]): Transport {
  const [speed, setSpeed] = useState(1);
  const state = useClock(first);
  const frames = framesIn(state.duration, fps);
  const elements = (): HTMLVideoElement[] => [first, ...others].flatMap((v) => v.current ?? []);
  useEffect(() => {
    for (const v of elements()) v.playbackRate = speed;
  }, [speed]);

  const seek = (frame: number): void => {
    if (!frames) return;
    first.current?.pause();
    const to = middleOf(Math.max(0, Math.min(frames - 1, frame)), fps);
    for (const v of elements()) v.currentTime = Math.min(to, v.duration || to);
  };
  return {
    ...state,
    frame: frameAt(state.time, state.duration, fps),
    frames,
    speed,
    toggle() {
      const v = first.current;
      if (v?.paused) playSoon(v);
      else v?.pause();
    },
    seek,
    step: (by) => seek(frameAt(first.current?.currentTime ?? 0, state.duration, fps) + by),
    setSpeed,
    faster(by) {
      const at = speeds.indexOf(speed as (typeof speeds)[number]) + by;
      setSpeed(speeds[Math.max(0, Math.min(speeds.length - 1, at))] ?? 1);
    },
  };
}

/** A film whose address has just ended is asked for anew: it plays as soon as it is there. */
function playSoon(v: HTMLVideoElement): void {
  v.play().catch(() => {
    if (v.error) v.addEventListener('loadedmetadata', () => void v.play().catch(() => undefined), { once: true });
  });
}

/** Keys of a box with a transport in it: its own, and those that the view adds. */
export function onKeys(t: Transport, more: Record<string, () => void> = {}): (e: KeyboardEvent) => void {
  const keys: Record<string, () => void> = { ' ': t.toggle, k: t.toggle, ',': () => t.step(-1), '.': () => t.step(1), ...more };
  return (e) => {
    const act = keys[e.key];
    const ownKey = e.key === ' ' && (e.target as HTMLElement).matches('button, select');
    if (!act || ownKey || e.ctrlKey || e.metaKey || e.altKey) return;
    e.preventDefault();
    act();
  };
}

/** Behind the speed stands what the view adds. */
export function TransportBar(props: { of: Transport; both?: boolean; children?: ComponentChildren }): JSX.Element {
  const t = props.of;
  const [both, ofBoth] = props.both ? [' both', ' of both'] : ['', ''];
  return (
    <div class="transport">
      <input
        type="range"
        class="scrubber"
        min={0}
        max={Math.max(0, t.frames - 1)}
        step={1}
        value={t.frame}
        aria-label={`Frame${ofBoth}`}
        aria-valuetext={`Frame ${t.frame + 1} of ${t.frames}, ${clock(t.time)}`}
        onInput={(e) => t.seek(Number(e.currentTarget.value))}
      />
      <div class="transport-row">
        <IconButton icon="back" label="One frame back" shortcut="," onClick={() => t.step(-1)} />
        <IconButton icon={t.playing ? 'pause' : 'play'} label={`${t.playing ? 'Pause' : 'Play'}${both}`} shortcut="space" class="play" onClick={t.toggle} />
        <IconButton icon="forward" label="One frame on" shortcut="." onClick={() => t.step(1)} />
        <span class="timecode">
          <span>
            {clock(t.time)} <span class="quiet">/ {clock(t.duration)}</span>
          </span>
          <span class="frame-number">
            frame {t.frames ? t.frame + 1 : 0}
            <span class="quiet"> / {t.frames}</span>
          </span>
        </span>
        <select
          class="input small-select"
          aria-label={`Speed${ofBoth}`}
          value={String(t.speed)}
          onChange={(e) => t.setSpeed(Number(e.currentTarget.value))}
        >
          {speeds.map((s) => (
            <option key={s} value={String(s)}>
              {s}×
            </option>
          ))}
        </select>
        {props.children}
      </div>
    </div>
  );
}

/** The video's time and whether it runs, read at every frame that is shown while it plays. */
function useClock(video: VideoRef): { time: number; duration: number; playing: boolean } {
  const [state, setState] = useState({ time: 0, duration: 0, playing: false });
  useEffect(() => {
    const v = video.current;
    if (!v) return undefined;
    let request = 0;
    const read = (): void =>
      setState({ time: v.currentTime, duration: Number.isFinite(v.duration) ? v.duration : 0, playing: !v.paused });
    const tick = (): void => {
      read();
      request = v.paused ? 0 : requestAnimationFrame(tick);
    };
    const start = (): void => {
      if (!request) tick();
    };
    const names = ['play', 'pause', 'seeked', 'loadedmetadata', 'durationchange', 'timeupdate'] as const;
    for (const name of names) v.addEventListener(name, name === 'play' ? start : read);
    read();
    return () => {
      cancelAnimationFrame(request);
      for (const name of names) v.removeEventListener(name, name === 'play' ? start : read);
    };
  }, []);
  return state;
}
