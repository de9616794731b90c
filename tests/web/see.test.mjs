// see.test.mjs - the player, what is told of a video, going on from it, comparing, finding, deleting.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { filmsReady, openBrowser, until, visit } from './browser.mjs';
import { Server } from './server.mjs';

let server, browser, fox, boat;
before(async () => {
  [server, browser] = await Promise.all([new Server().start(), openBrowser()]);
  fox = await server.make('A red fox runs through a snowy forest at dusk, gloriously. [Tracking shot]', { seed: 7 });
  boat = await server.make('A sailboat crosses a lake.', { seed: 8 });
});
after(async () => {
  await browser?.close();
  await server?.stop();
});

const at = (job) => `#/video/${job.id}`;

/** Waits for the server to say that the video was removed. */
async function isGone(id) {
  const address = `${server.url}/v2/video/generations?generation_id=${id}`;
  const headers = { Authorization: `Bearer ${server.key}` };
  for (let i = 0; (await fetch(address, { headers })).status !== 410; i++) {
    assert.ok(i < 300, 'the video is still there');
    await new Promise((next) => setTimeout(next, 100));
  }
}

test('the player steps, changes speed and loops', () =>
  visit(browser, server, async (page) => {
    await filmsReady(page);
    await page.getByRole('button', { name: 'One frame on' }).click();
    await page.getByText(/frame 2/).waitFor();
    await page.getByLabel('Frame', { exact: true }).fill('70');
    await page.getByText(/frame 71/).waitFor();
    await page.getByLabel('Speed', { exact: true }).selectOption('2');
    await page.getByRole('button', { name: 'Loop' }).click();
    assert.deepEqual(await page.evaluate(() => {
      const v = document.querySelector('.player video');
      return [v.playbackRate, v.loop, v.muted];
    }), [2, false, true]);
    await page.getByRole('button', { name: 'Play', exact: true }).click();
    await until(page, () => document.querySelector('.player video').ended);
  }, { at: at(fox) }));

test('what was read, what was not, and what it took are told', () =>
  visit(browser, server, async (page) => {
    const facts = page.locator('.facts');
    await facts.getByText('forest').waitFor();
    await facts.getByText('Tracking shot').waitFor();
    await facts.locator('.unread').getByText('gloriously').waitFor();
    await facts.getByText('storyboard', { exact: true }).waitFor();
    await facts.getByText('7', { exact: true }).waitFor();
    await facts.getByText('$0.06 (120,000 credits)').waitFor();
    await facts.getByText('Together').waitFor();
  }, { at: at(fox) }));

test('the download is the video', () =>
  visit(browser, server, async (page) => {
    const [download] = await Promise.all([page.waitForEvent('download'), page.getByRole('link', { name: 'Download' }).click()]);
    const bytes = readFileSync(await download.path());
    assert.equal(bytes.subarray(4, 8).toString(), 'ftyp');
  }, { at: at(fox) }));

test('again with another seed makes another job of the same words', () =>
  visit(browser, server, async (page) => {
    await page.getByRole('button', { name: 'Again, another seed' }).click();
    await page.locator('.result .see video').waitFor();
    const rows = (await server.ask('/v2/video/generations/list?limit=2')).data;
    assert.equal(rows[0].meta.prompt_original, fox.meta.prompt_original);
    assert.notEqual(rows[0].meta.seed, fox.meta.seed);
  }, { at: at(fox) }));

test('the last frame becomes the first frame', () =>
  visit(browser, server, async (page) => {
    await filmsReady(page);
    await page.getByRole('button', { name: 'Last frame as first frame' }).click();
    await page.locator('.frame-chosen').waitFor();
    // Films of the tests are smaller than a first frame may be: the rule speaks with the measured value.
    await page.locator('.verdicts').getByText('Shorter side is 180 px, must exceed 300 px').waitFor();
  }, { at: at(fox) }));

test('an address that has expired is renewed and the video goes on', () =>
  visit(browser, server, async (page) => {
    const asked = { old: 0, fresh: 0 };
    await page.route('**/generations/**/*.mp4*', (route) => {
      // The same address stays valid for its hour, so the fresh one is told by a mark of ours.
      const fresh = route.request().url().includes('again=1');
      asked[fresh ? 'fresh' : 'old']++;
      return fresh ? route.fallback() : route.fulfill({ status: 403, body: 'expired' });
    });
    await page.route('**/v2/video/generations?generation_id=*', async (route) => {
      const answer = await route.fetch();
      const job = await answer.json();
      if (asked.old > 0) job.video.url += '&again=1';
      await route.fulfill({ response: answer, json: job });
    });
    await page.goto(`${server.url}/${at(boat)}`);
    await page.getByRole('button', { name: 'Play', exact: true }).click();
    await until(page, () => document.querySelector('.player video').currentTime > 0.2);
    assert.ok(asked.old >= 1 && asked.fresh >= 1);
    assert.equal(await page.locator('.toast').count(), 0, 'nobody hears of it');
  }, { at: '#/history' }));

const lost = {
  'has been refused': (route) => route.fulfill({ status: 403, body: 'expired' }),
  'has not answered yet': () => undefined,
};

for (const [how, meet] of Object.entries(lost))
  test(`play is not forgotten that is pressed when the address ${how} and another comes`, () =>
    visit(browser, server, async (page) => {
      let press;
      const pressed = new Promise((done) => (press = done));
      await page.route('**/generations/**/*.mp4*', (route) => (route.request().url().includes('again=1') ? route.fallback() : meet(route)));
      await page.route('**/v2/video/generations?generation_id=*', async (route) => {
        const answer = await route.fetch();
        const job = await answer.json();
        await pressed;
        job.video.url += '&again=1';
        await route.fulfill({ response: answer, json: job });
      });
      await page.locator('.card').first().waitFor(); // the page knows the job, and its old address
      await page.goto(`${server.url}/${at(boat)}`);
      await until(page, (refused) => {
        const video = document.querySelector('.player video');
        return video && (!refused || video.error);
      }, how === 'has been refused');
      await page.getByRole('button', { name: 'Play', exact: true }).click();
      press();
      await until(page, () => document.querySelector('.player video').currentTime > 0.2);
    }, { at: '#/history' }));

test('full screen comes and goes with its button and its key', () =>
  visit(browser, server, async (page) => {
    await filmsReady(page);
    const full = () => document.fullscreenElement?.classList.contains('player') ?? false;
    await page.getByRole('button', { name: 'Full screen' }).click();
    await until(page, full);
    await page.keyboard.press('f');
    await until(page, () => !document.fullscreenElement);
  }, { at: at(fox) }));

test('a poster stands there before the video does', () =>
  visit(browser, server, async (page) => {
    await page.route('**/*.mp4*', () => undefined); // never answered
    await page.goto(`${server.url}/${at(fox)}`);
    await page.locator('.player video').waitFor();
    const poster = await page.locator('.player video').getAttribute('poster');
    const answer = await fetch(poster);
    assert.deepEqual([answer.status, answer.headers.get('content-type')], [200, 'image/jpeg']);
  }, { at: '#/history' }));

test('frames are counted at the rate that the job tells', () =>
  visit(browser, server, async (page) => {
    await page.route('**/v2/video/generations?generation_id=*', async (route) => {
      const answer = await route.fetch();
      const job = await answer.json();
      job.meta.fps = 10;
      job.meta.network = { name: 'Wan 2.1 text to video', sampler: 'unipc', steps: 40, shift: 5, guidance: 1, width: 832, height: 480, frames: 81, fps: 16 };
      delete job.meta.plan;
      await route.fulfill({ response: answer, json: job });
    });
    await page.goto(`${server.url}/${at(fox)}`);
    await page.reload();
    await filmsReady(page);
    await page.getByText(/ 56$/).waitFor();
    await page.getByRole('button', { name: 'One frame on' }).click();
    await until(page, () => Math.abs(document.querySelector('.player video').currentTime - 0.15) < 0.01);
    const made = page.getByRole('region', { name: 'How it was made' });
    await made.getByText('Wan 2.1 text to video').waitFor();
    await made.getByText('unipc, 40 steps').waitFor();
    await made.getByText('81 of 832 × 480, 16 a second').waitFor();
  }, { at: '#/history' }));

test('the words as the engine got them can be read', () =>
  visit(browser, server, async (page) => {
    assert.notEqual(boat.meta.prompt, boat.meta.prompt_original);
    await page.getByText('As the engine got it').click();
    await page.locator('.words-used').getByText(boat.meta.prompt, { exact: true }).waitFor();
  }, { at: at(boat) }));

test('long words are folded and can be seen whole', async () => {
  const words = 'A keeper climbs the stairs of an old lighthouse in a storm. '.repeat(33).trim();
  const job = await server.make(words);
  await visit(browser, server, async (page) => {
    const shown = page.locator('.words-sent');
    const folded = (await shown.boundingBox()).height;
    await page.getByRole('button', { name: 'Show all of it' }).click();
    await page.getByRole('button', { name: 'Show less' }).waitFor();
    assert.ok((await shown.boundingBox()).height > 2 * folded);
  }, { at: at(job) });
});

test('a job that is not there is said not to be there', () =>
  visit(browser, server, async (page) => {
    await page.getByText('This video is not there').waitFor();
  }, { at: '#/video/nobody' }));

test('two videos run on one clock', () =>
  visit(browser, server, async (page) => {
    await filmsReady(page);
    await page.getByRole('button', { name: 'Play both' }).click();
    await until(page, () => document.querySelectorAll('.pair video')[0].currentTime > 1);
    await page.getByRole('button', { name: 'Pause both' }).click();
    const frames = () => [...document.querySelectorAll('.pair video')].map((v) => Math.floor(v.currentTime * 25));
    await until(page, () => [...document.querySelectorAll('.pair video')].every((v) => v.paused && !v.seeking));
    const [first, second] = await page.evaluate(frames);
    assert.equal(first, second);
    const bothAt = (frame) =>
      until(page, (n) => [...document.querySelectorAll('.pair video')].every((v) => Math.floor(v.currentTime * 25) === n), frame);
    await page.getByRole('button', { name: 'One frame on' }).click();
    await bothAt(first + 1);
    await page.keyboard.press('.');
    await bothAt(first + 2);
    await page.keyboard.press(',');
    await bothAt(first + 1);
    await page.getByRole('radio', { name: 'Wipe' }).check({ force: true });
    await page.getByLabel('Where the first ends').fill('20');
    await until(page, () => getComputedStyle(document.querySelectorAll('.pair-side')[1]).clipPath.includes('20%'));
  }, { at: `#/compare?a=${fox.id}&b=${boat.id}` }));

test('history is found by words and state', () =>
  visit(browser, server, async (page) => {
    await page.locator('.card').first().waitFor();
    await page.getByLabel('Words of the prompt').fill('SAILBOAT');
    await until(page, () => document.querySelectorAll('.grid .card').length === 1);
    await page.getByLabel('State').selectOption('error');
    await page.getByText('Nothing fits this search.').waitFor();
    await page.getByRole('link', { name: 'Show everything' }).click();
    await page.locator('.card').nth(1).waitFor();
  }, { at: '#/history' }));

test('history is found by model, and a cancelled video can be deleted', async () => {
  const { id } = await server.send('A film that nobody wants', { model: 'epic' });
  await server.ask(`/v2/video/generations?generation_id=${id}`, { method: 'DELETE' });
  await visit(browser, server, async (page) => {
    await page.locator('.card').nth(1).waitFor();
    await page.getByLabel('Model').selectOption('epic');
    await until(page, () => document.querySelectorAll('.grid .card').length === 1);
    const card = page.locator('.card', { hasText: 'Cancelled' });
    await card.getByRole('link').focus();
    await page.keyboard.press('Tab');
    assert.match(await page.evaluate(() => document.activeElement.ariaLabel), /^Delete: A film that nobody wants/);
    await page.keyboard.press('Enter');
    await page.getByText('Nothing fits this search.').waitFor();
    await page.goto('about:blank');
    await isGone(id);
  }, { at: '#/history' });
});

test('a poster plays its preview under the pointer and under the focus', () =>
  visit(browser, server, async (page) => {
    const card = page.locator('.card-completed').first();
    await card.locator('img').waitFor();
    await card.hover();
    await card.locator('video').waitFor();
    await page.mouse.move(0, 0);
    await card.locator('video').waitFor({ state: 'detached' });
    await card.getByRole('link').focus();
    await card.locator('video').waitFor();
  }, { at: '#/history' }));

test('reduced motion keeps posters still', () =>
  visit(browser, server, async (page) => {
    const card = page.locator('.card-completed').first();
    await card.hover();
    assert.equal(await card.locator('video').count(), 0);
  }, { at: '#/history', reducedMotion: 'reduce' }));

test('a deleted video comes back with undo and is gone without', async () => {
  const job = await server.make('A rabbit jumps.');
  await visit(browser, server, async (page) => {
    const card = page.locator('.card', { hasText: 'rabbit' });
    await card.hover();
    await card.getByRole('button', { name: /Delete/ }).click();
    await card.waitFor({ state: 'detached' });
    await page.getByRole('button', { name: 'Undo' }).click();
    await card.waitFor();
    await card.hover();
    await card.getByRole('button', { name: /Delete/ }).click();
    await card.waitFor({ state: 'detached' });
    // Leaving the page within the seconds of grace keeps the word that was given.
    await page.goto('about:blank');
    await isGone(job.id);
  }, { at: '#/history' });
});
