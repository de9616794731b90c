// ledger.ts - transactions gathered by day, for the chart.
import type { Transaction } from '../api/types';

export interface Day {
  /** 2026-08-17, in UTC as the ledger counts. */
  date: string;
  charged: number;
  added: number;
  videos: number;
}

const DAY_MS = 86_400_000;
export const dateOf = (ms: number): string => new Date(ms).toISOString().slice(0, 10);

/** The last so many days up to now, the empty ones too. */
export function byDay(rows: readonly Transaction[], days: number, now: number): Day[] {
  const list = Array.from({ length: days }, (_, i) => ({
    date: dateOf(now - (days - 1 - i) * DAY_MS),
    charged: 0,
    added: 0,
    videos: 0,
  }));
  const at = new Map(list.map((d) => [d.date, d]));
  for (const row of rows) {
    const day = at.get(row.created_at.slice(0, 10));
    if (!day) continue;
    if (row.direction === 'CHARGE') {
      day.charged += row.amount.credits;
      day.videos += row.type === 'MODEL_USAGE' ? 1 : 0;
    } else day.added += row.amount.credits;
  }
  return list;
}

/** A round number at or above: the top of an axis. */
export function roundUp(n: number): number {
  if (n <= 0) return 1;
  const power = 10 ** Math.floor(Math.log10(n));
  return ([1, 2, 2.5, 5, 10].find((f) => f * power >= n) ?? 10) * power;
}
