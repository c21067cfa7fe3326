// The one flow of the till: scanned → worth → confirmed → result → ready. Holds what is going on, asks the agent, and
// tells whoever watches; draws nothing. At any moment it is at one step:
//
//   ready     nothing presented          pin        a PIN is asked for        pass      a pass, with no basket to pay
//   wallet    a balance                  customer   it takes a wallet besides offer     what it is worth for the basket
//   paying    asked for, answer awaited  result     what became of it         receipt   a paper, to read or print again
//   refund    what is to come back       sure       the refund's confirmation  problem   what is wrong, and what to do

import {call, newKey, Refused} from '/web/shared/api.js';
import {asked, emptyBasket, fromPos, isReady, keepBasket, keptBasket, oneMore, withLine} from './basket.js';

const PENDING = 'obol.pending';
const SAME_SCAN_MS = 700;
const FORGOTTEN_MS = 120_000;
const nothing = () => ({wallet: null, holder: null, passes: [], promotions: []});
const pause = ms => new Promise(done => setTimeout(done, ms));

// What is asked for lies in this tab until its answer is here, so that a page that is loaded anew asks the same again,
// under the same key, and shows what became of it.
const pending = {
  get: () => JSON.parse(sessionStorage.getItem(PENDING)),
  set: value => sessionStorage.setItem(PENDING, JSON.stringify(value)),
  clear: () => sessionStorage.removeItem(PENDING),
};

// The outcome is not known: the same key is to be asked again.
const isOpen = refused => refused.status === 0 || ['outcome_unknown', 'request_in_progress', 'busy'].includes(refused.problem.code);
const asksForPin = problem => ['pin_required', 'pin_incorrect'].includes(problem.code);

export class Flow {
  constructor(tell) {
    this.tell = tell;
    this.state = {
      step: 'ready', tender: nothing(), basket: keptBasket(), quote: null, without: [], spend: {mode: 'max'}, note: null,
      asking: false, status: null, statusAt: 0, noPos: false, lastReceipt: sessionStorage.getItem('obol.receipt') ?? '',
    };
    this.turn = 0;
    this.queue = Promise.resolve();
    this.lastScan = {text: '', at: -Infinity};
    this.done = '';
  }

  set(change) {
    this.state = {...this.state, ...change};
    if (change.basket && change.basket.source === 'own') keepBasket(change.basket);
    this.tell(this.state);
  }
  // `note`: {key, values, bad}: one sentence beside what is shown.
  note(key, values = {}, bad = false) { this.set({note: {key, values, bad, at: Date.now()}}); }
  get currency() {
    return this.state.basket.currency ?? this.state.status?.exposure[0]?.currency ?? 'EUR';
  }
  get paying() { return this.state.step === 'paying'; }

  // Everything is put away but the basket. Not while an outcome is open.
  clear() {
    if (this.paying) return;
    this.turn++;
    this.set({step: 'ready', tender: nothing(), quote: null, without: [], spend: {mode: 'max'}, note: null, asking: false,
              pin: null, result: null, problem: null, purchase: null, refund: null, receipt: null, pass: null, shown: null});
  }

  // Runs `work`; what it shows counts only if nothing else was begun meanwhile.
  async ask(work) {
    const turn = ++this.turn;
    const slow = setTimeout(() => turn === this.turn && this.set({asking: true}), 200);
    try {
      const show = await work();
      if (turn === this.turn && show) show();
    } catch (refused) {
      if (!(refused instanceof Refused)) throw refused;
      if (turn === this.turn && !this.refusedPin(refused.problem)) this.refuse(refused.problem);
    } finally {
      clearTimeout(slow);
      if (turn === this.turn && this.state.asking) this.set({asking: false});
    }
  }
  refuse(problem) { this.set({step: 'problem', problem, note: null}); }

  // --- what was scanned or typed ---------------------------------------------------------------------------------

  // `found`: what the agent's own scanner has already been told; else the agent is asked.
  scan(text, found) {
    const now = performance.now();
    const again = text === this.lastScan.text && now - this.lastScan.at < SAME_SCAN_MS;
    this.lastScan = {text, at: now};
    if (again) return;
    if (this.paying) return this.note('note.wait', {}, true);
    this.queue = this.queue.catch(fault => console.error(fault)).then(() => (this.paying ? this.note('note.wait', {}, true) : this.identify(text, found)));
  }

  identify(text, found) {
    if (['result', 'problem', 'receipt'].includes(this.state.step)) this.clear();
    const by = /^\+\d[\d -]{5,}$/.test(text) ? {phone: text.replace(/[ -]/g, '')} : text.includes('@') ? {email: text} : null;
    if (by) return this.ask(async () => {
      const wallet = await call('POST', '/v1/wallets/lookup', by);
      return () => this.present(() => this.withWallet({id: wallet.id}, wallet));
    });
    return this.ask(async () => {
      const met = found ?? await call('POST', '/v1/scans', {data: text});
      return () => this.present(() => this.meet(met, text));
    });
  }
  present(meet) {
    this.set({note: null});
    meet();
  }

  meet(found, text) {
    if (!found.kind) return this.refuse(found);  // a scanner's, that the agent refused
    if (found.kind === 'product') return this.meetProduct(found.product);
    if (found.kind === 'receipt') return this.meetReceipt(found.receipt);
    if (found.kind === 'wallet') return this.meetWallet(found.wallet, text);
    if (found.kind === 'pass') return this.meetPass(found.pass, text);
    const reasons = found.reasons ?? [];
    this.refuse({code: reasons[0]?.code ?? 'nothing_known', reasons});
  }

  meetProduct(product) {
    const {basket} = this.state;
    if (basket.source === 'pos') return this.note('note.pos_basket', {}, true);
    const line = basket.lines.find(each => each.sku === product.sku);
    this.set({basket: line ? oneMore(basket, line) : withLine(basket, {sku: product.sku, name: product.name})});
    if (['offer', 'pass', 'wallet'].includes(this.state.step)) this.evaluate();
  }

  // A line that was typed by its product number gets the catalogue's name, where it has one.
  async nameLine(sku) {
    try {
      const found = await call('POST', '/v1/scans', {data: sku});
      if (found.kind !== 'product') return;
      const {basket} = this.state;
      this.set({basket: {...basket, lines: basket.lines.map(line => (line.sku === sku && !line.name ? {...line, name: found.product.name} : line))}});
    } catch (refused) {
      if (!(refused instanceof Refused)) throw refused;
    }
  }

  meetPass(pass, code) {
    const {tender} = this.state;
    if (tender.passes.some(each => each.id === pass.id && pass.id || each.code === code)) return this.note('note.already');
    if (pass.pin === 'locked') return this.refuse({code: 'pass_locked'});
    if (pass.type === 'promotion') {
      if (tender.promotions.includes(code)) return this.note('note.already');
      this.set({tender: {...tender, promotions: [...tender.promotions, code]}});
      return this.evaluate();
    }
    if (pass.pin === 'required') return this.askPin({of: 'pass', code, pass});
    this.withPass({code, id: pass.id, type: pass.type, display: pass.display});
  }

  meetWallet(wallet, code) {
    if (wallet.pin === 'locked') return this.refuse({code: 'pass_locked'});
    if (wallet.pin === 'required') {
      const of = this.state.step === 'refund' && this.state.refund.needsWallet ? 'refund' : 'wallet';
      return this.askPin({of, code, pass: {display: `....${code.slice(-4)}`}});
    }
    this.withWallet(wallet.holder ? {id: wallet.id} : {pass_code: code}, wallet);
  }

  askPin(pin) { this.set({step: 'pin', pin: {digits: '', ...pin}}); }
  pinKey(digit) {
    const {step, pin} = this.state;
    if (step === 'pin' && !this.state.asking && pin.digits.length < 8) this.set({pin: {...pin, digits: pin.digits + digit, wrong: null}});
  }
  pinBack() { if (!this.state.asking) this.set({pin: {...this.state.pin, digits: this.state.pin.digits.slice(0, -1)}}); }

  // `pay`: the customer's PIN is their consent; where all is well it is paid at once. Else what it is worth is shown.
  async pinDone(pay) {
    const {pin, step, asking} = this.state;
    if (step !== 'pin' || asking || pin.digits.length < 4) return;
    const shown = {code: pin.code, pin: pin.digits, type: pin.pass.type, display: pin.pass.display};
    this.set({asking: true});
    if (pin.of === 'refund') return this.refund({pass_code: pin.code, pin: pin.digits});
    if (pin.of === 'pass') await this.withPass(shown, pay);
    else await this.withWallet({pass_code: pin.code, pin: pin.digits}, null, pay);
  }

  withPass(pass, pay) {
    const {tender, basket} = this.state;
    // Several may pay for a basket; without one, each is met by itself.
    const passes = isReady(basket) ? [...tender.passes, pass] : [pass];
    return this.evaluate({...tender, passes}, pay);
  }
  withWallet(wallet, shown, pay) {
    if (this.state.step === 'refund' && this.state.refund.needsWallet) return this.refund(wallet);
    const tender = {...this.state.tender, wallet, holder: shown?.holder ?? null};
    return this.evaluate(tender, pay, shown);
  }

  // --- what it is worth ---------------------------------------------------------------------------------------------

  order(tender = this.state.tender) {
    const {without, spend, basket} = this.state;
    const order = {wallet: tender.wallet ?? {new: true}, basket: asked(basket, this.currency), spend: {...spend}};
    if (without.length) order.spend.without = without;
    if (tender.passes.length) order.passes = tender.passes.map(({code, pin}) => (pin ? {code, pin} : {code}));
    if (tender.promotions.length) order.promotion_codes = tender.promotions;
    return order;
  }

  evaluate(tender = this.state.tender, pay = false, shown = null) {
    const {basket} = this.state;
    const needsWallet = !tender.wallet && (tender.promotions.length > 0 || tender.passes.some(each => each.type === 'topup'));
    return this.ask(async () => {
      if (needsWallet) return this.judged(tender, () => this.set({tender, step: 'customer', pin: null}));
      if (isReady(basket)) return this.quoted(tender, await call('POST', '/v1/quotes', this.order(tender)), pay);
      if (tender.passes.length) return this.checked(tender);
      if (tender.wallet) {
        const wallet = shown ?? await call('POST', '/v1/wallets/lookup', tender.wallet);
        return () => this.set({tender: {...tender, holder: wallet.holder}, shown: wallet, step: 'wallet', pin: null});
      }
      return () => this.set({tender, step: 'ready'});
    });
  }

  // A PIN that was typed is judged at once, also where nothing can be done with the pass yet.
  async judged(tender, show) {
    const pass = tender.passes.at(-1);
    return pass?.pin ? this.checked(tender, show) : show;
  }
  async checked(tender, show) {
    const {code, pin} = tender.passes.at(-1);
    const found = await call('POST', '/v1/passes/check', pin ? {code, pin} : {code});
    const why = found.reasons[0];
    if (why && asksForPin(why)) return () => this.wrongPin(why);
    if (why?.code === 'pass_locked') return () => this.refuse(why);
    return show ?? (() => this.set({tender, pass: found, step: 'pass', pin: null}));
  }
  quoted(tender, quote, pay) {
    const why = quote.reasons[0];
    if (!quote.accepted && why && asksForPin(why)) return () => this.wrongPin(why);
    return () => {
      this.set({tender, quote, step: 'offer', note: null, pin: null, asking: false});
      if (pay && quote.accepted && quote.spendable > 0 && quote.at_risk === 0) this.pay();
    };
  }
  wrongPin(why) {
    const {pin} = this.state;
    if (!pin) return this.refuse(why);
    this.set({step: 'pin', pin: {...pin, digits: '', wrong: {left: why.attempts_left}}});
  }
  refusedPin(problem) {
    const why = problem.reasons?.[0] ?? problem;
    if (this.state.pin && asksForPin(problem)) {
      this.wrongPin(why);
      return true;
    }
    return false;
  }

  leaveOut(lot) {
    if (this.state.step !== 'offer' || lot.startsWith('award:')) return;
    if (lot.startsWith('pass:')) return this.note('note.pass_pays');
    const {without} = this.state;
    this.set({without: without.includes(lot) ? without.filter(each => each !== lot) : [...without, lot]});
    return this.evaluate();
  }
  spend(spend) {
    if (this.state.step !== 'offer') return;
    this.set({spend});
    return this.evaluate();
  }
  fullOnly() { return this.spend({mode: this.state.spend.mode === 'full' ? 'max' : 'full'}); }

  changeBasket(basket) {
    this.set({basket});
    if (['offer', 'pass', 'wallet'].includes(this.state.step)) this.evaluate();
  }

  // --- what moves money -----------------------------------------------------------------------------------------------

  pay(more = {}) {
    const {step, quote} = this.state;
    if (step !== 'offer' || !quote.accepted || this.state.asking) return;
    const body = {...this.order(), expect: {spent: quote.spendable}, ...more};
    return this.move('purchase', '/v1/purchases', body);
  }
  redeem() {
    const {step, tender, pass} = this.state;
    if (step !== 'pass' || !pass.redeemable || this.state.asking) return;
    const {code, pin} = tender.passes.at(-1);
    const body = {code, wallet: tender.wallet ?? {new: true}};
    if (pin) body.pin = pin;
    return this.move('redeem', '/v1/passes/redeem', body);
  }
  refund(wallet) {
    const {refund, purchase, step} = this.state;
    if (!refund || !['sure', 'refund', 'pin'].includes(step)) return;
    if (refund.isVoid) return this.move('void', `/v1/purchases/${purchase.id}/void`, {});
    const lines = refund.lines.filter(each => each.chosen && each.amount > 0).map(({line, amount}) => ({line, amount}));
    return this.move('refund', `/v1/purchases/${purchase.id}/refunds`, wallet ? {lines, wallet} : {lines});
  }

  move(what, path, body) {
    const wanted = {what, path, body, key: newKey(), at: Date.now()};
    pending.set(wanted);
    this.turn++;
    this.set({step: 'paying', note: null, asking: false, late: false, recovered: false});
    return this.settle(wanted);
  }
  // After the page was loaded anew: what was under way?
  recover() {
    const open = pending.get();
    if (!open) return;
    // What never arrived would be done now: after a while only if somebody wants it.
    if (Date.now() - open.at > FORGOTTEN_MS) return this.refuse({code: 'open_outcome', move: open});
    this.askAgain(open);
  }
  askAgain(open) {
    this.set({step: 'paying', note: null, late: false, recovered: true});
    this.settle(open);
  }
  leaveOpen() {
    pending.clear();
    this.clear();
  }

  async settle(wanted) {
    const late = setTimeout(() => this.set({late: true}), 1500);
    for (let wait = 250; ; wait = Math.min(wait * 2, 3000)) {
      try {
        const answer = await call('POST', wanted.path, wanted.body, {key: wanted.key});
        clearTimeout(late);
        return this.moved(wanted, answer);
      } catch (refused) {
        if (!(refused instanceof Refused)) throw refused;
        if (refused.status === 401) { clearTimeout(late); return this.signedOut(); }
        if (!isOpen(refused)) { clearTimeout(late); return this.notMoved(wanted, refused.problem); }
      }
      await pause(wait);
    }
  }
  // The outcome stays open; who signs in again in this tab is told.
  signedOut() { dispatchEvent(new Event('obol.signed-out')); }

  moved(wanted, answer) {
    pending.clear();
    this.lastScan = {text: '', at: -Infinity};
    const lastReceipt = answer.receipt.number;
    sessionStorage.setItem('obol.receipt', lastReceipt);
    const {recovered, basket} = this.state;
    this.clearAfter();
    this.set({step: 'result', result: {what: wanted.what, answer, recovered}, lastReceipt, shownAt: performance.now()});
    if (wanted.what !== 'purchase') return;
    if (basket.source === 'pos') this.done = basket.at;
    this.set({basket: emptyBasket()});
    keepBasket(emptyBasket());
  }
  notMoved(wanted, problem) {
    pending.clear();
    const {quote} = problem;
    if (problem.code === 'quote_changed' && this.state.tender.wallet === null && !this.state.tender.passes.length) {
      return this.refuse(problem);  // loaded anew: nobody knows the tender any more, and nothing has moved
    }
    if (problem.code === 'quote_changed') return this.set({step: 'offer', quote: {...quote, changed: true}});
    const why = problem.reasons?.[0] ?? problem;
    if (wanted.what === 'refund' && problem.code === 'pin_required' && this.state.refund) {
      return this.set({step: 'refund', refund: {...this.state.refund, needsWallet: true}});
    }
    if (this.state.pin && asksForPin(problem)) return this.wrongPin(why);
    this.refuse({...problem, move: wanted});
  }
  clearAfter() {
    this.set({tender: nothing(), quote: null, without: [], spend: {mode: 'max'}, pin: null, refund: null, purchase: null,
              pass: null, shown: null, note: null, problem: null, late: false});
  }
  payTwice() {
    const {move} = this.state.problem;
    this.move('purchase', move.path, {...move.body, confirm_duplicate: true});
  }

  // --- receipts -----------------------------------------------------------------------------------------------------

  meetReceipt(receipt) {
    if (receipt.valid === false) return this.refuse({code: 'receipt_not_genuine'});
    return receipt.purchase ? this.openPurchase(receipt.purchase, receipt.number) : this.openReceipt(receipt.number);
  }
  openPurchase(id, number) {
    return this.ask(async () => {
      const purchase = await call('GET', `/v1/purchases/${encodeURIComponent(id)}`);
      const lines = purchase.refundable.filter(each => each.amount > 0)
        .map(({line, amount}) => ({line, most: amount, amount, chosen: true}));
      if (!lines.length) return () => this.refuse({code: 'already_refunded', number});
      return () => this.set({step: 'refund', purchase, refund: {number, lines, needsWallet: false, isVoid: false}});
    });
  }
  openReceipt(number) {
    return this.ask(async () => {
      const text = await call('GET', `/v1/receipts/${encodeURIComponent(number)}`, undefined, {accept: 'text/plain'});
      return () => this.set({step: 'receipt', receipt: {number, text}});
    });
  }
  changeRefund(line, change) {
    const lines = this.state.refund.lines.map(each => (each.line === line ? {...each, ...change} : each));
    this.set({refund: {...this.state.refund, lines}});
  }
  sure() {
    const {step, refund} = this.state;
    if (step === 'refund' && !refund.needsWallet && refundTotal(refund) > 0) this.set({step: 'sure', refund: {...refund, isVoid: false}});
  }
  // Whole and exact, what it earned too: as if it had never been. Before any refund alone.
  get voidable() { return this.state.step === 'refund' && !this.state.purchase.refunds.length && !this.state.refund.needsWallet; }
  sureToVoid() {
    if (this.voidable) this.set({step: 'sure', refund: {...this.state.refund, isVoid: true}});
  }

  // On paper; where there is no printer, on the screen.
  async print(number) {
    try {
      await call('POST', `/v1/receipts/${encodeURIComponent(number)}/print`, {}, {key: newKey()});
      this.note('note.printing', {number});
    } catch (refused) {
      if (!(refused instanceof Refused)) throw refused;
      if (!['not_found', 'device_unknown'].includes(refused.problem.code)) return this.note('note.not_printed', {number}, true);
      if (!this.paying) this.openReceipt(number);
    }
  }

  // What becomes of the paper, told by the agent.
  printed(job) {
    if (job.receipt) this.set({print: {number: job.receipt.number, state: job.state, why: job.why}});
  }

  // --- what comes by itself -----------------------------------------------------------------------------------------

  async look() {
    try {
      this.set({status: await call('GET', '/v1/status', undefined, {seconds: 5}), statusAt: Date.now(), unreachable: false});
    } catch (refused) {
      if (!(refused instanceof Refused)) throw refused;
      if (refused.status === 401) this.signedOut();
      else this.set({unreachable: true});
    }
  }
  // The basket of the POS, where one shows any.
  async lookForBasket(terminal) {
    if (this.state.noPos) return;
    try {
      const shown = await call('GET', `/v1/terminals/${encodeURIComponent(terminal)}/basket`);
      const {basket, step} = this.state;
      if (this.paying || basket.at === shown.at && basket.source === 'pos') return;
      if (shown.basket && shown.at !== this.done) this.changeBasket(fromPos(shown));
      else if (!shown.basket && basket.source === 'pos') this.changeBasket(emptyBasket());
      if (step === 'result' && shown.basket && shown.at !== this.done) this.note('note.new_basket');
    } catch (refused) {
      if (!(refused instanceof Refused)) throw refused;
      if (refused.status === 404) this.set({noPos: true});
    }
  }
}

export const refundTotal = refund => refund.lines.reduce((sum, each) => sum + (each.chosen ? each.amount : 0), 0);
