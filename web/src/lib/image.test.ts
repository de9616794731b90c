import assert from 'node:assert/strict';
import { test } from 'node:test';
import { judge, sniff } from './image';

const limits = {
  required: false,
  types: ['image/jpeg', 'image/png'],
  bytes_max: 20_000_000,
  short_side_over: 300,
  ratio_over: 0.4,
  ratio_under: 2.5,
};
const broken = (m: object): string[] => judge(m, limits).filter((v) => v.ok === false).map((v) => v.rule);
const good = { type: 'image/png', bytes: 1000, width: 640, height: 480 };

test('the limits themselves are outside, but for the size', () => {
  assert.deepEqual(broken(good), []);
  assert.deepEqual(broken({ ...good, bytes: 20_000_000 }), []);
  assert.deepEqual(broken({ ...good, bytes: 20_000_001 }), ['size']);
  assert.deepEqual(broken({ ...good, width: 300 }), ['sides']);
  assert.deepEqual(broken({ ...good, width: 301 }), []);
  assert.deepEqual(broken({ ...good, width: 1000, height: 400 }), ['ratio']);
  assert.deepEqual(broken({ ...good, width: 400, height: 1000 }), ['ratio']);
});

test('every broken rule is told with what was measured', () => {
  const texts = judge({ type: 'image/webp', bytes: 30_000_000, width: 900, height: 200 }, limits).map((v) => v.text);
  assert.deepEqual(texts, [
    'Type is WEBP, must be JPEG or PNG',
    'Size is 30.0 MB, must not exceed 20.0 MB',
    'Shorter side is 200 px, must exceed 300 px',
    'Width to height is 4.50, must be between 0.4 and 2.5',
  ]);
});

test('what cannot be seen here is not judged here', () => {
  assert.deepEqual(judge({}, limits).map((v) => v.ok), [null, null, null, null]);
});

test('the type comes from the bytes', () => {
  assert.equal(sniff(new Uint8Array([0xff, 0xd8, 0xff, 0xe0])), 'image/jpeg');
  assert.equal(sniff(new TextEncoder().encode('RIFF....WEBPVP8 ')), 'image/webp');
  assert.equal(sniff(new TextEncoder().encode('<svg/>')), '');
});
