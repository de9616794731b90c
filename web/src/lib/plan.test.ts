import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Plan } from '../api/types';
import { doingOf, sceneOf, stretches, subjectOf } from './plan';

const plan: Plan = {
  place: 'forest',
  weather: ['rain', 'fog'],
  without: ['plants'],
  cast: [
    { noun: 'foxes', picture: 'fox', count: 2, color: 'red', size: 'big', moves: [{ move: 'chase', from: 0, to: 2, target: 1 }, { move: 'run', from: 2, to: 4 }] },
    { noun: 'rabbit', picture: 'rabbit', count: 1, at: { where: 'on', target: 0 }, holds: 'lantern', moves: [] },
  ],
};

test('the scene names all weathers and what was left out', () => {
  assert.deepEqual(sceneOf(plan), [['Place', 'forest'], ['Weather', 'rain, fog'], ['Without', 'plants']]);
});

test('a subject has its number, size and colour, and does it to whom it was told', () => {
  const [foxes, rabbit] = plan.cast!;
  assert.equal(subjectOf(foxes!), '2 big red foxes');
  assert.equal(doingOf(foxes!, plan.cast!), 'chase rabbit, then run');
  assert.equal(subjectOf(rabbit!), 'rabbit');
  assert.equal(doingOf(rabbit!, plan.cast!), 'on foxes, with lantern');
});

test('a camera without anybody has its moves alone', () => {
  assert.equal(stretches([{ move: 'Pan left', from: 0, to: 3 }, { move: 'Zoom in', from: 3, to: 5 }]), 'Pan left, then Zoom in');
});
