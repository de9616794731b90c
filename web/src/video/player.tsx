// player.tsx - a video with loop, single frames, speed and full screen, all of it by keyboard too.
import type { JSX } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { IconButton } from '../parts/controls';
import { onKeys, TransportBar, useTransport, type VideoRef } from './transport';

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
  videoRef?: VideoRef;
}

export function Player(props: PlayerProps): JSX.Element {
  const own = useRef<HTMLVideoElement>(null);
  const video = props.videoRef ?? own;
  const box = useRef<HTMLDivElement>(null);
  const [loop, setLoop] = useState(true);
  const transport = useTransport(props.fps, video);
  useKeptPlace(video, props.src);

  useEffect(() => {
    box.current?.style.setProperty('--ratio', `${props.width} / ${props.height}`);
  }, [props.width, props.height]);

  const full = (): void => {
    if (document.fullscreenElement) void document.exitFullscreen();
    else void box.current?.requestFullscreen().catch(() => undefined);
  };
  const onKeyDown = onKeys(transport, {
    l: () => setLoop((on) => !on),
    f: full,
    '<': () => transport.faster(-1),
    '>': () => transport.faster(1),
  });
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
          onClick={transport.toggle}
          onError={() => props.onFailed?.()}
        />
      </div>
      <TransportBar of={transport}>
        <IconButton icon="loop" label="Loop" shortcut="l" pressed={loop} onClick={() => setLoop(!loop)} />
        <IconButton icon="full" label="Full screen" shortcut="f" onClick={full} />
      </TransportBar>
    </div>
  );
}

/** A fresh address of the same video goes on where the old one stopped, and plays if it was to play. */
function useKeptPlace(video: VideoRef, src: string): void {
  const place = useRef({ src, time: 0, playing: false });
  useEffect(() => {
    const v = video.current;
    if (!v) return undefined;
    const { time, playing } = place.current;
    if (place.current.src !== src && (time > 0 || playing)) {
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
    const keepTime = (): void => {
      if (v.currentTime > 0) place.current.time = v.currentTime;
    };
    // Another address stops a video without an event: these two are of who watches it.
    const keepPlaying = (): void => {
      place.current.playing = !v.paused;
    };
    const names = ['play', 'pause'] as const;
    v.addEventListener('timeupdate', keepTime);
    for (const name of names) v.addEventListener(name, keepPlaying);
    return () => {
      v.removeEventListener('timeupdate', keepTime);
      for (const name of names) v.removeEventListener(name, keepPlaying);
    };
  }, [src]);
}
