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
  const narrow = width < 520;
  const gap = narrow ? 12 : GAP;
  const shape = shapeOf(width, items.length, { least: narrow ? 148 : LEAST, gap, text: TEXT });
  const cells = useRef<{ render: GridProps['render']; of: Map<Generation, JSX.Element> }>({ render, of: new Map() });

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

  // Not as custom properties: those are inherited, and a change of one restyles every card.
  useLayoutEffect(() => {
    const style = box.current?.style;
    if (!style) return;
    style.gap = `${gap}px`;
    style.gridTemplateColumns = `repeat(${shape.columns}, minmax(0, 1fr))`;
    style.gridAutoRows = `${shape.rowHeight - gap}px`;
    style.height = `${shape.rows * shape.rowHeight}px`;
    style.paddingTop = `${span.from * shape.rowHeight}px`;
  }, [gap, shape.columns, shape.rowHeight, shape.rows, span.from]);

  const from = span.from * shape.columns;
  const shown = width ? items.slice(from, span.to * shape.columns) : [];
  // A card that was drawn for the same row is the same object, which the library does not look into again.
  const before = cells.current.render === render ? cells.current.of : new Map<Generation, JSX.Element>();
  const of = new Map(shown.map((item) => [item, before.get(item) ?? render(item)]));
  cells.current = { render, of };
  return (
    <ul class="grid" ref={box} aria-label="Videos">
      {shown.map((item, i) => (
        <li key={item.id} aria-setsize={total ?? -1} aria-posinset={from + i + 1}>
          {of.get(item)}
        </li>
      ))}
    </ul>
  );
}
