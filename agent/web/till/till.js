// The till page: joins keys, scanners, events and the flow, and draws.

import {listen, session, signOut} from '/web/shared/api.js';
import {Coin, SignIn, Tools, pairByAddress} from '/web/shared/frame.js';
import {watchKeys} from '/web/shared/scanner.js';
import {setSilent, silent, tone} from '/web/shared/tone.js';
import {linkWords} from '/web/shared/why.js';
import {Icon, html, render, useEffect, useState} from '/web/shared/view.js';
import {beAt, firstLanguage, say, speak} from '/web/shared/words.js';
import {Basket} from './basket_view.js';
import {Flow} from './flow.js';
import {announced, Step, tapped} from './views.js';

const root = document.documentElement;

let draw = () => {};
let tuned = '';
const lotNames = new Map();
const flow = new Flow(state => {
  if (state.quote) for (const each of [...state.quote.allocations, ...state.quote.refused]) if (each.lot && each.pool) lotNames.set(each.lot, each.pool.name);
  state.names = lotNames;
  beAt(state.status?.zone);
  // Heard once for each step that ends well or badly.
  const now = state.step === 'pin' && state.pin.wrong ? 'pin-wrong' : state.step;
  if (now !== tuned) {
    tuned = now;
    if (now === 'result') tone('good');
    else if (['problem', 'pin-wrong'].includes(now)) tone('bad');
    else if (['pin', 'offer', 'pass', 'wallet', 'refund', 'customer'].includes(now)) tone('note');
  }
  draw();
});

// --- a session of this tab ------------------------------------------------------------------------------------------

let stop = null;
let looking = 0;
function begin() {
  end();
  stop = new AbortController();
  const {terminal} = session();
  const look = () => {
    flow.look();
    flow.lookForBasket(terminal);
  };
  look();
  looking = setInterval(look, 4000);
  flow.recover();
  listen((kind, data) => {
    if (kind === 'scan') flow.scan(data.data ?? data.code, data);
    if (kind === 'print') flow.printed(data);
    if (kind === 'basket' || kind === 'missed') flow.lookForBasket(terminal);
    if (kind === 'link' || kind === 'missed') flow.look();
  }, stop.signal);
}
function end() {
  stop?.abort();
  clearInterval(looking);
}
function leave() {
  end();
  signOut();
  flow.turn++;
  flow.set({step: 'ready'});
  flow.clear();
}
addEventListener('obol.signed-out', () => {
  leave();
  flow.note('sign.over', {}, true);
});

// --- keys -------------------------------------------------------------------------------------------------------------

const press = keys => document.querySelector(`[aria-keyshortcuts="${keys}"]:not(:disabled)`)?.click();
const ownsEnter = target => target.closest('button, a, input, select, textarea, summary');

watchKeys(text => session() && flow.scan(text), character => {
  const {step} = flow.state;
  if (step === 'pin' && /\d/.test(character)) flow.pinKey(character);
  else if (step === 'offer' && /[1-9]/.test(character)) {
    const card = tapped(flow.state)[Number(character) - 1];
    if (card) flow.leaveOut(card.lot);
  }
});
document.addEventListener('keydown', event => {
  if (event.defaultPrevented || event.repeat || event.ctrlKey || event.altKey || event.metaKey) return;
  const {key, target} = event;
  const done = () => event.preventDefault();
  if (key === 'Enter' && flow.state.step === 'pin' && !target.closest('input')) return done(), press('Enter');
  if (key === 'Enter' && !ownsEnter(target)) return done(), document.querySelector('[data-primary]:not(:disabled)')?.click();
  if (key === 'Backspace' && flow.state.step === 'pin') return done(), flow.pinBack();
  if (key === 'Escape') {
    done();
    if (target.closest('input')) target.blur();
    return document.querySelector('.step [aria-keyshortcuts="Escape"]') ? press('Escape') : flow.state.step === 'pin' || flow.clear();
  }
  if (key === 'F2') return done(), document.getElementById('code') ? document.getElementById('code').focus() : flow.paying || (flow.clear(), setTimeout(() => document.getElementById('code')?.focus()));
  if (key === 'F3') return done(), document.getElementById('item')?.focus();
  if (key === 'F6') return done(), document.getElementById('amount')?.focus();
  if (key === 'F9') return done(), document.querySelector('.step [aria-keyshortcuts="F9"]') ? press('F9') : flow.state.lastReceipt && flow.print(flow.state.lastReceipt);
  if (['F4', 'F7', 'F8'].includes(key)) return done(), press(key);
});

// Back means: put this away. It never leaves the page in mid-flow.
history.replaceState({obol: 0}, '', location.pathname + location.hash);
addEventListener('popstate', () => {
  history.pushState({obol: 1}, '', location.pathname);
  if (session()) flow.clear();
});

// --- what is drawn ------------------------------------------------------------------------------------------------

function Link({state}) {
  const {state: now, short, long} = linkWords(state.status, state.unreachable, flow.currency);
  return html`<details class=${`link ${now}`}><summary><span class="lamp"></span>${short}</summary>
    <div class="more">${long.length ? long.map((line, index) => html`<p key=${index}>${line}</p>`) : html`<p>${say('link.up.more')}</p>`}</div></details>`;
}

function Bar({state, redraw}) {
  const now = session();
  return html`<header class="bar">
    <h1><${Coin} /> Obol</h1>
    <p class="where">${now ? `${state.status?.venue ?? ''} · ${now.terminal} · ${say(`role.${now.role}`)}` : ''}</p>
    ${now && html`<${Link} state=${state} />`}
    <${Tools} redraw=${redraw}>
      <button type="button" aria-pressed=${!silent()} onClick=${() => { setSilent(!silent()); redraw(); tone('note'); }}>${say(silent() ? 'tool.sound.off' : 'tool.sound.on')}</button>
      ${now && html`<button type="button" onClick=${() => { leave(); redraw(); }} disabled=${flow.paying}>${say('tool.leave')}</button>`}<//></header>`;
}

const Keys = () => html`<footer class="keys" aria-label=${say('keys.title')}>${['F2', 'F3', 'F6', 'F7', 'F9', 'Escape', 'Enter'].map(key => html`<span key=${key}><kbd>${say(`key.${key}`)}</kbd> ${say(`keys.${key}`)}</span>`)}</footer>`;

// Calmly, and only as long as it is so.
const Away = ({state}) => {
  const {state: now, long} = linkWords(state.status, state.unreachable, flow.currency);
  return ['down', 'gone'].includes(now) && html`<aside class=${`away ${now}`} aria-label=${say('link.title')}><${Icon} of="away" />${long.map((line, index) => html`<span key=${index}>${line}</span>`)}</aside>`;
};

function Till() {
  const [, again] = useState(0);
  const redraw = () => again(count => count + 1);
  useEffect(() => { draw = redraw; return () => { draw = () => {}; }; }, []);
  useEffect(() => { if (session()) begin(); redraw(); return end; }, []);
  const {state} = flow;
  root.dataset.step = session() ? state.step : 'sign-in';
  document.title = session() ? `${say(`title.${state.step}`)} · Obol` : 'Obol';
  const paired = () => {
    flow.set({note: null});
    begin();
    history.pushState({obol: 1}, '', location.pathname);
    redraw();
  };
  return html`<div class="page"><${Bar} state=${state} redraw=${redraw} />
    ${session() ? html`<${Away} state=${state} /><main class="till"><${Basket} flow=${flow} state=${state} /><${Step} flow=${flow} state=${state} /></main><${Keys} />`
      : html`<${SignIn} note=${state.note?.key} go="sign.go" paired=${paired} failed=${() => tone('bad')} />`}
    <div class="said" aria-live="assertive" aria-atomic="true">${session() ? announced(state, flow) : ''}</div></div>`;
}

async function start() {
  await speak(firstLanguage());
  const refused = await pairByAddress({obol: 0});
  if (refused) flow.note(refused, {}, true);
  if (session()) history.pushState({obol: 1}, '', location.pathname);
  render(html`<${Till} />`, document.body);
}
start();
