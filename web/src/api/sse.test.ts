import assert from 'node:assert/strict';
import { test } from 'node:test';
import { EventParser } from './sse';

const stream = 'retry: 2000\r\n\r\nid: 7\r\nevent: generation\r\ndata: {"id":"a"}\r\n\r\n: keep-alive\r\n\r\nid: 8\nevent: removed\ndata: {\ndata: }\n\n';

test('a stream cut anywhere gives the same events', () => {
  const want = [
    { id: '7', name: 'generation', data: '{"id":"a"}' },
    { id: '8', name: 'removed', data: '{\n}' },
  ];
  for (let cut = 0; cut <= stream.length; cut++) {
    const parser = new EventParser();
    const got = [...parser.push(stream.slice(0, cut)), ...parser.push(stream.slice(cut))];
    assert.deepEqual(got, want, `cut at ${cut}`);
    assert.equal(parser.retry, 2000);
  }
});

test('an event without its empty line is not there yet', () => {
  const parser = new EventParser();
  assert.deepEqual(parser.push('id: 9\ndata: x\n'), []);
  assert.equal(parser.push('\n').length, 1);
});

test('the id stays for events that carry none', () => {
  const parser = new EventParser();
  assert.deepEqual(parser.push('id: 3\ndata: a\n\ndata: b\n\n').map((e) => e.id), ['3', '3']);
});
