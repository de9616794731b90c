import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { test } from 'node:test';
import { programs } from './languages';
import { ascii, cString, elided, python, shell } from './request';

const prompt = `It's "wild": $HOME \`ls\` \\ ??/ 100 % of 🦊 שועל\nnext line`;
const request = { origin: 'http://127.0.0.1:8080', path: 'v2/video/generations', body: { model: 'video-01', prompt, enhance_prompt: false }, key: '' };

test('a shell gives the prompt back as it was', () => {
  const got = execFileSync('/bin/sh', ['-c', `printf %s ${shell(ascii(JSON.stringify({ prompt })))}`], { encoding: 'utf8' });
  assert.equal(JSON.parse(got).prompt, prompt);
});

test('the shell program has no fault of syntax', () => {
  execFileSync('/bin/sh', ['-n'], { input: programs.curl(request) });
});

/** The answer of an invented curl goes through the program's own reader. */
function member(answer: unknown, name: string): string {
  const reader = /^member\(\) .*$/m.exec(programs.curl(request))![0];
  return execFileSync('/bin/sh', ['-c', `${reader}\nJOB=$(cat); member ${name}`], { input: JSON.stringify(answer), encoding: 'utf8' }).trim();
}

test('the shell program reads members, not what a prompt says of them', () => {
  const prompt_original = '{"id":"wrong","status":"wrong","url":"wrong"} \\"id":"wrong';
  const answer = { id: 'A-1_z', generation_id: 'other', status: 'completed', video: { url: 'http://h/a.mp4?x=1&y=2' }, meta: { prompt_original, poster_url: 'http://h/p' } };
  assert.deepEqual(['id', 'status', 'url'].map((name) => member(answer, name)), ['A-1_z', 'completed', 'http://h/a.mp4?x=1&y=2']);
});

test('the C string holds the same JSON', () => {
  const json = ascii(JSON.stringify({ prompt }));
  const back = cString(json).slice(1, -1).replace(/\\(.)/g, '$1');
  assert.equal(JSON.parse(back).prompt, prompt);
  assert.ok(!cString(json).includes('??/'), 'no trigraph');
});

test('Python gets its own words for true, false and nothing', () => {
  assert.equal(python({ a: true, b: null, c: 'x' }), '{\n    "a": True,\n    "b": None,\n    "c": "x",\n}');
});

test('the key stands in the program only when it was asked for', () => {
  for (const program of Object.values(programs)) {
    assert.ok(!program(request).includes('secret'));
    assert.ok(program({ ...request, key: 'secret' }).includes('secret'));
    assert.ok(program(request).includes('ZOETROPE_KEY'));
  }
});

test('a picture is shown short in every language', () => {
  const body = elided({ prompt: 'a fox', image_url: `data:image/png;base64,${'A'.repeat(5000)}` });
  for (const program of Object.values(programs)) {
    const shown = program({ ...request, body });
    assert.ok(shown.length < 3500 && /\(5022 characters\)/.test(shown.replace(/"\n\s*"/g, '')), shown);
  }
});
