// notices.ts - what is said aloud and what is shown in passing.
import { signal } from '@preact/signals';

/** The text of the polite live region; screen readers speak each change. */
export const spoken = signal('');

export function announce(text: string): void {
  // The same text twice would not be a change; a no-break space makes it one.
  spoken.value = spoken.peek() === text ? `${text}\u00a0` : text;
}

export interface Toast {
  id: number;
  text: string;
  action?: { label: string; run(): void };
}

export const toasts = signal<Toast[]>([]);
let counter = 0;

export function toast(text: string, action?: Toast['action'], ms = 6_000): number {
  const id = ++counter;
  toasts.value = [...toasts.peek(), action ? { id, text, action } : { id, text }];
  setTimeout(() => dismiss(id), ms);
  return id;
}

export function dismiss(id: number): void {
  toasts.value = toasts.peek().filter((t) => t.id !== id);
}
