// recover.test.mjs - what becomes of the page when the server or the network does not stay.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { chooseModel, openBrowser, until, visit } from './browser.mjs';
import { patience, Server } from './server.mjs';

let browser;
before(async () => {
  browser = await openBrowser();
});
after(() => browser?.close());

async function withServer(options, act) {
  const server = await new Server(options).start();
  try {
    await act(server);
  } finally {
    await server.stop();
  }
}

/**
 * The longest task of the page's main thread while act runs, in milliseconds of that thread's own time:
 * what a busy machine makes it wait for is not counted.
 */
async function longestTask(page, act) {
  const session = await page.context().newCDPSession(page);
  const events = [];
  session.on('Tracing.dataCollected', (part) => events.push(...part.value));
  const complete = new Promise((done) => session.once('Tracing.tracingComplete', done));
  await session.send('Tracing.start', { transferMode: 'ReportEvents', traceConfig: { includedCategories: ['disabled-by-default-devtools.timeline'] } });
  await act();
  await session.send('Tracing.end');
  await complete;
  const main = new Set(events.filter((e) => e.name === 'thread_name' && e.args.name === 'CrRendererMain').map((e) => `${e.pid} ${e.tid}`));
  const tasks = events.filter((e) => e.name === 'RunTask' && e.tdur !== undefined && main.has(`${e.pid} ${e.tid}`));
  assert.ok(tasks.length > 100, 'the trace holds the tasks');
  return Math.max(...tasks.map((e) => e.tdur)) / 1000;
}

test('a page that was closed finds its work again', () =>
  withServer({}, (server) =>
    visit(browser, server, async (page) => {
      await page.locator('#prompt').fill('A whale rises.');
      await page.keyboard.press('Control+Enter');
      await page.locator('.watch, .see').first().waitFor();
      await page.reload();
      await page.locator('.see video').waitFor();
      assert.equal(await page.locator('#prompt').inputValue(), 'A whale rises.');
    }),
  ));

test('another tab of the same key sees a job without asking', () =>
  withServer({}, (server) =>
    visit(browser, server, async (page) => {
      await page.locator('.result').waitFor();
      await server.send('A fox from elsewhere');
      await page.locator('.latest').getByText('A fox from elsewhere').waitFor();
    }),
  ));

test('a server killed during the work is found again and the video is made', () =>
  withServer({}, (server) =>
    visit(browser, server, async (page) => {
      await chooseModel(page, 'epic');
      await page.locator('#prompt').fill('A fox');
      await page.keyboard.press('Control+Enter');
      await page.locator('.watch-stage').getByText('Drawing').waitFor();
      await server.kill();
      await page.getByText('The connection is lost.').waitFor();
      const again = page.waitForRequest((r) => r.url().includes('/generations/events') && r.headers()['last-event-id']?.length > 4);
      await server.start();
      await again;
      await page.getByText('The connection is lost.').waitFor({ state: 'detached' });
      await page.locator('.watch').getByRole('button', { name: 'Cancel' }).click();
      await page.locator('.failed-title').getByText('Cancelled').waitFor();
      await chooseModel(page, 'video-01');
      await page.locator('#prompt').press('Control+Enter');
      await page.locator('.see video').waitFor();
    }),
  ));

test('without events the page asks, and gets there too', () =>
  withServer({}, (server) =>
    visit(browser, server, async (page) => {
      await page.route('**/v2/video/generations/events*', (route) => route.fulfill({ status: 404, json: {} }));
      await page.reload();
      await page.locator('#prompt').fill('A fox');
      await page.keyboard.press('Control+Enter');
      await page.locator('.see video').waitFor();
    }),
  ));

test('a revoked key leads back to signing in', () =>
  withServer({}, async (server) => {
    const key = server.makeKey('--name', 'guest');
    await visit(browser, server, async (page) => {
      await page.locator('#prompt').fill('A fox');
      await server.ask(`/v1/keys/${key.slice(0, 8)}`, { method: 'DELETE' });
      await page.keyboard.press('Control+Enter'); // unless the page has noticed by itself
      await page.getByText('This key is not valid any more.').waitFor();
    }, { key });
  }));

/** Scrolls to the 2,000th card: how many were in the document at most, and which was the last. */
function scrollDown(page) {
  return page.evaluate(async (forAtMost) => {
    let most = 0;
    let reached = 0;
    scrollTo(0, 0);
    for (const end = performance.now() + forAtMost; reached < 2000 && performance.now() < end; scrollBy(0, 400)) {
      await new Promise((next) => setTimeout(next, 30));
      most = Math.max(most, document.querySelectorAll('.card').length);
      reached = Number(document.querySelector('.grid > li:last-child').ariaPosInSet);
    }
    return { most, reached };
  }, patience);
}

test('two thousand jobs scroll smoothly and only those in sight are drawn', () =>
  withServer({ workers: 0 }, async (server) => {
    for (let n = 0; n < 2000; n += 50) await Promise.all(Array.from({ length: 50 }, (_, i) => server.send(`Job ${n + i}`)));
    await visit(browser, server, async (page) => {
      await page.locator('.card').first().waitFor();
      let seen;
      // What else the machine does can only add to a task: the least of some passes is what the page costs.
      let worst = Infinity;
      for (let pass = 0; pass < 3 && worst > 100; pass++) worst = Math.min(worst, await longestTask(page, async () => (seen = await scrollDown(page))));
      assert.equal(seen.reached, 2000);
      assert.ok(seen.most < 100, 'the document grows with the history');
      assert.ok(worst <= 100, `a task took ${worst} ms`);
    }, { at: '#/history' });
  }));
