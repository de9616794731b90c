// camera.ts - the fifteen camera commands, and putting one into a prompt.

export const cameraCommands: readonly (readonly string[])[] = [
  ['Push in', 'Pull out', 'Zoom in', 'Zoom out'],
  ['Pan left', 'Pan right', 'Tilt up', 'Tilt down'],
  ['Truck left', 'Truck right', 'Pedestal up', 'Pedestal down'],
  ['Tracking shot', 'Static shot', 'Shake'],
];

export interface Insertion {
  /** What of the text is replaced. */
  from: number;
  to: number;
  text: string;
}

/** Up to three commands in one bracket run together. */
const TOGETHER = 3;

/**
 * Where a command goes: at the caret as a bracket of its own, with spaces around it where words touch;
 * together with the bracket that ends at the caret when that is asked for and it has room.
 */
export function insertCommand(text: string, from: number, to: number, command: string, together = false): Insertion {
  const open = /\[([^[\]]*)\]\s*$/.exec(text.slice(0, from));
  const inside = open?.[1]?.split(',').map((w) => w.trim()) ?? [];
  if (together && open && inside.length < TOGETHER && !inside.includes(command)) {
    const close = open.index + 1 + (open[1] ?? '').length;
    return { from: close, to: close, text: `,${command}` };
  }
  const before = from > 0 && !/\s$/.test(text.slice(0, from)) ? ' ' : '';
  const after = to < text.length && !/^[\s.,;:!?]/.test(text.slice(to)) ? ' ' : '';
  return { from, to, text: `${before}[${command}]${after}` };
}
