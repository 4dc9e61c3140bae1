// Takes a picture of every state at the widths of a tab and of a sidebar, into docs/images, and checks on the way what
// only a browser can tell: nothing runs out of its card, no script fails, every control is reached by the Tab key.
//
//   node scripts/screenshots.mjs            writes docs/images
//   node scripts/screenshots.mjs --check    checks only, writes nothing
//
// Chromium is the one named by CHROMIUM, or one of the usual names on the path. Without one this says so and ends well.
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { delimiter, extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';
import { built } from './gallery.mjs';
import { small } from './small-png.mjs';

const IMAGES = fileURLToPath(new URL('../../../docs/images/', import.meta.url));
const FIXTURES = fileURLToPath(new URL('../fixtures/cards/', import.meta.url));
const NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable', 'chrome'];

function browserPath() {
  if (process.env.CHROMIUM) return existsSync(process.env.CHROMIUM) ? process.env.CHROMIUM : null;
  const folders = (process.env.PATH ?? '').split(delimiter);
  for (const name of NAMES) {
    for (const folder of folders) if (existsSync(join(folder, name))) return join(folder, name);
  }
  return null;
}

const TYPES = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
};

/** The gallery below a path of its own, as the demo serves it. */
async function serve(files) {
  const server = createServer((request, response) => {
    const path = new URL(request.url ?? '/', 'http://gallery').pathname.replace('/gallery/', '') || 'index.html';
    if (path.startsWith('api/')) {
      // The running connector, as far as the gallery's live mode can tell.
      const [, , object, id] = path.split('/');
      const known = path.startsWith('api/cards/') && id === '4711';
      const body = known
        ? readFileSync(`${FIXTURES}${object}_in_sync.json`, 'utf8')
        : JSON.stringify({ ok: false, error: { code: 'not_found', message: 'The demo has no such record.' } });
      response.writeHead(200, { 'content-type': 'application/json' }).end(body);
      return;
    }
    const text = files[path];
    if (text === undefined) {
      response.writeHead(404).end();
      return;
    }
    response.writeHead(200, { 'content-type': TYPES[extname(path)] ?? 'text/plain' }).end(text);
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { server, base: `http://127.0.0.1:${server.address().port}/gallery/` };
}

/** What to look at: a name, the gallery's query, and buttons to press first. */
function shots() {
  const cards = readdirSync(FIXTURES)
    .map((file) => file.replace('.json', ''))
    .sort();
  const all = [];
  const add = (name, query, press = []) => all.push({ name, query, press });
  const both = (name, query, press) => {
    add(`${name}-tab`, { ...query, width: 'tab' }, press);
    add(`${name}-sidebar`, { ...query, width: 'sidebar' }, press);
  };
  for (const name of cards) {
    const [, object, fixture] = /^(company|deal)_(.*)$/.exec(name);
    both(`${object}-${fixture.replaceAll('_', '-')}`, { object, fixture });
  }
  for (const fixture of ['loading', 'error_401', 'error_503'])
    both(`company-${fixture.replace('_', '-')}`, { object: 'company', fixture });
  both('company-invoices', { object: 'company', fixture: 'in_sync' }, ['Invoices']);
  both('deal-preview', { object: 'deal', fixture: 'in_sync' }, ['Preview']);
  both('deal-preview-not-won', { object: 'deal', fixture: 'not_linked' }, ['Preview']);
  both('deal-cancellation-second-step', { object: 'deal', fixture: 'cancellation' }, ['Confirm cancellation']);
  add('deal-synced-tab', { object: 'deal', fixture: 'needs_attention', width: 'tab' }, ['Sync Deal', 'until Synced']);
  add('deal-in-sync-preview-panel', { object: 'deal', fixture: 'in_sync', width: 'preview' });
  for (const page of ['health', 'settings']) {
    const folder = fileURLToPath(new URL('../fixtures/pages/', import.meta.url));
    for (const file of readdirSync(folder)
      .filter((one) => one.startsWith(page))
      .sort()) {
      const fixture = file.replace('.json', '').slice(page.length + 1);
      add(`page-${page}-${fixture}`, { page, fixture });
    }
  }
  return all;
}

/** Names of elements that stick out of the card on either side. */
function sticksOut() {
  const card = document.querySelector('.card');
  const { left, right } = card.getBoundingClientRect();
  const out = [];
  for (const element of card.querySelectorAll('*')) {
    const box = element.getBoundingClientRect();
    if (box.width > 0 && (box.right > right + 0.5 || box.left < left - 0.5))
      out.push(`${element.className} "${(element.textContent ?? '').slice(0, 40)}"`);
  }
  for (const scroll of card.querySelectorAll('.table-scroll')) {
    if (scroll.scrollWidth > scroll.clientWidth + 1)
      out.push(`a table of ${scroll.scrollWidth} in ${scroll.clientWidth} pixels`);
  }
  return out;
}

const controls = () =>
  [...document.querySelectorAll('.card button, .card a')].filter((one) => !one.disabled && one.offsetParent !== null)
    .length;

async function reached(page) {
  const wanted = await page.evaluate(controls);
  const seen = new Set();
  await page.evaluate(() => document.activeElement?.blur?.());
  for (let press = 0; press < wanted + 5 && seen.size < wanted; press += 1) {
    await page.keyboard.press('Tab');
    const at = await page.evaluate(() => {
      const all = [...document.querySelectorAll('.card button, .card a')];
      return all.indexOf(document.activeElement);
    });
    if (at >= 0) seen.add(at);
  }
  return { wanted, seen: seen.size };
}

const only = process.argv.includes('--check');
const executablePath = browserPath();
if (executablePath === null) {
  process.stdout.write(
    'SKIPPED: no Chromium on this machine (Debian: apt-get install chromium; or name one in CHROMIUM). The pictures stay as they are.\n',
  );
  process.exit(0);
}
const { server, base } = await serve(await built());
const browser = await chromium.launch({
  executablePath,
  args: ['--no-sandbox', '--font-render-hinting=none', '--disable-lcd-text'],
});
const complaints = [];
const wanted = new Set();
try {
  if (!only) mkdirSync(IMAGES, { recursive: true });
  const page = await browser.newPage({ viewport: { width: 900, height: 700 }, reducedMotion: 'reduce' });
  let now = '';
  page.on('pageerror', (error) => complaints.push(`${now}: ${error.message}`));
  page.on('console', (message) => {
    if (message.type() === 'error' && !message.text().includes('Failed to load resource'))
      complaints.push(`${now}: ${message.text()}`);
  });
  for (const { name, query, press } of shots()) {
    now = name;
    await page.goto(`${base}?${new URLSearchParams({ ...query, bare: '1' }).toString()}`);
    if (query.fixture !== 'loading')
      await page.waitForFunction(() => document.querySelector('.loading-centered') === null);
    for (const label of press) {
      if (label.startsWith('until ')) {
        await page.locator('.alert-title', { hasText: label.slice(6) }).waitFor();
      } else {
        await page.locator('.card button', { hasText: label }).first().click();
        await page.waitForTimeout(300);
      }
    }
    for (const out of await page.evaluate(sticksOut)) complaints.push(`${name}: sticks out: ${out}`);
    const { wanted: controlsThere, seen } = await reached(page);
    if (seen < controlsThere) complaints.push(`${name}: the Tab key reaches ${seen} of ${controlsThere} controls`);
    await page.evaluate(() => document.activeElement?.blur?.());
    if (!only) {
      writeFileSync(`${IMAGES}${name}.png`, small(await page.locator('.card').screenshot({ animations: 'disabled' })));
      wanted.add(`${name}.png`);
    }
  }
  now = 'live mode';
  for (const [id, wantedText] of [
    ['4711', 'In sync'],
    ['1', 'The demo has no such record.'],
  ]) {
    await page.goto(`${base}?live=1&object=deal&id=${id}&bare=1`);
    await page.waitForFunction(() => document.querySelector('.loading-centered') === null);
    const text = await page.locator('.card').innerText();
    if (!text.includes(wantedText)) complaints.push(`${now}: "${wantedText}" is not on the card of deal ${id}`);
  }
} finally {
  await browser.close();
  server.close();
}
if (!only) {
  // Pictures of states that no longer exist go away; others in the folder are not ours.
  for (const file of readdirSync(IMAGES))
    if (/^(company|deal|page)-.*\.png$/.test(file) && !wanted.has(file)) rmSync(`${IMAGES}${file}`);
}
process.stdout.write(`${only ? 'Looked at' : 'Wrote'} ${shots().length} pictures; ${complaints.length} complaints.\n`);
for (const complaint of complaints) process.stdout.write(`  ${complaint}\n`);
process.exit(complaints.length === 0 ? 0 : 1);
