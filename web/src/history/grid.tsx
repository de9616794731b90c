// grid.tsx - cards in rows, of which only those near the window are in the document.
import type { JSX } from 'preact';
import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import type { Generation } from '../api/types';
import { rowsInSight, shapeOf, type Span } from './window';

const LEAST = 232;
const GAP = 20;
/** Two lines of words and a foot, as the style sheet has them. */
const TEXT = 88;
/** Asked for before they are needed. */
const ROWS_AHEAD = 6;

export interface GridProps {
  items: readonly Generation[];
  total: number | null;
  render(item: Generation): JSX.Element;
  onNearEnd(): void;
}

export function Grid({ items, total, render, onNearEnd }: GridProps): JSX.Element {
  const box = useRef<HTMLUListElement>(null);
  const [width, setWidth] = useState(0);
  const [span, setSpan] = useState<Span>({ from: 0, to: 0 });
  const shape = shapeOf(width, items.length, { least: width < 520 ? 148 : LEAST, gap: width < 520 ? 12 : GAP, text: TEXT });

  useLayoutEffect(() => {
    const element = box.current;
    if (!element) return undefined;
    const observer = new ResizeObserver(() => setWidth(element.clientWidth));
    observer.observe(element);
    setWidth(element.clientWidth);
    return () => observer.disconnect();
  }, []);

  useEffect(() => {
    let frame = 0;
    const measure = (): void => {
      frame = 0;
      const top = -(box.current?.getBoundingClientRect().top ?? 0);
      const next = rowsInSight(shape, top, innerHeight);
      setSpan((now) => (now.from === next.from && now.to === next.to ? now : next));
      if (next.to + ROWS_AHEAD >= shape.rows) onNearEnd();
    };
    const soon = (): void => {
      if (!frame) frame = requestAnimationFrame(measure);
    };
    measure();
    addEventListener('scroll', soon, { passive: true });
    addEventListener('resize', soon);
    return () => {
      cancelAnimationFrame(frame);
      removeEventListener('scroll', soon);
      removeEventListener('resize', soon);
    };
  }, [shape.columns, shape.rowHeight, shape.rows, onNearEnd]);

  useLayoutEffect(() => {
    const style = box.current?.style;
    style?.setProperty('--columns', String(shape.columns));
    style?.setProperty('--row', `${shape.rowHeight}px`);
    style?.setProperty('--rows', String(shape.rows));
    style?.setProperty('--from', String(span.from));
    style?.setProperty('--gap', `${width < 520 ? 12 : GAP}px`);
  });

  const from = span.from * shape.columns;
  const shown = width ? items.slice(from, span.to * shape.columns) : [];
  return (
    <ul class="grid" ref={box} aria-label="Videos">
      {shown.map((item, i) => (
        <li key={item.id} aria-setsize={total ?? -1} aria-posinset={from + i + 1}>
          {render(item)}
        </li>
      ))}
    </ul>
  );
}
