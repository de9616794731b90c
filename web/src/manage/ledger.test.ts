import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Transaction } from '../api/types';
import { byDay, roundUp } from './ledger';

const row = (created_at: string, credits: number, direction: 'CHARGE' | 'TOPUP' = 'CHARGE'): Transaction => ({
  created_at,
  direction,
  type: direction === 'CHARGE' ? 'MODEL_USAGE' : 'PAYMENT',
  amount: { usd: credits / 2e6, credits },
  model: null,
  reference_id: null,
});

test('days without an entry are there, and entries before the first are not', () => {
  const days = byDay(
    [row('2026-03-01T23:59:59.999Z', 5), row('2026-02-28T00:00:00.000Z', 7), row('2026-02-28T12:00:00.000Z', 100, 'TOPUP'), row('2026-02-20T00:00:00.000Z', 9)],
    3,
    Date.parse('2026-03-01T00:00:00Z'),
  );
  assert.deepEqual(days, [
    { date: '2026-02-27', charged: 0, added: 0, videos: 0 },
    { date: '2026-02-28', charged: 7, added: 100, videos: 1 },
    { date: '2026-03-01', charged: 5, added: 0, videos: 1 },
  ]);
});

test('the axis ends at a round number', () => {
  assert.deepEqual([0, 1, 3, 120_000, 240_001, 999].map(roundUp), [1, 1, 5, 200_000, 250_000, 1000]);
});
