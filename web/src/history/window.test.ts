import assert from 'node:assert/strict';
import { test } from 'node:test';
import { rowsInSight, shapeOf } from './window';

const card = { least: 240, gap: 20, text: 80 };

test('the grid has a column even where none fits', () => {
  assert.deepEqual(shapeOf(100, 3, card), { columns: 1, rowHeight: 156, rows: 3 });
});

test('cards share the width', () => {
  assert.deepEqual(shapeOf(1020, 2000, card), { columns: 4, rowHeight: 235, rows: 500 });
});

test('of 2,000 cards only those near the window are drawn', () => {
  const shape = shapeOf(1020, 2000, card);
  for (let top = -500; top < shape.rows * shape.rowHeight + 1000; top += 333) {
    const { from, to } = rowsInSight(shape, top, 900);
    assert.ok(from >= 0 && to <= shape.rows && from <= to, `at ${top}`);
    assert.ok(to - from <= 12, `at ${top}: ${to - from} rows`);
    if (top >= 0 && top < shape.rows * shape.rowHeight) assert.ok(from * shape.rowHeight <= top && to > from, `at ${top}`);
  }
});
