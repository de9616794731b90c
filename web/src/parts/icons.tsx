// icons.tsx - the few signs of the page, drawn on a 24-unit square in the colour of the text.
import type { JSX } from 'preact';

const paths = {
  play: 'M8 5.5v13l10.5-6.5z',
  pause: 'M8 5.5v13M16 5.5v13',
  back: 'M17 6l-8 6 8 6zM6.5 6v12',
  forward: 'M7 6l8 6-8 6zM17.5 6v12',
  loop: 'M5 12a6 6 0 0 1 6-6h7m-3-3 3 3-3 3M19 12a6 6 0 0 1-6 6H6m3 3-3-3 3-3',
  full: 'M4 9V4h5M20 9V4h-5M4 15v5h5M20 15v5h-5',
  download: 'M12 4v11m-4.5-4.5L12 15l4.5-4.5M5 20h14',
  image: 'M4 5h16v14H4zM4 16l5-5 4 4 2.5-2.5L20 17M15.5 9.2v.1',
  close: 'M6 6l12 12M18 6L6 18',
  sun: 'M12 8a4 4 0 1 0 0 8 4 4 0 0 0 0-8zM12 2.5v2M12 19.5v2M2.5 12h2M19.5 12h2M5.3 5.3l1.4 1.4M17.3 17.3l1.4 1.4M18.7 5.3l-1.4 1.4M6.7 17.3l-1.4 1.4',
  moon: 'M19.5 14.5A8 8 0 0 1 9.5 4.5a8 8 0 1 0 10 10z',
  contrast: 'M12 4a8 8 0 1 0 0 16 8 8 0 0 0 0-16zM12 4v16M12 8h3.5M12 12h4.5M12 16h3.5',
  copy: 'M9 9h11v11H9zM5 15H4V4h11v1',
  check: 'M5 12.5l4.5 4.5L19 7.5',
  trash: 'M4.5 7h15M9.5 7V4.5h5V7M6.5 7l1 13h9l1-13M10 11v5.5M14 11v5.5',
  dice: 'M5 5h14v14H5zM9 9v.1M15 9v.1M12 12v.1M9 15v.1M15 15v.1',
  create: 'M12 5v14M5 12h14',
  history: 'M4 5h7v6H4zM13 5h7v6h-7zM4 13h7v6H4zM13 13h7v6h-7z',
  compare: 'M4 6h7v12H4zM13 6h7v12h-7z',
  build: 'M8.5 7 3.5 12l5 5M15.5 7l5 5-5 5M13.5 5l-3 14',
  manage: 'M4 8h9M17 8h3M4 16h3M11 16h9M15 5.5v5M9 13.5v5',
  docs: 'M5 4.5h9a3 3 0 0 1 3 3v12H8a3 3 0 0 1-3-3zM8.5 9h5M8.5 12.5h5M19.5 7v12.5',
  again: 'M19 12a7 7 0 1 1-2-4.9M17.5 3v4.5H13',
  alert: 'M12 4 2.8 20h18.4zM12 10v4.5M12 17.2v.1',
  search: 'M10.5 4.5a6 6 0 1 0 0 12 6 6 0 0 0 0-12zM15 15l5 5',
  out: 'M10 4.5H5v15h5M14 8l4 4-4 4M18 12H9.5',
  external: 'M9 5h10v10M19 5 6 18',
  camera: 'M4 7h11v10H4zM15 10.5l5-3v9l-5-3z',
} as const;

export type IconName = keyof typeof paths;

const filled = new Set<IconName>(['play', 'back', 'forward']);

export function Icon({ name }: { name: IconName }): JSX.Element {
  return (
    <svg class={filled.has(name) ? 'icon icon-filled' : 'icon'} viewBox="0 0 24 24" aria-hidden="true">
      <path d={paths[name]} />
    </svg>
  );
}

/** The mark: slits of a turning drum, narrower towards its edges. */
export function Mark(): JSX.Element {
  return (
    <svg class="mark" viewBox="0 0 32 32" aria-hidden="true">
      <rect class="mark-drum" width="32" height="32" rx="8" />
      <rect class="mark-slit mark-far" x="6" y="9" width="2.5" height="14" rx="1.25" />
      <rect class="mark-slit" x="11.25" y="7.5" width="3" height="17" rx="1.5" />
      <rect class="mark-slit" x="17.75" y="7.5" width="3" height="17" rx="1.5" />
      <rect class="mark-slit mark-far" x="23.5" y="9" width="2.5" height="14" rx="1.25" />
    </svg>
  );
}
