// manage.test.mjs - programs that run, keys, credits, the server, the reference.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { promisify } from 'node:util';
import { openBrowser, pictures, scan, visit } from './browser.mjs';
import { noise } from './pictures.mjs';
import { Server } from './server.mjs';

const run = promisify(execFile);
let server, browser, folder;
before(async () => {
  folder = mkdtempSync(join(tmpdir(), 'zoetrope-build-'));
  [server, browser] = await Promise.all([new Server().start(), openBrowser()]);
  await server.make('A fox runs.');
});
after(async () => {
  await browser?.close();
  await server?.stop();
  rmSync(folder, { recursive: true, force: true });
});

/** The program as the copy button gives it. */
async function program(page, language, legacy = false) {
  await page.getByRole('radio', { name: language, exact: true }).check({ force: true });
  await page.getByRole('radio', { name: legacy ? 'Legacy' : 'Universal' }).check({ force: true });
  // What the clipboard held before must not be taken for what is put there now.
  await page.evaluate(() => navigator.clipboard.writeText(''));
  await page.locator('.build-code').getByRole('button', { name: /^Cop(y|ied)$/ }).click();
  return (await page.waitForFunction(() => navigator.clipboard.readText())).jsonValue();
}

const languages = [
  ['curl', 'video.sh', (file) => ['/bin/sh', [file]]],
  ['JavaScript', 'video.mjs', (file) => [process.execPath, [file]]],
  ['Python', 'video.py', (file) => ['/usr/bin/python3', [file]]],
  ['C', 'video.c', (file) => ['/bin/sh', ['-c', `cc ${file} -o video -lcurl -ljansson && ./video`]]],
];

for (const [language, name, how] of languages)
  test(`the program in ${language} makes the video, on both routes`, () =>
    visit(browser, server, async (page) => {
      await page.getByLabel('Prompt', { exact: true }).fill(`It's a "fox": 100 % 🦊`);
      for (const legacy of [false, true]) {
        const source = await program(page, language, legacy);
        assert.equal(source.includes('minimax'), legacy);
        assert.ok(!source.includes(server.key));
        const file = join(folder, name);
        writeFileSync(file, source);
        const [command, words] = how(file);
        await run(command, words, { cwd: folder, env: { ...process.env, ZOETROPE_KEY: server.key } });
        assert.equal(readFileSync(join(folder, 'video.mp4')).subarray(4, 8).toString(), 'ftyp');
        rmSync(join(folder, 'video.mp4'));
        // A request that is refused ends in a status that says so, with the server's words.
        await assert.rejects(run(command, words, { cwd: folder, env: { ...process.env, ZOETROPE_KEY: 'f'.repeat(64) } }), (e) => e.code > 0 && /401|valid API key/.test(e.stderr));
        await assert.rejects(async () => readFileSync(join(folder, 'video.mp4')), /ENOENT/);
      }
      const row = (await server.ask('/v2/video/generations/list?limit=1')).data[0];
      assert.equal(row.meta.prompt_original, `It's a "fox": 100 % 🦊`);
    }, { at: '#/build', permissions: ['clipboard-read', 'clipboard-write'] }));

test('a program holds the key only when asked to', () =>
  visit(browser, server, async (page) => {
    await page.getByLabel('Prompt', { exact: true }).fill("It's a fox");
    await page.getByRole('switch', { name: 'With the key in it' }).check({ force: true });
    for (const [language, name, how] of languages) {
      const source = await program(page, language);
      assert.ok(source.includes(server.key));
      const file = join(folder, name);
      writeFileSync(file, source);
      const [command, words] = how(file);
      const { ZOETROPE_KEY: _, ...environment } = process.env;
      await run(command, words, { cwd: folder, env: environment });
      assert.equal(readFileSync(join(folder, 'video.mp4')).subarray(4, 8).toString(), 'ftyp');
      rmSync(join(folder, 'video.mp4'));
    }
  }, { at: '#/build', permissions: ['clipboard-read', 'clipboard-write'] }));

test('a picture of a megabyte goes through every program', () =>
  visit(browser, server, async (page) => {
    await page.locator('input[type=file]').setInputFiles({ name: 'a.png', mimeType: 'image/png', buffer: noise(720, 480) });
    await page.locator('.verdicts').getByText('720 × 480 px').waitFor();
    await page.goto(`${server.url}/#/build`);
    await page.getByText('with a first frame').waitFor();
    for (const [language, name, how] of languages) {
      const source = await program(page, language);
      assert.ok(source.length > 1e6);
      assert.ok((await page.getByLabel('Source').textContent()).length < 10_000, 'shown short');
      const file = join(folder, name);
      writeFileSync(file, source);
      const [command, words] = how(file);
      await run(command, words, { cwd: folder, env: { ...process.env, ZOETROPE_KEY: server.key } });
      rmSync(join(folder, 'video.mp4'));
      const [row] = (await server.ask('/v2/video/generations/list?limit=1')).data;
      assert.equal(row.meta.has_image, true);
    }
  }, { permissions: ['clipboard-read', 'clipboard-write'] }));

test('the answer stands beside the request', () =>
  visit(browser, server, async (page) => {
    await page.getByLabel('Prompt', { exact: true }).fill('A fox');
    await page.getByRole('button', { name: 'Send it' }).click();
    await page.getByLabel('Answer of the server').getByText('"status": "completed"').waitFor();
  }, { at: '#/build' }));

test('a key is made, limited and revoked', () =>
  visit(browser, server, async (page) => {
    await page.getByRole('button', { name: 'New key' }).click();
    await page.getByLabel('Name').fill('guest');
    await page.getByLabel('Credits').fill('240000');
    await page.getByRole('button', { name: 'Make the key' }).click();
    const made = (await page.locator('.made-key code').textContent()).trim();
    assert.equal((await server.ask('/v1/key', { key: made })).data?.name ?? (await server.ask('/v1/key', { key: made })).name, 'guest');
    await page.getByRole('button', { name: 'I have it' }).click();
    const row = page.locator('.key', { hasText: 'guest' });
    await row.getByText('240,000 credits').waitFor();
    await row.getByRole('button', { name: 'Change' }).click();
    await row.getByLabel('Jobs at once').fill('2');
    await row.getByLabel('Add credits').fill('120000');
    await row.getByRole('button', { name: 'Save' }).click();
    await row.getByText('360,000 credits').waitFor();
    await row.getByText('2 jobs at once').waitFor();
    await row.getByRole('button', { name: 'Revoke' }).click();
    await row.getByRole('button', { name: 'Revoke for ever?' }).click();
    await page.getByText('Key revoked.').waitFor();
    await assert.rejects(server.ask('/v1/key', { key: made }), /401/);
  }, { at: '#/manage/keys' }));

test('credits used stand in a chart and in a table', () =>
  visit(browser, server, async (page) => {
    await page.locator('.chart-bar').waitFor();
    await page.getByRole('cell', { name: '−120,000' }).first().waitFor();
  }, { at: '#/manage/credits' }));

test('what needs an administrator asks for that key', () =>
  visit(browser, server, async (page) => {
    await page.getByLabel('Administrator’s key').fill(server.key);
    await page.keyboard.press('Enter');
    await page.getByText('Videos on disk').waitFor();
  }, { key: server.makeKey('--name', 'regular'), at: '#/manage/server' }));

test('the state of the server is told', () =>
  visit(browser, server, async (page) => {
    await page.getByText('Waiting', { exact: true }).waitFor();
    await page.getByText(/Version \d/).waitFor();
  }, { at: '#/manage/server' }));

for (const colorScheme of ['light', 'dark'])
  test(`an operation is called from the reference, accessible with all of it open, ${colorScheme}`, () =>
    visit(browser, server, async (page) => {
      const block = page.locator('.opblock', { hasText: '/v2/billing' }).first();
      await block.locator('.opblock-summary-control').click();
      await block.getByRole('button', { name: 'Execute' }).click();
      await block.locator('.live-responses-table .response-col_status', { hasText: '200' }).first().waitFor();
      await block.getByText('current_balance').first().waitFor();
      await page.locator('.opblock-post .opblock-summary-control').first().click();
      await page.getByLabel('Request body').first().waitFor();
      assert.deepEqual(await scan(page), []);
      await page.screenshot({ path: join(pictures, `reference-open-${colorScheme}.png`) });
      await page.locator('.btn.authorize').first().click();
      await page.getByRole('button', { name: 'Close' }).first().waitFor();
      assert.deepEqual(await scan(page), []);
    }, { at: 'docs', colorScheme }));
