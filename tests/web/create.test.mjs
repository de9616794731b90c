// create.test.mjs - signing in, writing a request, watching it.
import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { after, before, test } from 'node:test';
import { chooseModel, filmsReady, openBrowser, until, visit } from './browser.mjs';
import { png } from './pictures.mjs';
import { Server } from './server.mjs';

let server, browser;
before(async () => {
  [server, browser] = await Promise.all([new Server().start(), openBrowser()]);
});
after(async () => {
  await browser?.close();
  await server?.stop();
});

test('the key leaves the address and stays in the tab', () =>
  visit(browser, server, async (page) => {
    assert.equal(await page.evaluate(() => location.hash), '#/create');
    assert.equal(await page.evaluate(() => sessionStorage.getItem('zoetrope.key')), server.key);
    assert.equal(await page.evaluate(() => localStorage.getItem('zoetrope.key')), null);
    await page.reload();
    await page.locator('#prompt').waitFor();
  }));

test('without a key the page asks for one and says when it is wrong', () =>
  visit(browser, server, async (page) => {
    await page.getByLabel('Key', { exact: true }).fill('0'.repeat(64));
    await page.keyboard.press('Enter');
    await page.getByText('This is not a valid key.').waitFor();
    await page.getByLabel('Key', { exact: true }).fill(server.key);
    await page.keyboard.press('Enter');
    await page.locator('#prompt').waitFor();
  }, { key: null, at: '' }));

const hands = { 'with a mouse': {}, 'on a phone': { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true } };

for (const [how, options] of Object.entries(hands))
  test(`a newcomer has a video after two clicks ${how}`, () =>
    visit(browser, server, async (page) => {
      const press = (button) => (options.hasTouch ? button.tap() : button.click());
      await press(page.getByRole('button', { name: 'Fox at dusk' }));
      const send = page.getByRole('button', { name: /Make the video/ });
      assert.ok(await send.evaluate((b) => b.getBoundingClientRect().bottom <= innerHeight), 'the button is in sight');
      await press(send);
      await page.locator('.see video').waitFor();
      await until(page, () => document.querySelector('.see video').readyState >= 2);
      await page.locator('[role=status]').getByText('The video is ready.').waitFor();
      assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), 'nothing is too wide');
    }, options));

test('the examples are those of the documents too', () =>
  visit(browser, server, async (page) => {
    for (const [title, words] of [['Dragon', /^A menacing evil dragon appears in a distance/], ['Cheetah', /^Cheetah turns toward the camera\.$/]]) {
      await page.getByRole('button', { name: title }).click();
      assert.match(await page.locator('#prompt').inputValue(), words);
    }
  }));

test('the theme is the system\'s until another is chosen, and the choice is kept', () =>
  visit(browser, server, async (page) => {
    const paper = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
    const dark = await paper();
    await page.getByRole('button', { name: /^Theme: system/ }).click();
    await page.getByRole('button', { name: /^Theme: light/ }).waitFor();
    const light = await paper();
    assert.notEqual(light, dark);
    await page.reload();
    await page.getByRole('button', { name: /^Theme: light/ }).click();
    assert.equal(await paper(), dark);
  }, { colorScheme: 'dark' }));

test('the focus goes with the view', () =>
  visit(browser, server, async (page) => {
    for (const name of ['History', 'Compare', 'Build', 'Manage']) {
      await page.getByRole('link', { name, exact: true }).focus();
      await page.keyboard.press('Enter');
      await page.getByRole('heading', { level: 1, name }).waitFor();
      await until(page, (h) => document.activeElement.tagName === 'H1' && document.activeElement.textContent === h, name);
      assert.equal(await page.title(), `${name} - Zoetrope`);
    }
  }));

test('the main path needs no pointer', () =>
  visit(browser, server, async (page) => {
    await page.keyboard.press('Tab');
    assert.equal(await page.evaluate(() => document.activeElement.textContent), 'Skip to the content');
    await page.keyboard.press('Enter');
    for (let i = 0; i < 5 && (await page.evaluate(() => document.activeElement.id)) !== 'prompt'; i++) await page.keyboard.press('Tab');
    await page.keyboard.type('A whale rises in the sea.');
    await page.keyboard.press('Control+Enter');
    const play = page.getByRole('button', { name: 'Play', exact: true });
    await filmsReady(page);
    await play.focus();
    await page.keyboard.press('.');
    await page.getByText(/frame 2/).waitFor();
    await page.keyboard.press(',');
    await page.getByText(/frame 1 /).waitFor();
  }));

test('characters are counted as code points and too many are not sent', () =>
  visit(browser, server, async (page) => {
    await page.locator('#prompt').fill('🦊'.repeat(2001));
    await page.getByText('2,001 / 2,000').waitFor();
    await page.keyboard.press('Control+Enter');
    await page.getByText('1 character too many.').first().waitFor();
    assert.equal(await page.evaluate(() => document.activeElement.id), 'prompt');
  }));

test('camera commands go to the caret and undo takes them back', () =>
  visit(browser, server, async (page) => {
    await page.locator('#prompt').fill('A fox runs.');
    await page.locator('#prompt').press('End');
    await page.keyboard.press('ArrowLeft');
    await page.getByRole('button', { name: 'Camera' }).click();
    await page.getByRole('button', { name: 'Push in' }).click();
    assert.equal(await page.locator('#prompt').inputValue(), 'A fox runs [Push in].');
    await page.getByRole('button', { name: 'Shake' }).click({ modifiers: ['Shift'] });
    assert.equal(await page.locator('#prompt').inputValue(), 'A fox runs [Push in,Shake].');
    await page.keyboard.press('Control+z');
    assert.equal(await page.locator('#prompt').inputValue(), 'A fox runs [Push in].');
  }));

test('a prompt is written from right to left in the languages that are', () =>
  visit(browser, server, async (page) => {
    await page.locator('#prompt').fill('שועל רץ בשלג');
    assert.equal(await page.evaluate(() => getComputedStyle(document.querySelector('#prompt')).direction), 'rtl');
  }));

test('a first frame is measured at once, every broken rule with its value', () =>
  visit(browser, server, async (page) => {
    const choose = page.locator('input[type=file]');
    await choose.setInputFiles({ name: 'wide.png', mimeType: 'image/png', buffer: png(900, 200) });
    await page.locator('.verdicts').getByText('Shorter side is 200 px, must exceed 300 px').waitFor();
    await page.locator('.verdicts').getByText('Width to height is 4.50, must be between 0.4 and 2.5').waitFor();
    await page.getByRole('button', { name: 'Remove the first frame' }).click();
    await choose.setInputFiles({ name: 'fine.png', mimeType: 'text/plain', buffer: png(640, 480) });
    await page.locator('.verdicts').getByText('640 × 480 px').waitFor();
    assert.equal(await page.locator('.verdict.bad').count(), 0);
  }));

test('a picture can be pasted and dropped', () =>
  visit(browser, server, async (page) => {
    const put = (kind, selector) =>
      page.evaluate(([k, s, bytes]) => {
        const data = new DataTransfer();
        data.items.add(new File([new Uint8Array(bytes)], 'a.png', { type: 'image/png' }));
        const event = k === 'drop' ? new DragEvent('drop', { dataTransfer: data, bubbles: true, cancelable: true }) : new ClipboardEvent('paste', { clipboardData: data, bubbles: true, cancelable: true });
        document.querySelector(s).dispatchEvent(event);
      }, [kind, selector, [...png(640, 480)]]);
    for (const [kind, selector] of [['paste', '#prompt'], ['drop', '.frame']]) {
      await put(kind, selector);
      await page.locator('.verdicts').getByText('640 × 480 px').waitFor();
      await page.getByRole('button', { name: 'Remove the first frame' }).click();
    }
  }));

test('a picture of another site is shown, measured there, and fetched by the server', async () => {
  const elsewhere = createServer((ask, answer) => (ask.url === '/a.png' ? answer.writeHead(200, { 'Content-Type': 'image/png' }).end(png(640, 480)) : answer.writeHead(404).end()));
  await new Promise((ready) => elsewhere.listen(0, '127.0.0.1', ready));
  const site = `http://127.0.0.1:${elsewhere.address().port}`;
  try {
    await visit(browser, server, async (page) => {
      const link = async (address) => {
        await page.getByRole('button', { name: 'Link' }).click();
        await page.getByLabel('Address of the picture').fill(address);
        await page.keyboard.press('Enter');
      };
      await link(`${site}/nothing.png`);
      await page.getByText('It cannot be shown here.').waitFor();
      await page.getByRole('button', { name: 'Remove the first frame' }).click();
      await link(`${site}/a.png`);
      await page.locator('.verdicts').getByText('640 × 480 px').waitFor();
      await until(page, () => document.querySelector('.frame-chosen img').naturalWidth === 640);
      await page.getByRole('button', { name: /Make the video/ }).click();
      await page.locator('.see video').waitFor();
      const [row] = (await server.ask('/v2/video/generations/list?limit=1')).data;
      assert.equal(row.meta.has_image, true);
    }, { allowed: [site] });
  } finally {
    elsewhere.close();
  }
});

test('words are taken literally and the seed as it stands when that is asked for', () =>
  visit(browser, server, async (page) => {
    await page.locator('#prompt').fill('A fox');
    await page.getByRole('switch', { name: 'Enhance the prompt' }).uncheck({ force: true });
    await page.getByRole('button', { name: 'Draw a seed' }).click();
    assert.match(await page.locator('#seed').inputValue(), /^\d+$/);
    await page.locator('#seed').fill('4711');
    await page.keyboard.press('Control+Enter');
    await page.locator('.see video').waitFor();
    const [{ meta }] = (await server.ask('/v2/video/generations/list?limit=1')).data;
    assert.deepEqual([meta.enhance, meta.seed, meta.prompt], [false, 4711, 'A fox']);
  }));

test('a picture with words makes a video that begins with it', () =>
  visit(browser, server, async (page) => {
    await chooseModel(page, 'video-01-live2d');
    await page.locator('#prompt').fill('[Push in]');
    await page.keyboard.press('Control+Enter');
    await page.locator('#frame-faults').getByText('it needs a first frame').waitFor();
    await page.locator('input[type=file]').setInputFiles({ name: 'a.png', mimeType: 'image/png', buffer: png(640, 480) });
    await page.locator('.verdicts').getByText('640 × 480 px').waitFor();
    await page.getByRole('button', { name: /Make the video/ }).click();
    await page.locator('.see video').waitFor();
    await page.locator('.facts').getByText('given').waitFor();
  }));

test('what the server says of a field stands beside that field', () =>
  visit(browser, server, async (page) => {
    await page.route('**/v2/video/generations', (route) =>
      route.fulfill({
        status: 400,
        contentType: 'application/problem+json',
        body: JSON.stringify({ message: 'Invalid payload provided', error: { data: [{ code: 'x', path: ['seed'], message: 'Expected integer' }, { code: 'x', path: ['image_url'], message: 'Invalid url' }] } }),
      }),
    );
    await page.locator('#prompt').fill('A fox');
    await page.keyboard.press('Control+Enter');
    await page.locator('#seed-faults').getByText('Expected integer').waitFor();
    await page.locator('#frame-faults').getByText('Invalid url').waitFor();
    assert.equal(await page.locator('#seed').getAttribute('aria-invalid'), 'true');
  }));

test('cost and time stand there before sending', () =>
  visit(browser, server, async (page) => {
    await page.locator('.cost').getByText('$0.06').waitFor();
  }));

test('a key without credits is told so and nothing is lost', async () => {
  const poor = server.makeKey('--name', 'poor', '--credits', '1');
  await visit(browser, server, async (page) => {
    await page.locator('#prompt').fill('A fox');
    await page.keyboard.press('Control+Enter');
    await page.locator('.general').getByText(/credits/).waitFor();
    assert.equal(await page.locator('#prompt').inputValue(), 'A fox');
  }, { key: poor });
});

test('a job can be cancelled', () =>
  visit(browser, server, async (page) => {
    await chooseModel(page, 'epic');
    await page.locator('#prompt').fill('A long film of a fox');
    await page.keyboard.press('Control+Enter');
    await page.locator('.watch').getByRole('button', { name: 'Cancel' }).click();
    await page.locator('.failed-title').getByText('Cancelled').waitFor();
  }));

test('a slow server gets one request however often one asks', () =>
  visit(browser, server, async (page) => {
    let posts = 0;
    await page.route('**/v2/video/generations', async (route) => {
      posts++;
      await new Promise((done) => setTimeout(done, 1500));
      await route.fallback();
    });
    await page.locator('#prompt').fill('A slow fox');
    for (let i = 0; i < 3; i++) await page.keyboard.press('Control+Enter');
    await page.getByText('Sending…').waitFor();
    await page.locator('.watch, .see').first().waitFor();
    assert.equal(posts, 1);
  }));
