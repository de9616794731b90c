// frames.ts - from seconds to frames and back.
import type { Generation } from '../api/types';

/** Jobs from before the server told their rate are of models that make 25 frames a second. */
const UNTOLD = 25;

export const rateOf = (job: Generation): number => job.meta?.fps || UNTOLD;

export const framesIn = (duration: number, fps: number): number => Math.round(duration * fps);

/** The number of the frame that is shown at s, from 0. */
export function frameAt(s: number, duration: number, fps: number): number {
  const last = Math.max(0, framesIn(duration, fps) - 1);
  return Math.min(last, Math.max(0, Math.floor(s * fps + 1e-3)));
}

/** The middle of a frame: its border may round to the one before. */
export const middleOf = (frame: number, fps: number): number => (frame + 0.5) / fps;
