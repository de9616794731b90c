import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Generation } from '../api/types';
import { frameAt, framesIn, middleOf, rateOf } from './frames';

test('each frame is found again at its middle, whatever the rate', () => {
  for (const fps of [16, 24, 25, 30]) {
    const duration = 81 / fps;
    assert.equal(framesIn(duration, fps), 81);
    for (let n = 0; n < 81; n++) assert.equal(frameAt(middleOf(n, fps), duration, fps), n);
  }
});

test('before the beginning is the first frame and after the end the last', () => {
  assert.equal(frameAt(-1, 2, 16), 0);
  assert.equal(frameAt(9, 2, 16), 31);
  assert.equal(frameAt(0, 0, 16), 0);
});

test('a job says its rate, an old one does not', () => {
  assert.equal(rateOf({ id: 'a', status: 'completed', meta: { fps: 16 } } as Generation), 16);
  assert.equal(rateOf({ id: 'a', status: 'completed', meta: {} } as Generation), 25);
});
