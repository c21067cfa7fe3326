// What the manager's views are put together from: what the agent says, tables, charts, and things that are done.

import {call, newKey, Refused} from '/web/shared/api.js';
import {because} from '/web/shared/why.js';
import {Button, Icon, html, useEffect, useRef, useState} from '/web/shared/view.js';
import {knows, money, say} from '/web/shared/words.js';

// --- the address: which view, and its filters -----------------------------------------------------------------------

export const asked = () => Object.fromEntries(new URLSearchParams(location.search));
export const addressOf = query => `${location.pathname}?${new URLSearchParams(Object.entries(query).filter(([, value]) => value !== '' && value !== undefined && value !== null))}`;
let gone = () => {};
export const whenGone = hear => { gone = hear; };
export function go(query, instead = false) {
  history[instead ? 'replaceState' : 'pushState'](null, '', addressOf(query));
  gone();
}
export const Go = ({to, children, ...more}) => html`<a href=${addressOf(to)} ...${more}
  onClick=${event => { if (!event.ctrlKey && !event.metaKey && !event.shiftKey) { event.preventDefault(); go(to); } }}>${children}</a>`;

// --- what the agent says --------------------------------------------------------------------------------------------

// Asks anew when `path` changes and when the page hears that something happened (`news`). What was there stays until
// the new is here.
export function useSaid(path, news = 0, ask = each => call('GET', each)) {
  const [said, setSaid] = useState({path: '', data: null, problem: null});
  const turn = useRef(0);
  const load = async () => {
    const mine = ++turn.current;
    try {
      const data = await ask(path);
      if (mine === turn.current) setSaid({path, data, problem: null});
    } catch (refused) {
      if (!(refused instanceof Refused)) throw refused;
      if (refused.problem.code === 'unauthenticated') dispatchEvent(new Event('obol.signed-out'));
      if (mine === turn.current) setSaid({path, data: null, problem: refused.problem});
    }
  };
  useEffect(() => { load(); }, [path, news]);
  useEffect(() => () => { turn.current++; }, []);
  return {...said, data: said.path === path ? said.data : null, again: load};
}
// All pages of a list.
export async function whole(path) {
  const items = [];
  for (let after = ''; after !== null;) {
    const page = await call('GET', `${path}?limit=500${after ? `&after=${after}` : ''}`);
    items.push(...page.items);
    after = page.next;
  }
  return {items};
}

export const Problem = ({problem}) => html`<p class="note bad" role="alert"><${Icon} of="bad" />${because(problem, 'EUR')} ${problem.detail}</p>`;
export const Awaited = ({said, children}) => (said.problem ? html`<${Problem} problem=${said.problem} />`
  : said.data ? children(said.data) : html`<p class="quiet" role="status">${say('m.loading')}</p>`);

// Something that is done once: the same key until it is answered. `does(key)` gives what is told then. What must not be
// done twice has a name in `keep`: its key lies in this tab, and a page that is loaded anew asks what became of it.
export function Act({does, children, kind = '', sure, keep, ...more}) {
  const [state, setState] = useState({});
  const place = keep && `obol.pending.${keep}`;
  const key = useRef(place ? sessionStorage.getItem(place) : null);
  const hold = value => {
    key.current = value;
    if (place) value ? sessionStorage.setItem(place, value) : sessionStorage.removeItem(place);
  };
  const run = async () => {
    if (sure && !state.sure && !key.current) return setState({sure: true});
    setState({asking: true});
    if (!key.current) hold(newKey());
    for (;;) {
      try {
        const told = await does(key.current);
        hold(null);
        return setState({told});
      } catch (refused) {
        if (!(refused instanceof Refused)) throw refused;
        const open = refused.status === 0 || ['outcome_unknown', 'request_in_progress', 'busy'].includes(refused.problem.code);
        if (!open) hold(null);
        if (!open || !place) return setState({problem: refused.problem});
        await new Promise(done => setTimeout(done, 1000));
      }
    }
  };
  useEffect(() => { if (place && key.current) run(); }, []);
  return html`<span class="act"><button type="button" class=${`button ${kind} ${state.sure ? 'danger' : ''}`} onClick=${run} disabled=${state.asking} ...${more}>${state.sure ? sure : children}</button>
    ${state.sure && html`<${Button} kind="quiet" does=${() => setState({})}>${say('cancel')}<//>`}
    ${state.told && html`<span role="status" class="good"><${Icon} of="good" />${state.told}</span>`}
    ${state.problem && html`<span role="alert" class="bad"><${Icon} of="bad" />${because(state.problem, 'EUR')} ${state.problem.detail}</span>`}</span>`;
}

export const printed = job => say(job.state === 'failed' ? 'm.print_failed' : 'm.print_queued', {printer: job.printer});

// --- tables and charts ----------------------------------------------------------------------------------------------

// columns: [{name, of: row => cell, end}]; `end`: figures stand at the end of the cell.
export const Table = ({caption, columns, rows, none, row: mark = () => ''}) => (rows.length === 0 ? html`<p class="quiet">${none ?? say('m.nothing')}</p>`
  : html`<div class="scroll" tabindex="0" role="region" aria-label=${caption}><table><caption class="said">${caption}</caption>
    <thead><tr>${columns.map(each => html`<th scope="col" class=${each.end ? 'end' : ''}>${each.name}</th>`)}</tr></thead>
    <tbody>${rows.map((row, at) => html`<tr key=${at} class=${mark(row)}>${columns.map(each => html`<td class=${each.end ? 'end' : 'name'}>${each.of(row)}</td>`)}</tr>`)}</tbody></table></div>`);

// Bars, and the table behind them. rows: [{name, figure, shown, to?}]
export function Bars({caption, rows, columns, table}) {
  const most = Math.max(1, ...rows.map(each => each.figure));
  return html`<figure class="chart"><figcaption>${caption}</figcaption>
    ${rows.length === 0 ? html`<p class="quiet">${say('m.nothing_today')}</p>` : html`
    <ul class="bars">${rows.map(each => html`<li key=${each.name}><span class="name">${each.name}</span>
      <svg viewBox="0 0 100 10" preserveAspectRatio="none" aria-hidden="true"><rect class=${each.kind ?? ''} width=${Math.max(0.6, each.figure / most * 100)} height="10" /></svg>
      <span class="end">${each.shown}</span></li>`)}</ul>
    <details><summary>${say('m.table')}</summary><${Table} caption=${caption} columns=${columns} rows=${table ?? rows} /></details>`}</figure>`;
}
// One column an hour. rows: [{from, spent, redeemed …}], empty hours between them filled.
export function Hours({caption, rows, currency, label}) {
  const most = Math.max(1, ...rows.map(each => Math.max(each.spent, each.redeemed)));
  return html`<figure class="chart"><figcaption>${caption}</figcaption>
    ${rows.length === 0 ? html`<p class="quiet">${say('m.nothing_today')}</p>` : html`
    <p class="legend"><span><svg viewBox="0 0 10 10" aria-hidden="true"><rect width="10" height="10" /></svg>${say('m.spent')}</span> <span><svg viewBox="0 0 10 10" aria-hidden="true"><rect class="second" width="10" height="10" /></svg>${say('m.redeemed')}</span></p>
    <div class="hours" aria-hidden="true">${rows.map(each => html`<span key=${each.from}><svg viewBox="0 0 20 100" preserveAspectRatio="none">
      <rect x="1" width="8" y=${100 - each.spent / most * 100} height=${each.spent / most * 100} /><rect class="second" x="11" width="8" y=${100 - each.redeemed / most * 100} height=${each.redeemed / most * 100} /></svg><small>${label(each.from)}</small></span>`)}</div>
    <details><summary>${say('m.table')}</summary><${Table} caption=${caption} rows=${rows} columns=${[
      {name: say('m.hour'), of: each => label(each.from)}, {name: say('m.purchases'), of: each => each.purchases, end: true},
      {name: say('m.spent'), of: each => money(each.spent, currency), end: true}, {name: say('m.redeemed'), of: each => money(each.redeemed, currency), end: true}]} /></details>`}</figure>`;
}
export const Figure = ({name, children, kind = ''}) => html`<div class=${`tile ${kind}`}><dt>${name}</dt><dd>${children}</dd></div>`;
export const Facts = ({rows}) => html`<dl class="rows">${rows.filter(each => each && each[1] !== undefined && each[1] !== null && each[1] !== false).map(([name, value]) => html`<div key=${name}><dt>${name}</dt><dd>${value}</dd></div>`)}</dl>`;

// A word of the agent's, in the page's language where it has one.
export const word = (of, text) => (knows(`${of}.${text}`) ? say(`${of}.${text}`) : text);

// A file for the reader's own disk. Asked for with the token, so it is no link.
export async function download(path, name, accept) {
  const text = await call('GET', path, undefined, {accept, seconds: 120});
  const link = document.createElement('a');
  link.href = URL.createObjectURL(new Blob(['\ufeff', text], {type: accept}));  // the mark that reading it as text took off
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10000);
}
