// player.tsx - a video with loop, single frames, speed and full screen, all of it by keyboard too.
import type { JSX } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { clock } from '../lib/format';
import { frameAt, framesIn, middleOf } from '../lib/frames';
import { IconButton } from '../parts/controls';

export const speeds = [0.25, 0.5, 1, 1.5, 2] as const;

export interface PlayerProps {
  src: string;
  poster?: string | undefined;
  width: number;
  height: number;
  /** Frames a second. */
  fps: number;
  label: string;
  /** The address of the video is not valid any more, or the connection broke. */
  onFailed?(): void;
  videoRef?: { current: HTMLVideoElement | null };
}

export function Player(props: PlayerProps): JSX.Element {
  const own = useRef<HTMLVideoElement>(null);
  const video = props.videoRef ?? own;
  const box = useRef<HTMLDivElement>(null);
  const [playing, setPlaying] = useState(false);
  const [loop, setLoop] = useState(true);
  const [speed, setSpeed] = useState(1);
  const { time, duration } = useClock(video);
  const frames = framesIn(duration, props.fps);
  const frame = frameAt(time, duration, props.fps);
  useKeptPlace(video, props.src);

  useEffect(() => {
    box.current?.style.setProperty('--ratio', `${props.width} / ${props.height}`);
  }, [props.width, props.height]);
  useEffect(() => {
    if (video.current) video.current.playbackRate = speed;
  }, [speed]);

  const toggle = (): void => {
    const v = video.current;
    if (!v) return;
    if (v.paused) void v.play().catch(() => undefined);
    else v.pause();
  };
  const seek = (to: number): void => {
    const v = video.current;
    if (!v || !duration) return;
    v.pause();
    v.currentTime = middleOf(Math.max(0, Math.min(frames - 1, to)), props.fps);
  };
  const step = (by: number): void => seek(frameAt(video.current?.currentTime ?? 0, duration, props.fps) + by);
  const full = (): void => {
    if (document.fullscreenElement) void document.exitFullscreen();
    else void box.current?.requestFullscreen().catch(() => undefined);
  };
  const faster = (by: number): void => {
    const at = speeds.indexOf(speed as (typeof speeds)[number]) + by;
    setSpeed(speeds[Math.max(0, Math.min(speeds.length - 1, at))] ?? 1);
  };
  const keys: Record<string, () => void> = {
    ' ': toggle, k: toggle, ',': () => step(-1), '.': () => step(1), l: () => setLoop((on) => !on),
    f: full, '<': () => faster(-1), '>': () => faster(1),
  };
  const onKeyDown = (e: KeyboardEvent): void => {
    const act = keys[e.key];
    const target = e.target as HTMLElement;
    const ownKey = e.key === ' ' && target.matches('button, select');
    if (!act || ownKey || e.ctrlKey || e.metaKey || e.altKey) return;
    e.preventDefault();
    act();
  };
  return (
    <div class="player" ref={box} role="group" aria-label={props.label} onKeyDown={onKeyDown}>
      <div class="screen">
        <video
          ref={video}
          src={props.src}
          poster={props.poster}
          loop={loop}
          muted
          playsInline
          preload="auto"
          aria-label={props.label}
          onClick={toggle}
          onPlay={() => setPlaying(true)}
          onPause={() => setPlaying(false)}
          onError={() => props.onFailed?.()}
        />
      </div>
      <div class="transport">
        <input
          type="range"
          class="scrubber"
          min={0}
          max={Math.max(0, frames - 1)}
          step={1}
          value={frame}
          aria-label="Frame"
          aria-valuetext={`Frame ${frame + 1} of ${frames}, ${clock(time)}`}
          onInput={(e) => seek(Number(e.currentTarget.value))}
        />
        <div class="transport-row">
          <IconButton icon="back" label="One frame back" shortcut="," onClick={() => step(-1)} />
          <IconButton icon={playing ? 'pause' : 'play'} label={playing ? 'Pause' : 'Play'} shortcut="space" class="play" onClick={toggle} />
          <IconButton icon="forward" label="One frame on" shortcut="." onClick={() => step(1)} />
          <span class="timecode">
            <span>
              {clock(time)} <span class="quiet">/ {clock(duration)}</span>
            </span>
            <span class="frame-number">
              frame {frames ? frame + 1 : 0}
              <span class="quiet"> / {frames}</span>
            </span>
          </span>
          <select
            class="input small-select"
            aria-label="Speed"
            value={String(speed)}
            onChange={(e) => setSpeed(Number(e.currentTarget.value))}
          >
            {speeds.map((s) => (
              <option key={s} value={String(s)}>
                {s}×
              </option>
            ))}
          </select>
          <IconButton icon="loop" label="Loop" shortcut="l" pressed={loop} onClick={() => setLoop(!loop)} />
          <IconButton icon="full" label="Full screen" shortcut="f" onClick={full} />
        </div>
      </div>
    </div>
  );
}

/** The video's time, read at every frame that is shown while it plays. */
export function useClock(video: { current: HTMLVideoElement | null }): { time: number; duration: number } {
  const [state, setState] = useState({ time: 0, duration: 0 });
  useEffect(() => {
    const v = video.current;
    if (!v) return undefined;
    let request = 0;
    const read = (): void => setState({ time: v.currentTime, duration: Number.isFinite(v.duration) ? v.duration : 0 });
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

/** A fresh address of the same video goes on where the old one stopped. */
function useKeptPlace(video: { current: HTMLVideoElement | null }, src: string): void {
  const place = useRef({ src, time: 0, playing: false });
  useEffect(() => {
    const v = video.current;
    if (!v) return undefined;
    if (place.current.src !== src && place.current.time > 0) {
      const { time, playing } = place.current;
      v.addEventListener(
        'loadedmetadata',
        () => {
          v.currentTime = time;
          if (playing) void v.play().catch(() => undefined);
        },
        { once: true },
      );
    }
    place.current.src = src;
    const keep = (): void => {
      if (v.currentTime > 0) place.current = { src, time: v.currentTime, playing: !v.paused };
    };
    v.addEventListener('timeupdate', keep);
    return () => v.removeEventListener('timeupdate', keep);
  }, [src]);
}
