// browser.mjs - Debian's Chromium, and visits in which nothing may go wrong unseen.
//
// A visit fails its test when a script throws, the page's policy refuses something, or any request is
// tried that does not go to the server under test.
//
//     ZOETROPE_LATE   every answer comes up to so many milliseconds late (0): what a test does not wait
//                     for, though it should, is soon found out with 800
import assert from 'node:assert/strict';
import { mkdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';
import { patience } from './server.mjs';

const require = createRequire(import.meta.url);
const axe = readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8');
/** Pictures of each view, kept for looking at. */
export const pictures = fileURLToPath(new URL('../../build-test/web/', import.meta.url));
mkdirSync(pictures, { recursive: true });

const late = Number(process.env.ZOETROPE_LATE ?? 0);

export const openBrowser = () =>
  chromium.launch({
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    args: [
      '--no-sandbox', '--disable-gpu', '--no-first-run', '--disable-background-networking',
      '--disable-component-update', '--disable-sync', '--disable-dev-shm-usage',
    ],
  });

/** Opens a tab, signed in unless key is null, and calls act(page); then says what went wrong on the way. */
export async function visit(browser, server, act, { key = server.key, at = '#/create', allowed = [], ...options } = {}) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 860 }, acceptDownloads: true, ...options });
  context.setDefaultTimeout(patience);
  const wrong = [];
  await context.exposeBinding('noteViolation', (_source, text) => wrong.push(`refused by policy: ${text}`));
  await context.addInitScript(() =>
    document.addEventListener('securitypolicyviolation', (e) => window.noteViolation(`${e.violatedDirective} ${e.blockedURI} ${e.sample}`)),
  );
  await context.route('**/*', (route) => {
    const url = route.request().url();
    if ([server.url, ...allowed].some((own) => url.startsWith(`${own}/`))) return route.fallback();
    wrong.push(`asked another host: ${url}`);
    return route.abort();
  });
  if (late) await context.route('**/*', (route) => setTimeout(() => route.fallback().catch(() => undefined), Math.random() * late));
  const page = await context.newPage();
  page.on('pageerror', (e) => wrong.push(`script: ${e.stack}`));
  try {
    if (key !== null) {
      await page.goto(`${server.url}/#key=${key}`);
      await page.locator('#prompt').waitFor();
    }
    if (key === null || at !== '#/create') await page.goto(`${server.url}/${at}`);
    await act(page, context);
  } finally {
    await context.close();
  }
  assert.deepEqual(wrong, []);
}

/** What axe-core finds wrong in the page, in words. */
export async function scan(page, options = {}) {
  // The page's policy keeps scripts of others out; this one comes through the debugger.
  await page.evaluate(axe);
  const found = await page.evaluate((o) => window.axe.run(o.context ?? document, o), options);
  return found.violations.map((v) => `${v.id}: ${v.nodes.map((n) => n.target.join(' ')).join(', ')}`);
}

/** In Create; which models there are is not known before the server has told it. */
export const chooseModel = (page, id) => page.locator('select[aria-label=Model]').selectOption(id);

/** Waits until there is a film in the page, and each can be shown and stepped through. */
export const filmsReady = (page) =>
  until(page, () => {
    const all = (names, is) => [...document.querySelectorAll(names)].every(is);
    return document.querySelector('main video') && all('main video', (v) => v.readyState >= 2) && all('.scrubber', (s) => s.max > 0);
  });

/** Waits for what a function in the page gives to be true. */
export const until = (page, test, argument) => page.waitForFunction(test, argument, { timeout: patience });
