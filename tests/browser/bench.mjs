// What the browser's cases share: a till in a browser, a hand that scans and types, and an eye that watches for what
// must not happen. `told` says where the shop is (till_test.py).

import assert from 'node:assert/strict';
import {randomUUID} from 'node:crypto';
import fs from 'node:fs';
import http from 'node:http';
import net from 'node:net';
import path from 'node:path';
import {createRequire} from 'node:module';
import {chromium} from 'playwright-core';

export const told = JSON.parse(fs.readFileSync(process.argv[2], 'utf8'));
const axeSource = fs.readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
export const sizes = [[1024, 600], [1366, 768], [1920, 1080]];
export const themes = ['light', 'dark', 'contrast'];

// A call as a program makes it: not fetch, which would say that it is a browser.
export function api(method, where, body, {token = told.manager, key, url = told.url} = {}) {
  return new Promise((done, failed) => {
    const text = body === undefined ? '' : JSON.stringify(body);
    const headers = {Authorization: `Bearer ${token}`, Accept: 'application/json'};
    if (method !== 'GET') Object.assign(headers, {'Content-Type': 'application/json', 'Content-Length': Buffer.byteLength(text), 'Idempotency-Key': key ?? randomUUID()});
    const request = http.request(url + where, {method, headers}, reply => {
      let said = '';
      reply.setEncoding('utf8').on('data', part => { said += part; }).on('end', () => done({status: reply.statusCode, body: said.startsWith('{') ? JSON.parse(said) : said}));
    });
    request.on('error', failed).end(text);
  });
}
// How many purchases the journal has.
let counted = 0, after = '';
export async function entries() {
  for (let page = {next: after || '0'}; page.next !== null;) {
    page = (await api('GET', `/v1/journal?limit=500${after ? `&after=${after}` : ''}`)).body;
    counted += page.items.filter(each => each.kind === 'purchase').length;
    if (page.items.length) after = String(page.items.at(-1).seq);
  }
  return counted;
}
export async function link(mode) {
  await api('POST', '/v1/link', {mode});
  await until(async () => (await api('GET', '/v1/status')).body.link.state === (mode === 'down' ? 'down' : 'up'), `link ${mode}`);
}
export async function until(met, what, seconds = 20) {
  for (const end = Date.now() + seconds * 1000; !await met();) {
    assert.ok(Date.now() < end, `${what} within ${seconds} s`);
    await new Promise(done => setTimeout(done, 50));
  }
}

// Tells the emulated devices of the counter one line.
export const device = line => new Promise((done, failed) => {
  const wire = net.connect(told.control, () => wire.write(`${line}\n`));
  wire.on('data', said => { wire.end(); String(said).trim() === 'ok' ? done() : failed(new Error(String(said))); }).on('error', failed);
});

const browser = await chromium.launch({executablePath: told.chromium, args: ['--no-sandbox', '--autoplay-policy=no-user-gesture-required']});
const close = () => browser.close();

// Codes are dealt once each, whatever case asks.
const dealt = {};
export function deal(plan, venue = 'nic') {
  const all = told.passes[plan][venue], name = `${plan}/${venue}`;
  dealt[name] = (dealt[name] ?? -1) + 1;
  assert.ok(all[dealt[name]], `no pass left of ${name}`);
  return all[dealt[name]];
}

const places = {'-': 'Minus', '+': 'Equal', '.': 'Period', '/': 'Slash', ':': 'Semicolon'};
const keyOf = c => (/[a-z]/i.test(c) ? `Key${c.toUpperCase()}` : /\d/.test(c) ? `Digit${c}` : places[c]);
const greek = 'ΑΒΨΔΕΦΓΗΙΞΚΛΜΝΟΠ;ΡΣΤΘΩςΧΥΖ';  // what a Greek layout makes of A to Z

export class Till {
  static async open(language = 'en', {size = [1366, 768], theme = 'light', paired = true, role = 'cashier', zone} = {}) {
    const context = await browser.newContext({viewport: {width: size[0], height: size[1]}, locale: language === 'el' ? 'el-GR' : 'en-GB', reducedMotion: 'reduce', timezoneId: zone});
    const till = new this();
    Object.assign(till, {context, language, theme, errors: [], bytes: 0, confirmations: 0});
    await context.addInitScript(wanted => {
      if (location.protocol === 'about:') return;
      if (!localStorage.getItem('obol.theme')) localStorage.setItem('obol.theme', wanted);
      window.violations = [];
      document.addEventListener('securitypolicyviolation', event => window.violations.push(`${event.violatedDirective} ${event.blockedURI} ${event.sample}`));
      // When the last key of a scan went down, and when its step was on the screen.
      addEventListener('keydown', event => { if (event.key === 'Enter') window.enterAt = performance.now(); }, true);
    }, theme);
    await till.page_();
    if (paired) await till.pair(role);
    return till;
  }
  async page_() {
    this.page = await this.context.newPage();
    this.page.setDefaultTimeout(30000);
    this.page.on('pageerror', fault => this.errors.push(fault.stack));
    this.page.on('console', message => { if (message.type() === 'error' && !message.text().startsWith('Failed to load resource')) this.errors.push(message.text()); });
    this.page.on('dialog', dialog => { this.errors.push(`dialog ${dialog.message()}`); dialog.dismiss(); });
    await this.page.goto(`${told.url}${this.address}`);
  }
  get address() { return '/till'; }
  async pair(role = 'cashier') {
    const {body} = await api('POST', '/v1/terminals/T1/pairing-codes', {role});
    await this.page.fill('#pairing', body.pairing_code);
    await this.page.keyboard.press('Enter');
    await this.at('ready');
  }
  at(step, more = '') { return this.page.waitForSelector(`html[data-step=${step}] [data-step=${step}]${more}`); }
  step() { return this.page.evaluate(() => document.documentElement.dataset.step); }
  text(selector = '.step') { return this.page.locator(selector).first().innerText(); }

  // As a scanner does: a burst of keys and Enter. On a Greek layout the letters are Greek; their places are the same.
  async scan(text) {
    const keys = [...text].map(c => ({code: keyOf(c), shiftKey: /[A-Z+:]/.test(c), key: this.language === 'el' && /[a-z]/i.test(c) ? greek['ABCDEFGHIJKLMNOPQRSTUVWXYZ'.indexOf(c.toUpperCase())] : c}));
    await this.page.evaluate(all => {
      for (const key of [...all, {code: 'Enter', key: 'Enter'}]) {
        const on = document.activeElement ?? document.body;
        const went = on.dispatchEvent(new KeyboardEvent('keydown', {...key, bubbles: true, cancelable: true}));
        if (went && key.key.length === 1 && on instanceof HTMLInputElement) {
          on.value += key.key;
          on.dispatchEvent(new Event('input', {bubbles: true}));
        }
        if (went && key.key === 'Enter') on.form?.requestSubmit();
      }
    }, keys);
  }
  async type(digits) { for (const digit of digits) await this.page.keyboard.press(`Digit${digit}`, {delay: 60}); }
  async enter() {
    this.confirmations++;
    await this.page.keyboard.press('Enter');
  }
  async key(name) { await this.page.keyboard.press(name); }
  async add(item, amount) {
    const lines = await this.page.locator('.basket .line').count();
    await this.key('F3');
    await this.page.fill('#item', item);
    await this.page.fill('#item-amount', amount);
    await this.page.keyboard.press('Enter');
    await this.page.waitForFunction(before => document.querySelectorAll('.basket .line').length > before, lines);
    await this.page.evaluate(() => document.activeElement.blur());
  }
  async lookUp(text) {
    await this.key('F2');
    await this.page.fill('#code', text);
    await this.page.keyboard.press('Enter');
  }
  async next() {
    await this.page.waitForTimeout(650);  // the page lets no second click of a double click put the result away
    await this.page.keyboard.press('Enter');
    await this.at('ready');
  }

  async picture(name) { await this.page.screenshot({path: path.join(told.pictures, `${name}.png`)}); }
  // WCAG 2.0 to 2.2, A and AA. Put in by the debugger, which the page's policy does not bind.
  async accessible(what) {
    await this.page.evaluate(axeSource);
    const {violations} = await this.page.evaluate(() => window.axe.run(document, {runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa']}));
    assert.deepEqual(violations.map(each => `${each.id}: ${each.nodes.map(node => `${node.html} ${node.failureSummary}`).join('; ')}`), [], `axe: ${what}`);
    const small = await this.page.evaluate(() => [...document.querySelectorAll('button, input:not([type=checkbox]), select, summary, label.check, nav a, a.button')]
      .filter(each => each.checkVisibility() && (each.getBoundingClientRect().height < 43.9 || each.getBoundingClientRect().width < 43.9)).map(each => each.outerHTML.slice(0, 120)));
    assert.deepEqual(small, [], `targets below 44 px: ${what}`);
    const wide = await this.page.evaluate(() => document.documentElement.scrollWidth > innerWidth || document.documentElement.scrollHeight > innerHeight + 1);
    assert.equal(wide, false, `${what}: the page itself scrolls`);
  }
  markup() { return this.page.evaluate(() => `<!DOCTYPE html>\n${document.documentElement.outerHTML}`); }

  async end() {
    for (const page of this.context.pages()) {
      if (page.url().startsWith('http')) this.errors.push(...await page.evaluate(() => window.violations ?? []));
      assert.ok(!page.url().includes('#') && !page.url().includes('obol_'), `no secret in the address: ${page.url()}`);
    }
    await this.context.close();
    assert.deepEqual(this.errors, [], 'errors and violations of the policy');
  }
}

// What is claimed in both languages, and what needs to be claimed once; those alone that the command names, if it names any.
export async function runCases(inBoth, others, onFault = async () => {}) {
  const cases = [
    ...Object.entries(inBoth).flatMap(([name, work]) => ['en', 'el'].map(language => [`${name}, ${language}`, () => work(language)])),
    ...Object.entries(others),
  ];
  const wanted = process.argv.slice(3);
  let passed = 0, failed = 0;
  for (const [name, work] of cases.filter(([each]) => !wanted.length || wanted.some(word => each.startsWith(word)))) {
    try {
      await work();
      passed++;
      console.log(`ok   ${name}`);
    } catch (fault) {
      failed++;
      console.log(`FAIL ${name}\n${fault.stack}`);
      await onFault();
    }
  }
  await close();
  console.log(`${passed} passed, ${failed} failed`);
  process.exit(failed || passed === 0 ? 1 : 0);
}
