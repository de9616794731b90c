// router.ts - the view that the address names: `#/history?status=error`, `#/video/ID`.
import { computed, signal } from '@preact/signals';

export interface Place {
  view: string;
  id: string;
  query: URLSearchParams;
}

export function parsePlace(hash: string): Place {
  const [path = '', search = ''] = hash.replace(/^#\/?/, '').split('?', 2);
  const [view = '', id = ''] = path.split('/');
  return { view: view || 'create', id: decodeURIComponent(id), query: new URLSearchParams(search) };
}

const hash = signal(location.hash);
export const place = computed(() => parsePlace(hash.value));

addEventListener('hashchange', () => (hash.value = location.hash));

/** Call after the key was taken out of the address. */
export const readAddress = (): void => void (hash.value = location.hash);

export function go(to: string): void {
  location.hash = to;
}

/** Changes the address without a step in the history: for filters that change with every key. */
export function rewrite(to: string): void {
  history.replaceState(null, '', to);
  hash.value = location.hash;
}
