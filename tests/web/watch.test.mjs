// watch.test.mjs - work under way: its place, stage and time, told by one connection; the server live.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { chooseModel, openBrowser, until, visit } from './browser.mjs';
import { Server } from './server.mjs';

let server, browser;
before(async () => {
  [server, browser] = await Promise.all([new Server().start(), openBrowser()]);
  await server.make('So that this kind of work was measured', { model: 'reel' });
});
after(async () => {
  await browser?.close();
  await server?.stop();
});

const end = (id) => server.ask(`/v2/video/generations?generation_id=${id}&forget=true`, { method: 'DELETE' });

test('place, stage and share are told by one connection, and nobody asks for them', () =>
  visit(browser, server, async (page) => {
    const asked = { events: 0, polls: 0 };
    page.on('request', (r) => {
      if (r.url().includes('/generations/events')) asked.events++;
      if (/generations\?generation_id=/.test(r.url()) && r.method() === 'GET') asked.polls++;
    });
    await page.reload();
    await chooseModel(page, 'epic');
    await page.locator('#prompt').fill('A long film of a fox');
    await page.keyboard.press('Control+Enter');
    await page.locator('.watch-stage').getByText('Drawing').waitFor();
    const next = await server.send('The next one');
    const last = await server.send('The last one');
    const share = page.locator('.watch-share', { hasText: /^\d+ %$/ });
    const before = await share.textContent();
    const { polls } = asked;
    await until(page, (was) => document.querySelector('.watch-share').textContent !== was, before);
    assert.deepEqual(asked, { events: 1, polls }, 'told, not asked for');
    assert.ok(Number(await page.getByRole('progressbar', { name: 'Progress' }).first().getAttribute('aria-valuenow')) >= 0);
    for (const [job, words] of [[next, 'next in the queue'], [last, '1 job before it']]) {
      await page.goto(`${server.url}/#/video/${job.id}`);
      await page.locator('.watch-share').getByText(words).waitFor();
    }
    for (const row of (await server.ask('/v2/video/generations/list?model=epic')).data) await end(row.id);
    await page.locator('.see video').waitFor();
    assert.equal(asked.events, 1);
  }));

test('how long it takes still is told where such work was measured', () =>
  visit(browser, server, async (page) => {
    await chooseModel(page, 'reel');
    await page.locator('.cost').getByText(/^about \d/).waitFor();
    await page.locator('#prompt').fill('A fox');
    await page.keyboard.press('Control+Enter');
    await page.locator('.watch-note').getByText(/left/).waitFor();
    await page.locator('.see video').waitFor();
    await page.locator('[role=status]').getByText('The video is ready.').waitFor();
  }));

test('queue, workers and disk are told as they change', async () => {
  const job = await server.send('A long film', { model: 'epic' });
  await visit(browser, server, async (page) => {
    const tile = (name) => page.locator('.tiles > div', { hasText: name });
    await page.locator('.workers li').getByText(/^Drawing \d+ %/).waitFor();
    await tile('Running').getByText('1', { exact: true }).waitFor();
    await server.send('Another', { model: 'epic' });
    await tile('Waiting').getByText('1', { exact: true }).waitFor();
    assert.match(await tile('Videos on disk').textContent(), /[1-9][\d.]* [kM]B.*free/);
    for (const row of (await server.ask('/v2/video/generations/list?model=epic')).data) await end(row.id);
    await page.getByText('None has a job now.').waitFor();
    assert.equal((await fetch(`${server.url}/v2/video/generations/${job.id}`, { headers: { Authorization: `Bearer ${server.key}` } })).status, 410);
  }, { at: '#/manage/server' });
});
