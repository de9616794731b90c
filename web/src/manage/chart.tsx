// chart.tsx - credits per day as bars. The same numbers stand in a table for those who cannot see it.
import type { JSX } from 'preact';
import { useLayoutEffect, useRef, useState } from 'preact/hooks';
import { count } from '../lib/format';
import { roundUp, type Day } from './ledger';

const HEIGHT = 220;
const LEFT = 44;
const BOTTOM = 26;
const TOP = 10;

const compact = new Intl.NumberFormat('en', { notation: 'compact' });
const dayName = new Intl.DateTimeFormat('en', { day: 'numeric', month: 'short', timeZone: 'UTC' });

export const nameOfDay = (date: string): string => dayName.format(new Date(date));

export function Chart({ days }: { days: readonly Day[] }): JSX.Element {
  const [shown, setShown] = useState<Day | null>(null);
  const box = useRef<HTMLElement>(null);
  const [width, setWidth] = useState(720);
  const top = roundUp(Math.max(...days.map((d) => d.charged)));
  const step = (width - LEFT) / days.length;
  const y = (value: number): number => TOP + (HEIGHT - TOP - BOTTOM) * (1 - value / top);
  const told = shown ?? days[days.length - 1];
  // Drawn at the width that it has, so that its words keep their size.
  useLayoutEffect(() => {
    const observer = new ResizeObserver(() => setWidth(Math.max(240, box.current?.clientWidth ?? 0)));
    if (box.current) observer.observe(box.current);
    return () => observer.disconnect();
  }, []);
  return (
    <figure class="chart" ref={box}>
      <figcaption>
        <span>Credits used per day</span>
        {told && (
          <span class="quiet">
            {nameOfDay(told.date)}: {count(told.charged)} credits, {told.videos} video{told.videos === 1 ? '' : 's'}
          </span>
        )}
      </figcaption>
      <svg viewBox={`0 0 ${width} ${HEIGHT}`} role="img" aria-label={`Credits used on the last ${days.length} days; the table below has the numbers`}>
        {[0, 0.5, 1].map((share) => (
          <g key={share}>
            <line class="chart-line" x1={LEFT} x2={width} y1={y(share * top)} y2={y(share * top)} />
            <text class="chart-text" x={LEFT - 10} y={y(share * top) + 4} text-anchor="end">
              {compact.format(share * top)}
            </text>
          </g>
        ))}
        {days.map((d, i) => (
          <g key={d.date} onPointerEnter={() => setShown(d)} onPointerLeave={() => setShown(null)}>
            <rect class="chart-touch" x={LEFT + i * step} y={TOP} width={step} height={HEIGHT - BOTTOM - TOP} />
            {d.charged > 0 && (
              <rect
                class={shown === d ? 'chart-bar on' : 'chart-bar'}
                x={LEFT + i * step + step * 0.16}
                width={step * 0.68}
                y={y(d.charged)}
                height={Math.max(1, y(0) - y(d.charged))}
                rx={2}
              />
            )}
            {(days.length - 1 - i) % (width < 480 ? 14 : 7) === 0 && (
              <text class="chart-text" x={LEFT + (i + 0.5) * step} y={HEIGHT - 8} text-anchor={i === days.length - 1 ? 'end' : 'middle'}>
                {nameOfDay(d.date)}
              </text>
            )}
          </g>
        ))}
      </svg>
    </figure>
  );
}
