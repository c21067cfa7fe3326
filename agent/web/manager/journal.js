// The journal as it was written: the chain, each entry, the rule that it was decided by, and its receipt.

import {call} from '/web/shared/api.js';
import {because} from '/web/shared/why.js';
import {Icon, html, useEffect, useState} from '/web/shared/view.js';
import {moment, money, say} from '/web/shared/words.js';
import {Act, Awaited, Facts, Go, Table, go, printed, useSaid, word} from './parts.js';

const PAGE = 50;
const short = hash => `${hash.slice(0, 10)}…`;
const rights = 'XXX';
const amountText = (minor, currency) => (currency === rights ? say('m.right', {count: minor}) : money(minor, currency));
// What an entry moved, in money.
const moved = entry => {
  const of = entry.postings?.filter(each => each.amount > 0 && each.currency !== rights) ?? [];
  if (!of.length) return '';
  const sale = of.find(each => each.account.startsWith('sale:')) ?? of.at(-1);
  return money(sale.amount, sale.currency);
};
const receiptOf = entry => entry.detail?.receipt;

// The hash of each body and its link to the one before, computed here.
async function chainOf(items) {
  const domain = new TextEncoder().encode('obol-entry/1\0');
  let before = null;
  for (const each of items) {
    const body = Uint8Array.from(atob(each.body), c => c.charCodeAt(0));
    const whole = new Uint8Array(domain.length + body.length);
    whole.set(domain);
    whole.set(body, domain.length);
    const hash = [...new Uint8Array(await crypto.subtle.digest('SHA-256', whole))].map(c => c.toString(16).padStart(2, '0')).join('');
    if (each.damaged || hash !== each.hash || (before !== null && each.prev !== before)) return {broken: each.seq};
    before = hash;
  }
  return {whole: items.length};
}

function Chain({items, one}) {
  const [found, setFound] = useState(null);
  useEffect(() => {
    let here = true;
    chainOf(items).then(met => here && setFound(met));
    return () => { here = false; };
  }, [items]);
  if (!found || !items.length) return null;
  return found.broken ? html`<p class="note bad" role="alert">${say('m.chain_broken', {seq: found.broken})}</p>`
    : html`<p class="good" data-chain="whole"><${Icon} of="good" />${one ? say('m.hash_right') : say('m.chain_whole', {count: found.whole, first: items[0].seq, last: items.at(-1).seq})}</p>`;
}

// Conditions of a pool, as far as it has any.
function conditions(pool) {
  const named = (kind, list) => (list?.length ? [say(`m.only.${kind}`, {list: list.map(each => (typeof each === 'string' ? each : [each.days?.join(' '), each.from, each.to].filter(Boolean).join(' '))).join(', ')})] : []);
  const out = [...named('time', pool.time ?? pool.windows), ...named('venues', pool.venues), ...named('businesses', pool.businesses), ...named('families', pool.families), ...named('brands', pool.brands), ...named('skus', pool.skus), ...named('types', pool.types)];
  if (out.length && (pool.families || pool.brands || pool.skus || pool.types)) out.push(say(`m.spend_on.${pool.spend_on}`));
  return out.length ? out.join('; ') : say('m.only.nothing');
}

function Rule({entry}) {
  const {detail} = entry;
  const decision = detail.decision ?? {};
  const pools = detail.facts?.pools ?? (detail.pool ? [detail.pool] : []);
  const currency = entry.postings.find(each => each.currency !== rights)?.currency ?? 'EUR';
  const poolName = id => pools.find(each => each.id === id)?.name ?? id;
  const limits = (detail.facts?.limits ?? detail.limits)?.limits ?? [];
  if (!decision.policy && !pools.length && !decision.allocations) return null;
  return html`<section><h3>${say('m.rule')}</h3>
    <${Facts} rows=${[decision.policy && [say('m.policy'), decision.policy], detail.plan && [say('m.plan'), detail.plan], detail.facts?.zone && [say('m.zone'), `${detail.facts.zone} (${detail.facts.zone_version})`],
      detail.facts?.clock_trusted === false && [say('m.clock'), say('link.clock')], limits.length > 0 && [say('m.limits'), limits.map(each => each.id).join(', ')]]} />
    ${decision.allocations?.length > 0 && html`<${Table} caption=${say('m.paid_from')} rows=${decision.allocations} columns=${[
      {name: say('m.source'), of: each => (each.pool ? poolName(each.pool) : say(`pocket.${each.pocket}`))}, {name: say('m.version'), of: each => each.pool_version ?? '', end: true},
      {name: say('m.lines'), of: each => each.lines?.map(line => line.line).join(', ') ?? ''}, {name: say('m.amount'), of: each => money(each.amount, currency), end: true}]} />`}
    ${decision.refused?.length > 0 && html`<${Table} caption=${say('m.did_not_pay')} rows=${decision.refused} columns=${[
      {name: say('m.did_not_pay'), of: each => poolName(each.pool)}, {name: say('m.reason'), of: each => each.reasons.map(reason => because(reason, currency)).join(' ')}, {name: say('m.amount'), of: each => money(each.amount, currency), end: true}]} />`}
    ${pools.length > 0 && html`<${Table} caption=${say('m.pools')} rows=${pools} columns=${[{name: say('m.pool'), of: each => each.name}, {name: say('m.version'), of: each => each.version, end: true}, {name: say('m.conditions'), of: conditions}]} />`}</section>`;
}

function Receipt({number}) {
  const said = useSaid(`/v1/receipts/${number}`, 0, path => call('GET', path, undefined, {accept: 'text/plain'}));
  return html`<section><div class="line-up"><h3>${say('m.receipt')} ${number}</h3><${Act} does=${key => call('POST', `/v1/receipts/${number}/print`, {}, {key}).then(printed)}>${say('m.print_copy')}<//></div>
    <${Awaited} said=${said}>${text => html`<pre class="paper" tabindex="0" aria-label=${`${say('m.receipt')} ${number}`}>${text}</pre>`}<//></section>`;
}

function Entry({seq, status}) {
  const said = useSaid(`/v1/journal?after=${Math.max(0, seq - 2)}&limit=2`);  // with the one before it, for the link between them
  const shown = ({items}) => {
    const at = items.findIndex(each => each.seq === seq), entry = items[at];
    return (at < 0 ? html`<p class="note bad" role="alert">${say('m.no_entry', {seq})}</p>` : html`
    <div class="line-up"><h2 tabindex="-1">${say('m.entry')} ${seq}: ${word('kind', entry.kind)}</h2>
      <span class="actions">${seq > 1 && html`<${Go} class="button" to=${{view: 'journal', seq: seq - 1}}>${say('m.before')}<//>`}
      ${status && seq < status.journal.seq && html`<${Go} class="button" to=${{view: 'journal', seq: seq + 1}}>${say('m.after')}<//>`}
      <${Go} class="button" to=${{view: 'journal', after: Math.max(0, seq - 25)}}>${say('m.to_journal')}<//></span></div>
    <${Chain} items=${items.slice(0, at + 1)} one />
    <div class="two"><div>
      <${Facts} rows=${[[say('m.at'), moment(entry.at)], [say('m.terminal'), entry.detail?.terminal], [say('m.wallet'), entry.detail?.wallet ?? entry.detail?.credit?.wallet], [say('m.purchase'), entry.detail?.purchase],
        [say('m.booked'), status && say(seq <= status.journal.acked_seq ? 'm.booked.yes' : 'm.booked.no')], [say('m.hash'), html`<code>${entry.hash}</code>`], [say('m.prev'), html`<code>${entry.prev}</code>`],
        [say('m.signed'), say(entry.signature ? 'm.signed.here' : 'm.signed.later')]]} />
      ${entry.postings?.length > 0 && html`<section><h3>${say('m.postings')}</h3><${Table} caption=${say('m.postings')} rows=${entry.postings} columns=${[
        {name: say('m.account'), of: each => html`<code>${each.account}</code>`}, {name: say('m.amount'), of: each => amountText(each.amount, each.currency), end: true}]} /></section>`}
      ${entry.detail && html`<${Rule} entry=${entry} />`}
      <details><summary>${say('m.in_full')}</summary><pre class="full" tabindex="0">${JSON.stringify(entry.detail ?? entry, null, 1)}</pre></details></div>
    ${receiptOf(entry) && html`<${Receipt} number=${receiptOf(entry)} />`}</div>`);
  };
  return html`<${Awaited} said=${said}>${shown}<//>`;
}

export function Journal({query, status, news}) {
  const seq = Number(query.seq);
  if (seq > 0) return html`<${Entry} seq=${seq} status=${status} />`;
  if (!status) return html`<p class="quiet" role="status">${say('m.loading')}</p>`;
  const head = status.journal.seq;
  const after = query.after === undefined ? Math.max(0, head - PAGE) : Math.max(0, Number(query.after) || 0);
  return html`<${Pages} after=${after} head=${head} status=${status} news=${query.after === undefined ? news : 0} />`;
}

function Pages({after, head, status, news}) {
  const said = useSaid(`/v1/journal?after=${after}&limit=${PAGE}`, news);
  return html`<div class="line-up"><h2 tabindex="-1">${say('m.journal')}</h2>
    <span class="actions"><button type="button" class="button" disabled=${after === 0} onClick=${() => go({view: 'journal', after: Math.max(0, after - PAGE)})}>${say('m.older')}</button>
      <button type="button" class="button" disabled=${after + PAGE >= head} onClick=${() => go({view: 'journal', after: after + PAGE})}>${say('m.newer')}</button>
      <${Go} class="button" to=${{view: 'journal'}}>${say('m.newest')}<//></span></div>
    <dl class="tiles"><div class="tile"><dt>${say('m.entries')}</dt><dd>${head}</dd></div><div class="tile"><dt>${say('m.booked')}</dt><dd>${status.journal.acked_seq}</dd></div>
      <div class=${`tile ${status.journal.pending ? 'warn' : ''}`}><dt>${say('m.pending')}</dt><dd>${status.journal.pending}</dd></div><div class="tile"><dt>${say('m.head')}</dt><dd><code title=${status.journal.head}>${short(status.journal.head)}</code></dd></div></dl>
    <${Awaited} said=${said}>${({items}) => html`<${Chain} items=${items} /><${Table} caption=${say('m.journal')} rows=${items.toReversed()} columns=${[
      {name: say('m.entry'), of: each => html`<${Go} to=${{view: 'journal', seq: each.seq}}>${each.seq}<//>`, end: true}, {name: say('m.at'), of: each => (each.at ? moment(each.at) : '')},
      {name: say('m.what'), of: each => word('kind', each.kind ?? 'damaged')}, {name: say('m.amount'), of: moved, end: true}, {name: say('m.receipt'), of: each => receiptOf(each) ?? ''},
      {name: say('m.terminal'), of: each => each.detail?.terminal ?? ''}, {name: say('m.hash'), of: each => html`<code title=${each.hash}>${short(each.hash ?? '')}</code>`},
      {name: say('m.booked'), of: each => say(each.seq <= status.journal.acked_seq ? 'm.booked.yes' : 'm.booked.no')}]} />`}<//>`;
}
