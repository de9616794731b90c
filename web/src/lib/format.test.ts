import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bytes, clock, codePoints, seconds, usd } from './format';

test('a character outside the first plane counts once', () => {
  assert.equal(codePoints('a🦊é'), 3);
  assert.equal(codePoints('\ud83e'), 1, 'half a pair is one');
  assert.equal(codePoints('👨‍👩‍👧'), 5, 'joined emoji count by code point, as the API does');
});

test('sizes count by thousands, as the limit of 20 MB does', () => {
  assert.equal(bytes(999), '999 bytes');
  assert.equal(bytes(20_000_000), '20.0 MB');
  assert.equal(bytes(151_234_567), '151 MB');
});

test('money keeps the digits that tell videos apart', () => {
  assert.equal(usd(0.06), '$0.06');
  assert.equal(usd(0.065), '$0.065');
  assert.equal(usd(12), '$12.00');
});

test('the clock carries over', () => {
  assert.equal(clock(59.999), '1:00.00');
  assert.equal(clock(5.64), '0:05.64');
});

test('long stretches are told in larger units', () => {
  assert.deepEqual([7.94, 45, 200, 9000, 400_000].map(seconds), ['7.9 s', '45 s', '3 min', '3 h', '5 days']);
});
