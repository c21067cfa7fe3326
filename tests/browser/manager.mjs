// The manager page as managers meet it. Each case is a claim; each is told in both languages.

import assert from 'node:assert/strict';
import {randomUUID} from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import zlib from 'node:zlib';
import {HtmlValidate, StaticConfigLoader} from 'html-validate';
import {api, deal, device, link, runCases, sizes, themes, Till, told, until} from './bench.mjs';

const catalogue = language => Object.assign({}, ...['shared', 'manager'].map(each => JSON.parse(fs.readFileSync(path.join(told.root, `agent/web/${each}/${language}.json`), 'utf8'))));
const words = {en: catalogue('en'), el: catalogue('el')};
const say = (language, key, values = {}) => words[language][key].replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole);
const says = (text, language, key, values) => assert.ok(text.includes(say(language, key, values)), `“${say(language, key, values)}” in “${text}”`);
const money = (language, minor) => new Intl.NumberFormat(language === 'el' ? 'el-CY' : 'en-GB', {style: 'currency', currency: 'EUR'}).format(minor / 100);
const plain = text => text.replace(/\s/g, ' ');
const nasty = '<img src=x onerror=';

class Desk extends Till {
  get address() { return '/manager'; }
  async page_() {
    await super.page_();
    Desk.last = this.page;
  }
  async pair() {
    const {body} = await api('POST', '/v1/terminals/OFFICE/pairing-codes', {role: 'manager'});
    await this.page.fill('#pairing', body.pairing_code);
    await this.page.keyboard.press('Enter');
    await this.view('today');
  }
  // A view is there when what it asks for is.
  async view(name) {
    await this.page.waitForSelector(`html[data-view=${name}] main h2`);
    await this.page.waitForFunction(loading => ![...document.querySelectorAll('main [role=status]')].some(each => each.textContent === loading), say(this.language, 'm.loading'));
  }
  async open(query) {
    await this.page.goto(`${told.url}/manager?${new URLSearchParams(query)}`);
    await this.view(query.view);
  }
  async go(name) {
    await this.page.locator(`nav a[href$="view=${name}"]`).click();
    await this.view(name);
  }
  button(key, values) { return this.page.getByRole('button', {name: say(this.language, key, values), exact: true}); }
  main() { return this.text('main'); }
  async table(name) {
    return this.page.locator('table', {has: this.page.locator('caption', {hasText: name})}).first().locator('tbody tr').evaluateAll(rows => rows.map(row => [...row.cells].map(cell => cell.innerText)));
  }
  async saved(press) {
    const [file] = await Promise.all([this.page.waitForEvent('download'), press()]);
    return {name: file.suggestedFilename(), text: fs.readFileSync(await file.path(), 'utf8')};
  }
}

async function withDesk(language, work, options) {
  const desk = await Desk.open(language, {role: 'manager', ...options});
  await work(desk);
  await desk.end();
}

const till = (method, where, body) => api(method, where, body, {token: told.pos, key: randomUUID()});
const basket = amount => ({currency: 'EUR', lines: [{id: '1', sku: 'KF02', quantity: '1', amount}]});
// A day with something of everything.
async function trade() {
  const bought = await till('POST', '/v1/purchases', {wallet: {new: true}, passes: [{code: deal('gift10').code}], basket: basket(700)});
  assert.equal(bought.status, 201);
  assert.equal((await till('POST', `/v1/purchases/${bought.body.id}/refunds`, {amount: 200})).status, 201);
  assert.equal((await till('POST', '/v1/passes/redeem', {code: deal('coffee15').code, wallet: {new: true}})).status, 201);
  assert.equal((await till('POST', '/v1/passes/redeem', {code: 'SPENT223456789', wallet: {new: true}})).body.code, 'pass_redeemed');
  return bought.body;
}
const spentOf = report => report.sources.reduce((sum, each) => sum + each.spent, 0);
const allZ = async () => (await api('GET', '/v1/reports/z?limit=500')).body.items;

// --- what managers do, in both languages ---------------------------------------------------------------------------

const flows = {
  async today_tells_what_was_spent_given_back_and_refused_and_leads_to_the_entries(language) {
    await trade();
    await withDesk(language, async desk => {
      const report = (await api('GET', '/v1/reports/day')).body;
      const tile = async key => plain(await desk.page.locator('.tile', {has: desk.page.locator('dt', {hasText: new RegExp(`^${say(language, key)}$`)})}).locator('dd').innerText());
      assert.ok((await tile('m.spent')).startsWith(plain(money(language, spentOf(report)))), await tile('m.spent'));
      assert.ok((await tile('m.given_back')).startsWith(plain(money(language, report.sources.reduce((sum, each) => sum + each.given_back, 0)))));
      assert.ok((await tile('m.refused')).startsWith(String(report.refusals.reduce((sum, each) => sum + each.count, 0))));
      says(await desk.main(), language, 'why.pass_redeemed');
      // Each chart has its table.
      for (const chart of ['m.spent_by', 'm.refused_by', 'm.by_hour']) {
        const figure = desk.page.locator('figure', {hasText: say(language, chart)}).first();
        assert.ok((await figure.locator('svg rect').count()) > 0);
        await figure.locator('summary').click();
      }
      assert.deepEqual((await desk.table(say(language, 'm.spent_by'))).map(row => plain(row[2])), report.sources.map(each => each.spent).sort((a, b) => b - a).map(each => plain(money(language, each))));
      assert.deepEqual((await desk.table(say(language, 'm.refused_by'))).map(row => [row[1], row[2]]), report.refusals.map(each => [each.code, String(each.count)]));
      // What happens is seen without asking.
      await till('POST', '/v1/purchases', {wallet: {new: true}, passes: [{code: deal('gift10').code}], basket: basket(123)});
      await desk.page.waitForFunction(wanted => document.querySelector('.tile dd').innerText.replace(/\s/g, ' ').startsWith(wanted), plain(money(language, spentOf(report) + 123)));
      await desk.button('m.day_before').click();
      await desk.page.waitForFunction(wanted => document.querySelector('main').innerText.includes(wanted), say(language, 'm.nothing_today'));
      assert.match(desk.page.url(), /view=today&day=\d{4}-/);
      await desk.page.goBack();
      await desk.view('today');
      await desk.page.locator('main .line-up a').click();
      await desk.view('journal');
    });
  },

  async an_entry_leads_to_its_rule_and_its_receipt_and_the_chain_is_checked(language) {
    const bought = await trade();
    await withDesk(language, async desk => {
      await desk.go('journal');
      await desk.page.waitForSelector('[data-chain=whole]');
      await desk.page.locator('main table').getByText(String(bought.entry.seq), {exact: true}).click();
      await desk.page.waitForSelector('main pre.paper');
      const text = await desk.main();
      assert.ok(text.includes(bought.entry.hash) && text.includes(bought.policy) && text.includes(bought.receipt.number));
      says(text, language, 'm.hash_right');
      assert.ok(text.includes('pass:') || text.includes('lot:'), 'its postings');
      assert.ok((await desk.table(say(language, 'm.paid_from')))[0][0].includes(nasty), 'pools by their names, as text');
      await desk.button('m.print_copy').click();
      await desk.page.getByText(say(language, 'm.print_queued', {printer: 'counter'})).waitFor();
      await desk.page.reload();
      await desk.page.waitForSelector('main pre.paper');
      // One byte of a body that was changed on the way is seen.
      await desk.page.route('**/v1/journal?*', async route => {
        const answer = await (await route.fetch()).json();
        const body = Buffer.from(answer.items.at(-1).body, 'base64');
        body[body.length - 1] ^= 1;
        answer.items.at(-1).body = body.toString('base64');
        await route.fulfill({json: answer});
      });
      await desk.go('journal');
      await desk.page.waitForSelector('main .note.bad');
      says(await desk.main(), language, 'm.chain_broken', {seq: (await api('GET', '/v1/status')).body.journal.seq});
      await desk.page.unroute('**/v1/journal?*');
    });
  },

  async the_day_is_closed_once_by_two_presses_and_printed(language) {
    await trade();
    await withDesk(language, async desk => {
      await desk.go('days');
      assert.match(await desk.text('pre.paper'), /X/);
      const before = (await allZ()).length;
      await desk.button('m.z_close').click();
      assert.equal((await allZ()).length, before, 'one press closes nothing');
      await desk.button('m.z_sure').dblclick();
      await desk.page.getByRole('heading', {name: say(language, 'm.z_report', {number: before + 1})}).waitFor();
      assert.equal((await allZ()).length, before + 1);
      await desk.page.waitForFunction(number => document.querySelector('pre.paper')?.textContent.includes(number), (await allZ()).at(-1).receipt.number);
      await desk.button('m.print').click();
      await desk.page.getByText(say(language, 'm.print_queued', {printer: 'counter'})).waitFor();
      const table = await desk.saved(() => desk.button('m.csv').click());
      assert.equal(table.name, `z-${before + 1}.csv`);
      assert.ok(table.text.includes(`z,${before + 1},`));
      await desk.page.goBack();
      await desk.view('days');
    });
  },

  async an_exception_is_closed_with_a_reason_and_stays_with_it(language) {
    await withDesk(language, async desk => {
      const open = (await api('GET', '/v1/exceptions')).body.items.filter(each => !each.closed_at);
      await desk.page.waitForFunction(count => document.querySelector('nav .count')?.textContent.startsWith(count), String(open.length));
      await desk.go('exceptions');
      says(await desk.main(), language, 'exception.malformed_fact');
      const card = desk.page.locator('[data-exception]').last();
      assert.ok(await card.getByRole('button', {name: say(language, 'm.close')}).isDisabled(), 'not without a reason');
      const reason = `${nasty} ${language}`;
      await card.locator('input').fill(reason);
      await card.getByRole('button', {name: say(language, 'm.close')}).click();
      await desk.page.waitForFunction(count => document.querySelectorAll('[data-exception]').length === count, open.length - 1);
      await desk.button('m.show_closed').click();
      await desk.page.waitForFunction(wanted => document.querySelector('main').innerText.includes(wanted), reason);
      assert.ok((await api('GET', '/v1/exceptions')).body.items.some(each => each.closed_reason === reason));
    });
  },

  async exposure_is_told_with_its_parts(language) {
    await withDesk(language, async desk => {
      await desk.go('exposure');
      const {exposure, authority} = (await api('GET', '/v1/status')).body;
      assert.ok(exposure[0].amount > 0, 'the business of this shop allows something');
      const text = plain(await desk.main());
      for (const amount of [exposure[0].amount, authority[0].held]) assert.ok(text.includes(plain(money(language, amount))), text);
      says(text, language, 'm.exposure_some');
    });
  },

  async devices_say_what_they_lack_and_print_a_test(language) {
    await withDesk(language, async desk => {
      await desk.go('devices');
      const card = desk.page.locator('[data-device=counter]');
      await device('paper out');
      try {
        await desk.page.waitForFunction(wanted => document.querySelector('[data-device=counter]').classList.contains('warn') && document.querySelector('[data-device=counter]').innerText.includes(wanted), say(language, 'device.paper.empty'));
        await card.getByRole('button', {name: say(language, 'm.test_print')}).click();
        await card.getByText(say(language, 'm.print_queued', {printer: 'counter'})).waitFor();
        await desk.page.waitForFunction(wanted => document.querySelector('main table')?.innerText.includes(wanted), say(language, 'job.why.paper'));
      } finally {
        await device('paper load');
      }
      await desk.page.waitForFunction(() => !document.querySelector('[data-device=counter]').classList.contains('warn') && !document.querySelector('main table'));
    });
  },

  async a_terminal_is_added_a_till_pairs_by_its_code_and_a_token_is_revoked(language) {
    await withDesk(language, async desk => {
      await desk.go('access');
      const id = `BAR-${language}`;
      await desk.page.fill('#new-id', id);
      await desk.page.fill('#new-name', `${nasty} ${language}`);
      await desk.button('m.add').click();
      const card = desk.page.locator(`[data-terminal=${id}]`);
      await card.waitFor();
      assert.ok((await card.innerText()).includes(nasty));
      await card.getByRole('button', {name: say(language, 'm.make_code')}).click();
      const code = (await card.locator('.code strong').innerText()).replace(/\D/g, '');
      const paired = await Till.open(language, {paired: false});
      await paired.page.fill('#pairing', code);
      await paired.page.keyboard.press('Enter');
      await paired.at('ready');
      await card.locator('select').selectOption('pos');
      assert.equal(await card.locator('.code').count(), 0, 'what was shown once is gone');
      await card.getByRole('button', {name: say(language, 'm.make_token')}).click();
      await card.getByRole('button', {name: say(language, 'm.token_sure')}).click();
      const token = await card.locator('.code code').innerText();
      assert.equal((await api('GET', '/v1/status', undefined, {token})).status, 200);
      const revoke = async role => {
        const row = desk.page.locator('main table tr', {hasText: id}).filter({hasText: say(language, `role.${role}`)});
        await row.getByRole('button').click();
        await row.getByRole('button', {name: say(language, 'm.revoke_sure')}).or(row.locator('button.danger')).first().click();
        await row.waitFor({state: 'detached'});
      };
      await revoke('pos');
      assert.equal((await api('GET', '/v1/status', undefined, {token})).status, 401);
      await revoke('cashier');
      await paired.page.waitForSelector('#pairing');
      await paired.end();
    });
  },

  async reports_on_passes_are_their_address_and_their_tables_open_in_a_spreadsheet(language) {
    await trade();
    await withDesk(language, async desk => {
      await desk.go('summary');
      const before = await desk.table(say(language, 'm.passes_summary'));
      assert.ok(before.some(row => row[0].startsWith('=HYPERLINK(')));
      await desk.page.locator('main table a', {hasText: '=HYPERLINK('}).click();
      await desk.view('analysis');
      assert.match(desk.page.url(), /view=analysis&plan=coffee15|plan=coffee15&view=analysis|view=analysis.*plan=coffee15/);
      await desk.page.selectOption('#f-what', 'redeemed');
      await desk.button('filter.show').click();
      await desk.page.waitForURL(/what=redeemed/);
      await desk.view('analysis');
      const rows = await desk.table(say(language, 'm.passes_analysis'));
      assert.ok(rows.length > 0 && rows.every(row => row[2] === say(language, 'event.redeemed') && row[4].startsWith('=HYPERLINK(')));
      await desk.page.reload();
      await desk.view('analysis');
      assert.deepEqual(await desk.table(say(language, 'm.passes_analysis')), rows, 'the address is the report');
      const table = await desk.saved(() => desk.button('m.csv').click());
      assert.ok(table.text.startsWith('\ufeff'), 'its mark says that it is UTF-8');
      const mark = language === 'el' ? ';' : ',';
      assert.ok(table.text.includes(`${mark}"'=HYPERLINK(""http://127.0.0.1/""`), table.text);
      assert.ok(table.text.includes(language === 'el' ? ';15,00;EUR' : ',15.00,EUR'), table.text);
      assert.equal(table.text.trim().split('\r\n').length, rows.length + 1);
      await desk.page.locator('main table a').first().click();
      await desk.view('journal');
      await desk.page.goBack();
      await desk.view('analysis');
    });
  },

  // Two places whose dates always differ: at least one of them is not the venue's.
  async the_days_of_a_report_are_the_venues_wherever_the_page_is_read(language) {
    for (const zone of ['Pacific/Kiritimati', 'Pacific/Pago_Pago']) {
      await withDesk(language, async desk => {
        await desk.go('summary');
        const {body} = await api('GET', '/v1/reports/day');
        assert.equal(await desk.page.inputValue('#f-upto'), body.day);
        assert.equal(await desk.page.inputValue('#f-from'), `${body.day.slice(0, 8)}01`);
      }, {zone});
    }
  },

  async a_cut_of_the_link_is_rehearsed_and_told(language) {
    await withDesk(language, async desk => {
      await desk.go('health');
      try {
        await desk.page.locator('[data-mode=down]').click();
        await desk.page.waitForSelector('.link.down');
        says(await desk.main(), language, 'm.rehearsing', {mode: say(language, 'mode.down')});
        await trade();
        await desk.go('journal');
        await desk.page.waitForFunction(wanted => [...document.querySelectorAll('main td')].some(each => each.innerText === wanted), say(language, 'm.booked.no'));
        await desk.go('health');
        await desk.page.locator('[data-mode=up]').click();
        await desk.page.waitForSelector('.link.up');
      } finally {
        await link('up');
      }
      await until(async () => (await api('GET', '/v1/status')).body.journal.pending === 0, 'all is booked');
      await desk.button('m.compare').click();
      await desk.page.locator('.act .good').waitFor();
      says(await desk.text('.act .good'), language, 'm.compared_same');
    });
  },
};

// --- what goes wrong ------------------------------------------------------------------------------------------------

const faults = {
  async a_reload_while_the_day_is_closed_closes_it_once_and_tells() {
    for (const reached of [true, false]) {
      await trade();
      const desk = await Desk.open('en', {role: 'manager'});
      await desk.go('days');
      const before = (await allZ()).length;
      let caught, first = true;
      const met = new Promise(done => { caught = done; });
      await desk.page.route('**/v1/reports/z', async route => {
        if (route.request().method() !== 'POST' || !first) return route.continue();
        first = false;
        if (reached) await route.fetch();
        caught();
        return undefined;  // no answer
      });
      await desk.button('m.z_close').click();
      await desk.button('m.z_sure').click();
      await met;
      assert.equal((await allZ()).length, before + (reached ? 1 : 0));
      // The route stays: without one the browser would let go of what it holds.
      await desk.page.reload();
      await desk.page.getByRole('heading', {name: say('en', 'm.z_report', {number: before + 1})}).waitFor();
      await desk.page.waitForTimeout(1500);
      assert.equal((await allZ()).length, before + 1, `once, whether it ${reached ? 'had' : 'had not'} reached the agent`);
      assert.equal(await desk.page.evaluate(() => sessionStorage.getItem('obol.pending.z')), null);
      await desk.end();
    }
  },

  async the_session_is_a_managers_of_this_tab_alone_and_its_end_is_told() {
    await withDesk('en', async desk => {
      assert.equal(await desk.page.evaluate(() => JSON.stringify(localStorage).includes('obol_')), false);
      const other = await desk.context.newPage();
      await other.goto(`${told.url}/manager`);
      await other.waitForSelector('#pairing');
      await other.close();
      const mine = (await api('GET', '/v1/tokens?limit=500')).body.items.filter(each => each.expires_at && !each.revoked);
      for (const each of mine) await api('POST', `/v1/tokens/${each.id}/revoke`, {});
      await desk.page.waitForSelector('#pairing');
      says(await desk.text('form'), 'en', 'sign.over');
      await desk.pair();
    });
    // A cashier's code opens nothing here.
    const desk = await Desk.open('en', {paired: false});
    await desk.page.fill('#pairing', (await api('POST', '/v1/terminals/T1/pairing-codes', {role: 'cashier'})).body.pairing_code);
    await desk.page.keyboard.press('Enter');
    await desk.page.waitForFunction(wanted => document.querySelector('form').innerText.includes(wanted), say('en', 'm.not_manager'));
    await desk.end();
  },

  async an_address_that_pairs_does_so_once_and_forgets_the_code() {
    const {body} = await api('POST', '/v1/terminals/OFFICE/pairing-codes', {role: 'manager'});
    const desk = await Desk.open('en', {paired: false});
    await desk.page.goto('about:blank');
    await desk.page.goto(`${told.url}/manager#pair=${body.pairing_code}`);
    await desk.view('today');
    assert.equal(desk.page.url(), `${told.url}/manager`);
    await desk.end();
  },

  async names_with_markup_and_other_directions_are_shown_as_text() {
    await trade();
    await withDesk('en', async desk => {
      for (const view of ['today', 'exceptions', 'journal', 'access', 'summary', 'analysis']) {
        await desk.open({view, ...(view === 'exceptions' ? {closed: 'yes'} : {})});
        assert.equal(await desk.page.locator('main img').count(), 0);
        assert.notEqual(await desk.page.title(), '1');
      }
      await desk.open({view: 'exceptions', closed: 'yes'});
      assert.ok((await desk.main()).includes(nasty));
      assert.equal(await desk.page.evaluate(() => getComputedStyle([...document.querySelectorAll('main p.name')].at(-1)).unicodeBidi), 'isolate');
    });
  },

  async an_agent_that_does_not_answer_is_told_of_and_the_page_goes_on_by_itself() {
    await withDesk('en', async desk => {
      await desk.page.route('**/v1/**', route => route.abort());
      await desk.page.waitForSelector('.link.gone');
      await desk.page.unroute('**/v1/**');
      await desk.page.waitForSelector('.link.up');
    });
  },
};

// --- every view, looked at --------------------------------------------------------------------------------------------

const looks = {
  async every_view_is_accessible_in_every_theme_and_valid_and_has_its_picture() {
    const validator = new HtmlValidate(new StaticConfigLoader({extends: ['html-validate:standard'], rules: {
      // What a browser writes out of its tree has neither; and htm writes no self-closing tags.
      'void-style': 'off', 'attribute-boolean-style': 'off', 'attr-quotes': 'off', 'no-trailing-whitespace': 'off', 'doctype-style': 'off', 'no-inline-style': 'error',
      'tel-non-breaking': 'off', 'long-title': 'off', 'attribute-empty-style': 'off',
    }}));
    const valid = async (markup, what) => {
      const report = await validator.validateString(markup);
      assert.deepEqual(report.results.flatMap(each => each.messages.map(m => `${m.ruleId}: ${m.message} (${m.line}:${m.column}) ${markup.split('\n')[m.line - 1]?.slice(Math.max(0, m.column - 40), m.column + 80)}`)), [], `html-validate: ${what}`);
    };
    await valid(fs.readFileSync(path.join(told.root, 'agent/web/manager/manager.html'), 'utf8'), 'manager.html');
    const bought = await trade();
    await device('paper near_end').catch(() => {});
    const seen = [{view: 'today'}, {view: 'days'}, {view: 'exceptions'}, {view: 'exposure'}, {view: 'devices'}, {view: 'journal'}, {view: 'journal', seq: bought.entry.seq}, {view: 'access'}, {view: 'summary'}, {view: 'analysis'}, {view: 'health'}];
    for (const language of ['en', 'el']) {
      const desk = await Desk.open(language, {role: 'manager'});
      for (const query of seen) {
        const name = Object.values(query)[0] + (query.seq ? '-entry' : '');
        await desk.open(query);
        if (query.seq) await desk.page.waitForSelector('main pre.paper');
        await desk.page.evaluate(() => { for (const each of document.querySelectorAll('main details')) each.open = true; });
        await valid(await desk.markup(), name);
        for (const theme of themes) {
          await desk.page.evaluate(wanted => { document.documentElement.dataset.theme = wanted; }, theme);
          await desk.accessible(`${name}, ${theme}, ${language}`);
        }
        await desk.page.evaluate(() => { for (const each of document.querySelectorAll('main details')) each.open = false; });
        for (const [width, height] of sizes) {
          await desk.page.setViewportSize({width, height});
          for (const theme of width === 1366 && language === 'en' ? themes : ['light']) {
            await desk.page.evaluate(wanted => { document.documentElement.dataset.theme = wanted; }, theme);
            await desk.page.waitForTimeout(60);
            await desk.picture(`${name}-${language}-${width}-${theme}`);
            assert.equal(await desk.page.evaluate(() => { const main = document.querySelector('main'); return document.documentElement.scrollWidth > innerWidth || main.scrollWidth > main.clientWidth + 1; }), false, `${name} fits ${width}`);
          }
        }
        await desk.page.setViewportSize({width: 1366, height: 768});
      }
      await desk.end();
    }
    const desk = await Desk.open('el', {paired: false});
    for (const theme of themes) {
      await desk.page.evaluate(wanted => { document.documentElement.dataset.theme = wanted; }, theme);
      await desk.accessible(`sign-in, ${theme}`);
    }
    await valid(await desk.markup(), 'sign-in');
    await desk.end();
  },
};

const figures = {
  async each_page_weighs_less_than_60_kilobytes_and_in_english_both_together_do() {
    for (const language of ['en', 'el']) {
      const all = new Map();
      for (const kind of [Till, Desk]) {
        const page = await kind.open(language);
        const names = await page.page.evaluate(() => [location.href, ...performance.getEntriesByType('resource').map(each => each.name)]);
        const own = new Map();
        for (const name of names.filter(each => !each.includes('/v1/'))) own.set(name, zlib.gzipSync(await (await page.context.request.get(name)).body()).length);
        await page.end();
        const sum = [...own.values()].reduce((whole, each) => whole + each, 0);
        console.log(`     ${kind === Desk ? 'manager' : 'till'}, ${language}: ${sum} bytes compressed, in ${own.size} files`);
        assert.ok(own.size > 10 && sum < 60 * 1024, `${sum} bytes`);
        for (const [name, size] of own) all.set(name, size);
      }
      const sum = [...all.values()].reduce((whole, each) => whole + each, 0);
      console.log(`     both, ${language}: ${sum} bytes compressed`);
      if (language === 'en') assert.ok(sum < 60 * 1024, `${sum} bytes`);
    }
  },
};

// --- run ------------------------------------------------------------------------------------------------------------

await api('POST', '/v1/terminals', {id: 'OFFICE', name: 'Office'});
await runCases(flows, {...faults, ...looks, ...figures}, async () => {
  const shown = await Desk.last?.evaluate(() => [location.href, JSON.stringify(sessionStorage).replace(/obol_[\w-]+/g, 'obol_…'), document.body.innerText.slice(0, 1500)]).catch(() => []);
  console.log(['     the page showed:', ...shown ?? []].join('\n'));
});
