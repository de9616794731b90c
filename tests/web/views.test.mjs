// views.test.mjs - each view in both themes at three widths: accessible, within its width, and pictured.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { openBrowser, pictures, scan, until, visit } from './browser.mjs';
import { Server } from './server.mjs';

let server, browser, jobs;
before(async () => {
  [server, browser] = await Promise.all([new Server().start(), openBrowser()]);
  jobs = [await server.make('A red fox runs through snow.'), await server.make('ثعلب أحمر يركض في غابة')];
});
after(async () => {
  await browser?.close();
  await server?.stop();
});

const views = {
  'sign-in': () => '',
  create: () => '#/create',
  video: () => `#/video/${jobs[0].id}`,
  history: () => '#/history',
  compare: () => `#/compare?a=${jobs[0].id}&b=${jobs[1].id}`,
  build: () => '#/build',
  credits: () => '#/manage/credits',
  keys: () => '#/manage/keys',
  server: () => '#/manage/server',
  reference: () => 'docs',
};

for (const [name, at] of Object.entries(views))
  for (const theme of ['light', 'dark'])
    test(`${name} is accessible and fits, ${theme}`, () =>
      visit(browser, server, async (page) => {
        await page.locator('h1, .opblock').first().waitFor();
        for (const width of [390, 820, 1440]) {
          await page.setViewportSize({ width, height: 900 });
          await until(page, () => [...document.images].every((i) => i.complete) && !document.querySelector('.loading, .stage-loading'));
          await page.screenshot({ path: join(pictures, `${name}-${theme}-${width}.png`) });
          const wide = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
          assert.ok(wide <= 0, `${width} px: ${wide} px too wide`);
        }
        assert.deepEqual(await scan(page), []);
      }, { key: name === 'sign-in' ? null : server.key, at: at(), colorScheme: theme }));
