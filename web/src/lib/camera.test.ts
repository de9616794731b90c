import assert from 'node:assert/strict';
import { test } from 'node:test';
import { insertCommand } from './camera';

function apply(text: string, command: string, together = false): string {
  const from = text.indexOf('|');
  const to = text.lastIndexOf('|') - (text.lastIndexOf('|') > from ? 1 : 0);
  const plain = text.replace(/\|/g, '');
  const put = insertCommand(plain, from, to, command, together);
  return plain.slice(0, put.from) + put.text + plain.slice(put.to);
}

test('words do not touch the bracket', () => {
  assert.equal(apply('|', 'Push in'), '[Push in]');
  assert.equal(apply('A fox|runs', 'Push in'), 'A fox [Push in] runs');
  assert.equal(apply('A fox |runs', 'Push in'), 'A fox [Push in] runs');
  assert.equal(apply('A fox|.', 'Push in'), 'A fox [Push in].');
});

test('a selection is replaced', () => {
  assert.equal(apply('A |red| fox', 'Shake'), 'A [Shake] fox');
});

test('commands join the bracket before the caret, three at most', () => {
  assert.equal(apply('[Pan left]|', 'Pedestal up', true), '[Pan left,Pedestal up]');
  assert.equal(apply('[Pan left]|', 'Pan left', true), '[Pan left] [Pan left]');
  assert.equal(apply('[Pan left,Shake,Zoom in]|', 'Push in', true), '[Pan left,Shake,Zoom in] [Push in]');
});
