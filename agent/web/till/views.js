// What the till shows at each step. Draws from the flow's state and hands back what is touched; decides nothing.

import {Button, Icon, html, useEffect, useRef, useState} from '/web/shared/view.js';
import {knows, lastDay, money, plainMoney, readMoney, say} from '/web/shared/words.js';
import {unpriced} from './basket.js';
import {refundTotal} from './flow.js';
import {because, whatToDo} from '/web/shared/why.js';

// The heading of a step gets the focus, or what is to be pressed next.
function useFocus(deps) {
  const element = useRef(null);
  useEffect(() => element.current?.focus({preventScroll: false}), deps);
  return element;
}

const Reasons = ({reasons, currency}) => reasons.length > 0 && html`<ul class="reasons">
  ${reasons.map(each => html`<li key=${each.code}><${Icon} of="warn" />${because(each, currency)}</li>`)}</ul>`;

export function Manual({flow, open, close}) {
  const field = useFocus([open]);
  const send = event => {
    event.preventDefault();
    const text = field.current.value.trim();
    field.current.value = '';
    if (text) flow.scan(text);
    close?.();
  };
  return html`<form class="manual" onSubmit=${send}>
    <label for="code">${say('manual.label')}</label>
    <div class="row"><input id="code" ref=${field} name="code" autocomplete="off" autocapitalize="characters" spellcheck=${false} maxlength="4096" />
    <button class="button" type="submit">${say('manual.send')}</button></div></form>`;
}

const Ready = ({flow, state}) => html`<div class="ready">
  <div class="beam"><${Icon} of="scan" /></div>
  <h2 tabindex="-1">${say('ready.title')}</h2>
  <p>${say(!state.basket.lines.length ? 'ready.no_basket' : unpriced(state.basket) ? 'ready.unpriced' : 'ready.basket')}</p>
  <${Manual} flow=${flow} /></div>`;

function Pin({flow, state}) {
  const {pin, asking} = state;
  const title = useFocus([pin.code, pin.wrong]);
  const basket = state.basket.lines.length > 0 && pin.of !== 'refund' && pin.pass.type !== 'topup';
  const enough = pin.digits.length >= 4 && !asking;
  return html`<div class="pin">
    <h2 tabindex="-1" ref=${title}>${say('pin.title')}</h2>
    <p>${say('pin.for', {display: pin.pass.display ?? ''})} ${say('pin.turn')}</p>
    <p class="dots" role="status" aria-label=${say('pin.typed', {count: pin.digits.length})}>${'●'.repeat(pin.digits.length)}<span>${'○'.repeat(Math.max(0, 4 - pin.digits.length))}</span></p>
    ${pin.wrong && html`<p class="bad" role="alert"><${Icon} of="bad" />${pin.wrong.left === undefined ? say('pin.wrong') : say(pin.wrong.left === 1 ? 'pin.wrong.last' : 'pin.wrong.left', {left: pin.wrong.left})}</p>`}
    <div class="pad" role="group" aria-label=${say('pin.title')}>
      ${'123456789'.split('').map(digit => html`<button type="button" class="digit" key=${digit} onClick=${() => flow.pinKey(digit)}>${digit}</button>`)}
      <button type="button" class="digit" aria-label=${say('pin.back')} onClick=${() => flow.pinBack()}><${Icon} of="back" /></button>
      <button type="button" class="digit" onClick=${() => flow.pinKey('0')}>0</button>
      <span></span></div>
    <div class="actions">
      <${Button} kind="primary" keys="Enter" data-primary does=${() => flow.pinDone(basket)} disabled=${!enough}>${say(basket ? 'pin.pay' : 'pin.go')}<//>
      ${basket && html`<${Button} keys="F8" does=${() => flow.pinDone(false)} disabled=${!enough}>${say('pin.look')}<//>`}
      <${Button} keys="Escape" does=${() => flow.clear()}>${say('cancel')}<//></div></div>`;
}

const pocketName = pocket => say(`pocket.${pocket}`);

// Cards of all that could pay, in the order in which it does: what pays, what does not and why, what was left out.
function cards(state) {
  const {quote, without} = state;
  const from = new Map();
  for (const each of quote.allocations) {
    from.set(each.lot ?? each.pocket, {id: each.lot ?? each.pocket, lot: each.lot, name: each.pool?.name ?? pocketName(each.pocket), pays: each.amount, risk: each.at_risk ?? 0, reasons: []});
  }
  for (const each of quote.refused) {
    const card = from.get(each.lot) ?? {id: each.lot, lot: each.lot, name: each.pool.name, pays: 0, risk: 0};
    from.set(each.lot, {...card, left: each.amount, reasons: each.reasons});
  }
  for (const id of without) from.set(id, {id, lot: id, name: state.names.get(id) ?? id, pays: 0, risk: 0, out: true, reasons: []});
  return [...from.values()];
}

function Lot({card, number, flow, currency}) {
  const {lot, pays, left = 0, out, reasons} = card;
  const fixed = !lot || lot.startsWith('pass:') || lot.startsWith('award:');
  const usable = pays > 0;
  const inside = html`<span class="lot-name">${card.name}</span>
    <span class="lot-amount">${money(usable ? pays : left, currency)}</span>
    <span class="lot-why">${out ? say('lot.out') : usable ? html`<span><${Icon} of="good" />${say(lot?.startsWith('pass:') ? 'lot.pass' : lot?.startsWith('award:') ? 'lot.award' : 'lot.pays')}</span>` : ''}
      ${reasons.map(each => html`<span key=${each.code}>${each.code !== 'not_needed' && html`<${Icon} of="warn" />`}${because(each, currency)}</span>`)}</span>`;
  const kind = `lot ${usable ? 'pays' : ''} ${out ? 'out' : ''}`;
  return html`<li>${fixed || !usable && !out ? html`<div class=${kind}>${inside}</div>` : html`<button type="button" class=${kind} aria-pressed=${!out} onClick=${() => flow.leaveOut(lot)}
    title=${say(out ? 'lot.tap_in' : 'lot.tap_out')}>${inside}${number <= 9 && html`<kbd aria-hidden="true">${number}</kbd>`}</button>`}</li>`;
}

function AmountField({flow, state, currency}) {
  const [wrong, setWrong] = useState(false);
  const field = useRef(null);
  const mode = state.spend.mode;
  const send = event => {
    event.preventDefault();
    const minor = readMoney(field.current.value, currency);
    setWrong(!(minor > 0));
    if (minor > 0) {
      field.current.blur();
      flow.spend({mode: 'amount', amount: minor});
    }
  };
  return html`<form class="amount" onSubmit=${send}>
    <label for="amount">${say('offer.amount')}</label>
    <input id="amount" ref=${field} inputmode="decimal" autocomplete="off" size="8" aria-invalid=${wrong} aria-describedby=${wrong ? 'amount-wrong' : undefined}
      defaultValue=${mode === 'amount' ? plainMoney(state.spend.amount, currency) : ''} placeholder=${plainMoney(state.quote.spendable, currency)} />
    <button class="button" type="submit">${say('offer.amount.set')}</button>
    ${mode === 'amount' && html`<${Button} does=${() => { field.current.value = ''; flow.spend({mode: 'max'}); }}>${say('offer.amount.max')}<//>`}
    ${wrong && html`<span id="amount-wrong" class="bad" role="alert">${say('basket.no_amount')}</span>`}</form>`;
}

export const tapped = state => cards(state).filter(card => card.lot && !card.lot.includes(':') && (card.pays > 0 || card.out));

function Offer({flow, state}) {
  const {quote, tender, spend} = state;
  const currency = quote.currency;
  const pay = useFocus([quote]);
  const list = cards(state);
  const keys = tapped(state);
  const nothing = quote.accepted && quote.spendable === 0;
  return html`<div class="offer">
    <h2>${tender.holder ?? say(tender.passes.length ? 'offer.pass' : 'offer.nameless')}${tender.passes.map(each => html` <span class="tag" key=${each.code}>${each.display}</span>`)}
      ${tender.promotions.length > 0 && html` <span class="tag">${say('offer.promotion')}</span>`}</h2>
    ${quote.changed && html`<p class="warn" role="alert"><${Icon} of="warn" />${say('offer.changed')}</p>`}
    <dl class="sums">
      <div><dt>${say('offer.pays')}</dt><dd class="big">${money(quote.spendable, currency)}</dd></div>
      <div><dt>${say('offer.due')}</dt><dd>${money(quote.due, currency)}</dd></div>
    </dl>
    ${quote.at_risk > 0 && html`<p class="warn"><${Icon} of="warn" />${say('offer.risk', {amount: money(quote.at_risk, currency)})}</p>`}
    <${Reasons} reasons=${quote.reasons} currency=${currency} />
    ${nothing && quote.reasons.length === 0 && html`<p class="warn"><${Icon} of="warn" />${say('offer.nothing')}</p>`}
    ${quote.awards.map(each => html`<p class="award" key=${each.offer}><${Icon} of="more" />${say(each.instant ? 'offer.award.now' : 'offer.award', {amount: money(each.amount, currency), name: each.name ?? each.offer})}</p>`)}
    <div class="actions">
      <button type="button" ref=${pay} class="button primary pay" data-primary data-action="pay" aria-keyshortcuts="Enter" disabled=${!quote.accepted || state.asking} onClick=${() => flow.pay()}>
        <span>${quote.spendable > 0 ? say('offer.confirm', {amount: money(quote.spendable, currency)}) : say('offer.confirm.none')}</span><kbd aria-hidden="true">${say('key.Enter')}</kbd></button>
      <${Button} keys="F7" aria-pressed=${spend.mode === 'full'} does=${() => flow.fullOnly()}>${say('offer.full')}<//>
      <${Button} keys="Escape" does=${() => flow.clear()}>${say('cancel')}<//></div>
    <${AmountField} flow=${flow} state=${state} currency=${currency} key=${spend.mode} />
    <ul class="lots" aria-label=${say('offer.lots')}>${list.map(card => html`<${Lot} key=${card.id} card=${card} number=${1 + keys.findIndex(each => each.id === card.id)} flow=${flow} currency=${currency} />`)}</ul></div>`;
}

function Pass({flow, state}) {
  const {pass: {pass, redeemable, reasons}, tender} = state;
  const title = useFocus([pass]);
  const currency = pass.value?.currency ?? flow.currency;
  return html`<div class="worth">
    <h2 tabindex="-1" ref=${title}>${say(`pass.${pass.type}`)} <span class="tag">${pass.display}</span></h2>
    ${pass.value && html`<p class="figure">${money(pass.value.amount, currency)}</p>`}
    <dl class="facts">
      ${pass.state && html`<div><dt>${say('pass.state')}</dt><dd>${say(`state.${pass.state}`)}</dd></div>`}
      ${pass.redeem_by && html`<div><dt>${say('pass.redeem_by')}</dt><dd>${lastDay(pass.redeem_by)}</dd></div>`}
      ${pass.pool && html`<div><dt>${say('pass.pool')}</dt><dd>${pass.pool.name}</dd></div>`}</dl>
    <${Reasons} reasons=${reasons} currency=${currency} />
    ${!redeemable && reasons[0] && html`<p class="next">${whatToDo(reasons[0].code)}</p>`}
    ${redeemable && html`<p>${tender.wallet ? say('pass.into', {holder: tender.holder ?? say('offer.nameless')}) : say('pass.into_new')}</p>`}
    <div class="actions">
      ${redeemable && html`<${Button} kind="primary" keys="Enter" data-primary data-action="redeem" disabled=${state.asking} does=${() => flow.redeem()}>${say(tender.wallet ? 'pass.redeem' : 'pass.redeem_new')}<//>`}
      <${Button} keys="Escape" does=${() => flow.clear()}>${say('cancel')}<//></div></div>`;
}

function Customer({flow, state}) {
  const title = useFocus([]);
  return html`<div class="ready"><div class="beam"><${Icon} of="scan" /></div>
    <h2 tabindex="-1" ref=${title}>${say('customer.title')}</h2>
    <p>${say(state.tender.promotions.length ? 'customer.promotion' : 'customer.topup')}</p>
    <${Manual} flow=${flow} />
    <div class="actions"><${Button} keys="Escape" does=${() => flow.clear()}>${say('cancel')}<//></div></div>`;
}

function WalletView({flow, state}) {
  const wallet = state.shown;
  const {currency} = wallet;
  const title = useFocus([wallet]);
  const sum = pockets => pockets.business + pockets.commerce + pockets.personal;
  return html`<div class="worth">
    <h2 tabindex="-1" ref=${title}>${wallet.holder ?? say('offer.nameless')}</h2>
    <p class="figure">${money(sum(wallet.pockets), currency)}</p>
    ${wallet.blocked && html`<p class="bad"><${Icon} of="bad" />${say('why.wallet_blocked')}</p>`}
    ${sum(wallet.available_here) < sum(wallet.pockets) && state.status?.link.state === 'down' && html`<p class="warn"><${Icon} of="warn" />${say('wallet.here', {amount: money(sum(wallet.available_here), currency)})}</p>`}
    <p>${say('wallet.go')}</p>
    <div class="actions"><${Button} kind="primary" keys="Enter" data-primary does=${() => flow.clear()}>${say('done')}<//></div>
    <ul class="lots">
      ${['business', 'personal'].filter(pocket => wallet.pockets[pocket] !== 0).map(pocket => html`<li key=${pocket}><div class="lot plain"><span class="lot-name">${pocketName(pocket)}</span><span class="lot-amount">${money(wallet.pockets[pocket], currency)}</span></div></li>`)}
      ${wallet.lots.map(lot => html`<li key=${lot.id}><div class="lot plain"><span class="lot-name">${lot.pool?.name ?? lot.business}</span><span class="lot-amount">${money(lot.amount, currency)}</span>
        <span class="lot-why">${lot.valid_until ? say('wallet.until', {day: lastDay(lot.valid_until)}) : ''}</span></div></li>`)}</ul>
</div>`;
}

// What the printer makes of it; nothing where there is none.
const printing = {queued: 'print.going', sending: 'print.going', sent: 'print.done', printed: 'print.done', failed: 'print.failed', waiting: 'print.waiting'};
function Print({print}) {
  const exact = `${printing[print.state]}.${print.why}`;
  const trouble = ['waiting', 'failed'].includes(print.state);
  return html`<p class=${trouble ? 'warn' : 'quiet'} role=${trouble ? 'alert' : 'status'} data-print=${print.state}><${Icon} of=${trouble ? 'warn' : print.state === 'printed' || print.state === 'sent' ? 'good' : 'more'} />
    ${say(knows(exact) ? exact : printing[print.state], {number: print.number})}</p>`;
}

const Paying = ({state}) => html`<div class="busy" role="status"><div class="spinner"></div><h2>${say(state.recovered ? 'paying.again' : 'paying.title')}</h2>
  ${state.late && html`<p>${say('paying.late')}</p>`}</div>`;

function Result({flow, state}) {
  const {what, answer, recovered} = state.result;
  const next = useFocus([answer]);
  const currency = answer.currency ?? answer.credited?.currency ?? flow.currency;
  const amount = what === 'purchase' ? answer.spent : what === 'redeem' ? answer.credited.amount : answer.refunded;
  const facts = [];
  if (what === 'purchase') facts.push(['result.due', money(answer.due, currency), answer.due > 0]);
  if (['refund', 'void'].includes(what)) facts.push(['result.due_back', money(answer.due_back, currency), answer.due_back > 0]);
  const {pockets} = answer.wallet ?? {};
  if (pockets) facts.push(['result.balance', money(pockets.business + pockets.commerce + pockets.personal, currency)]);
  facts.push(['result.receipt', answer.receipt.number]);
  return html`<div class="result good" data-result=${what}>
    <div class="seal"><${Icon} of="good" /></div>
    <h2>${say(`result.${what}`)}</h2>
    <p class="figure">${money(amount, currency)}</p>
    <dl class="facts">${facts.map(([key, value, loud]) => html`<div key=${key} class=${loud ? 'loud' : ''}><dt>${say(key)}</dt><dd>${value}</dd></div>`)}</dl>
    ${state.print?.number === answer.receipt.number && html`<${Print} print=${state.print} />`}
    ${recovered && html`<p class="warn"><${Icon} of="good" />${say('result.recovered')}</p>`}
    ${answer.online === false && html`<p class="warn"><${Icon} of="away" />${say('result.offline')}</p>`}
    ${(answer.awards ?? []).filter(each => !each.instant).map(each => html`<p class="award" key=${each.offer}><${Icon} of="more" />${say('result.award', {amount: money(each.amount, currency), name: each.name ?? each.offer})}</p>`)}
    <div class="actions">
      <button type="button" ref=${next} class="button primary" data-primary aria-keyshortcuts="Enter" onClick=${() => performance.now() - state.shownAt > 600 && flow.clear()}><span>${say('result.next')}</span><kbd aria-hidden="true">${say('key.Enter')}</kbd></button>
      <${Button} keys="F9" does=${() => flow.print(answer.receipt.number)}>${say('reprint')}<//></div></div>`;
}

function Problem({flow, state}) {
  const {problem} = state;
  const title = useFocus([problem]);
  const reasons = (problem.reasons ?? []).filter(each => each.code !== problem.code);
  const main = (problem.reasons ?? []).find(each => each.code === problem.code) ?? problem;
  const again = problem.code === 'possible_duplicate' && problem.move;
  const open = problem.code === 'open_outcome';
  return html`<div class="result bad" data-problem=${problem.code}>
    <div class="seal"><${Icon} of="bad" /></div>
    <h2 tabindex="-1" ref=${title} role="alert">${because(main, flow.currency)}</h2>
    <${Reasons} reasons=${reasons} currency=${flow.currency} />
    <p class="next">${whatToDo(problem.code)}</p>
    <div class="actions">
      ${open ? html`<${Button} kind="primary" keys="Enter" data-primary does=${() => flow.askAgain(problem.move)}>${say('problem.ask')}<//><${Button} keys="Escape" does=${() => flow.leaveOpen()}>${say('problem.leave')}<//>`
        : html`<${Button} kind="primary" keys="Enter" data-primary does=${() => flow.clear()}>${say('problem.next')}<//>`}
      ${again && problem.purchase && html`<${Button} does=${() => flow.openPurchase(problem.purchase, '')}>${say('problem.first')}<//>`}
      ${again && html`<${Button} kind="danger" does=${() => flow.payTwice()}>${say('problem.twice')}<//>`}</div></div>`;
}

function Refund({flow, state}) {
  const {purchase, refund} = state;
  const {currency} = purchase;
  const focus = useFocus([purchase, refund.needsWallet]);
  const names = new Map(purchase.basket.lines.map(line => [line.id, line.name ?? line.sku ?? line.id]));
  const whole = refundTotal(refund);
  return html`<div class="refund">
    <h2 tabindex="-1">${say('refund.title')} ${refund.number && html`<span class="tag">${refund.number}</span>`}</h2>
    ${refund.needsWallet ? html`<div role="alert" tabindex="-1" ref=${focus} class="warn"><${Icon} of="scan" />${say('refund.pin')}</div><${Manual} flow=${flow} />` : html`
    <ul class="lines">${refund.lines.map(each => html`<li key=${each.line}><label class="check"><input type="checkbox" checked=${each.chosen} onChange=${event => flow.changeRefund(each.line, {chosen: event.target.checked})} /><span>${names.get(each.line)}</span></label>
      <${RefundAmount} flow=${flow} each=${each} currency=${currency} name=${names.get(each.line)} /></li>`)}</ul>
    <p class="figure">${money(whole, currency)}</p>`}
    <div class="actions">
      ${!refund.needsWallet && html`<button type="button" ref=${focus} class="button primary" data-primary data-action="refund" aria-keyshortcuts="Enter" disabled=${whole <= 0} onClick=${() => flow.sure()}><span>${say('refund.go')}</span><kbd aria-hidden="true">${say('key.Enter')}</kbd></button>`}
      ${flow.voidable && html`<${Button} keys="F8" does=${() => flow.sureToVoid()}>${say('refund.void')}<//>`}
      ${refund.number && html`<${Button} keys="F9" does=${() => flow.print(refund.number)}>${say('reprint')}<//>`}
      <${Button} keys="Escape" does=${() => flow.clear()}>${say('cancel')}<//></div></div>`;
}

const RefundAmount = ({flow, each, currency, name}) => html`<input inputmode="decimal" size="8" class="sum" aria-label=${say('refund.amount', {name})} defaultValue=${plainMoney(each.amount, currency)}
  onChange=${event => {
    const minor = readMoney(event.target.value, currency);
    const amount = Math.min(Math.max(minor ?? 0, 0), each.most);
    event.target.value = plainMoney(amount, currency);
    flow.changeRefund(each.line, {amount, chosen: amount > 0});
  }} />`;

function Sure({flow, state}) {
  const yes = useFocus([]);
  const {purchase, refund} = state;
  const amount = refund.isVoid ? purchase.basket_total : refundTotal(refund);
  return html`<div class="worth"><h2>${say(refund.isVoid ? 'sure.void' : 'sure.title')}</h2><p class="figure">${money(amount, purchase.currency)}</p><p>${say(refund.isVoid ? 'sure.void_how' : 'sure.how')}</p>
    <div class="actions"><button type="button" ref=${yes} class="button primary" data-primary data-action="sure" aria-keyshortcuts="Enter" onClick=${() => flow.refund()}><span>${say(refund.isVoid ? 'sure.void_yes' : 'sure.yes')}</span><kbd aria-hidden="true">${say('key.Enter')}</kbd></button>
    <${Button} keys="Escape" does=${() => flow.set({step: 'refund'})}>${say('back')}<//></div></div>`;
}

function Receipt({flow, state}) {
  const title = useFocus([state.receipt.number]);
  return html`<div class="receipt"><h2 tabindex="-1" ref=${title}>${say('receipt.title')} <span class="tag">${state.receipt.number}</span></h2>
    <pre tabindex="0" aria-label=${say('receipt.title')}>${state.receipt.text}</pre>
    <div class="actions"><${Button} kind="primary" keys="Enter" data-primary does=${() => flow.clear()}>${say('done')}<//>
    <${Button} keys="F9" does=${() => flow.print(state.receipt.number)}>${say('reprint')}<//></div></div>`;
}

const steps = {ready: Ready, pin: Pin, pass: Pass, customer: Customer, wallet: WalletView, offer: Offer, paying: Paying, result: Result, problem: Problem,
               refund: Refund, sure: Sure, receipt: Receipt};

export function Step({flow, state}) {
  const Shown = steps[state.step];
  return html`<section class="step" data-step=${state.step} aria-busy=${state.asking || state.step === 'paying'} aria-label=${say('step')}>
    ${state.note && html`<p class=${state.note.bad ? 'note bad' : 'note'} role=${state.note.bad ? 'alert' : 'status'}>${say(state.note.key, state.note.values)}</p>`}
    ${state.asking && html`<p class="asking" role="status">${say('asking')}</p>`}
    ${state.print && state.step !== 'result' && ['waiting', 'failed'].includes(state.print.state) && html`<${Print} print=${state.print} />`}
    <${Shown} flow=${flow} state=${state} key=${state.step} /></section>`;
}

// What a screen reader hears, and the whole of it: the live regions above come and go with their steps.
export function announced(state, flow) {
  if (state.step === 'result') {
    const {what, answer} = state.result;
    const currency = answer.currency ?? answer.credited?.currency ?? flow.currency;
    const amount = what === 'purchase' ? answer.spent : what === 'redeem' ? answer.credited.amount : answer.refunded;
    const due = what === 'purchase' && answer.due > 0 ? ` ${say('result.due')}: ${money(answer.due, currency)}.` : '';
    return `${say(`result.${what}`)}: ${money(amount, currency)}.${due}`;
  }
  if (state.step === 'offer') return `${say('offer.pays')}: ${money(state.quote.spendable, state.quote.currency)}. ${say('offer.due')}: ${money(state.quote.due, state.quote.currency)}.`;
  return '';
}
