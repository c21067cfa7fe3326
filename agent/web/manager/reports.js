// Reports: a business day at a glance, X and Z, and what became of passes.

import {call} from '/web/shared/api.js';
import {because} from '/web/shared/why.js';
import {html, useState} from '/web/shared/view.js';
import {currentLanguage, day as dayText, money, moment, say, timeOnWall} from '/web/shared/words.js';
import {Act, Awaited, Bars, Figure, Go, Hours, Table, download, go, printed, useSaid, whole, word} from './parts.js';

// --- a day at a glance ------------------------------------------------------------------------------------------------

const sumOf = (report, whats, member, currency) => report.lines.filter(each => whats.includes(each.what) && each.currency === currency).reduce((sum, each) => sum + each[member], 0);
const shift = (date, days) => new Date(Date.parse(`${date}T12:00:00Z`) + days * 86400e3).toISOString().slice(0, 10);

// Every hour from the first to the last in which something happened.
function hoursOf(report, currency) {
  const met = report.hours.filter(each => each.currency === currency);
  if (!met.length) return [];
  const at = new Map(met.map(each => [Date.parse(each.from), each]));
  const out = [];
  const offset = met[0].from.slice(-6);
  for (let hour = Date.parse(met[0].from); hour <= Date.parse(met.at(-1).from); hour += 3600e3) {
    const wall = new Date(hour + (offset.endsWith('Z') ? 0 : (Number(offset.slice(0, 3)) * 60 + Number(offset[0] + offset.slice(4))) * 60000)).toISOString().slice(0, 19);
    out.push(at.get(hour) ?? {from: `${wall}${offset.endsWith('Z') ? 'Z' : offset}`, purchases: 0, spent: 0, redeemed: 0});
  }
  return out;
}

function Day({report, currency}) {
  const spent = report.sources.filter(each => each.currency === currency);
  const total = spent.reduce((sum, each) => sum + each.spent, 0);
  const back = spent.reduce((sum, each) => sum + each.given_back, 0);
  const many = whats => report.lines.filter(each => whats.includes(each.what) && each.currency === currency).reduce((sum, each) => sum + each.count, 0);
  const sources = spent.toSorted((a, b) => b.spent - a.spent).map(each => ({...each, name: each.pool ? each.pool.name : say(`pocket.${each.pocket}`), figure: each.spent, shown: money(each.spent, currency)}));
  const refusals = report.refusals.map(each => ({...each, name: because({code: each.code}, currency), figure: each.count, shown: String(each.count), kind: 'bad'}));
  return html`<dl class="tiles">
      <${Figure} name=${say('m.spent')}>${money(total, currency)}<small>${say('m.in_purchases', {count: many(['purchase'])})}</small><//>
      <${Figure} name=${say('m.redeemed')}>${money(sumOf(report, ['redeem'], 'total', currency), currency)}<small>${say('m.in_passes', {count: many(['redeem'])})}</small><//>
      <${Figure} name=${say('m.sold')}>${money(sumOf(report, ['activation'], 'total', currency) - sumOf(report, ['activation_void'], 'total', currency), currency)}<small>${say('m.in_passes', {count: many(['activation'])})}</small><//>
      <${Figure} name=${say('m.given_back')}>${money(back, currency)}<small>${say('m.in_refunds', {count: many(['refund', 'void'])})}</small><//>
      <${Figure} name=${say('m.awarded')}>${money(sumOf(report, ['purchase'], 'awarded', currency), currency)}<//>
      <${Figure} name=${say('m.refused')}>${report.refusals.reduce((sum, each) => sum + each.count, 0)}<small>${say('m.times')}</small><//></dl>
    <div class="charts">
      <${Bars} caption=${say('m.spent_by')} rows=${sources} columns=${[{name: say('m.source'), of: each => each.name}, {name: say('m.purchases'), of: each => each.count, end: true},
        {name: say('m.spent'), of: each => each.shown, end: true}, {name: say('m.given_back'), of: each => money(each.given_back, currency), end: true}]} />
      <${Bars} caption=${say('m.refused_by')} rows=${refusals} columns=${[{name: say('m.reason'), of: each => each.name}, {name: say('m.code'), of: each => each.code}, {name: say('m.count'), of: each => each.count, end: true}]} />
      <${Hours} caption=${say('m.by_hour')} rows=${hoursOf(report, currency)} currency=${currency} label=${timeOnWall} /></div>`;
}

export function Today({query, news}) {
  const said = useSaid(`/v1/reports/day${query.day ? `?day=${query.day}` : ''}`, news);
  return html`<${Awaited} said=${said}>${report => {
    const currencies = [...new Set([...report.lines, ...report.sources].map(each => each.currency))];
    return html`<div class="line-up"><h2 tabindex="-1">${query.day ? dayText(report.day) : say('m.today', {day: dayText(report.day)})}</h2>
      <span class="actions"><button type="button" class="button" onClick=${() => go({view: 'today', day: shift(report.day, -1)})}>${say('m.day_before')}</button>
      ${query.day && html`<button type="button" class="button" onClick=${() => go({view: 'today', day: shift(report.day, 1)})}>${say('m.day_after')}</button>
        <button type="button" class="button" onClick=${() => go({view: 'today'})}>${say('m.running')}</button>`}
      <${Go} class="button" to=${{view: 'journal', after: report.entries.after}}>${say('m.entries_of_day', {count: report.entries.upto - report.entries.after})}<//></span></div>
    <p class="quiet">${say('m.as_of', {at: moment(report.at), from: moment(report.from)})}</p>
    ${(currencies.length ? currencies : ['EUR']).map(each => html`<${Day} key=${each} report=${report} currency=${each} />`)}`;
  }}<//>`;
}

// --- X at any time, Z closes the business day; on the screen as on paper ----------------------------------------------

const paper = path => call('GET', path, undefined, {accept: 'text/plain'});

const Paper = ({path, news}) => html`<${Awaited} said=${useSaid(path, news, paper)}>${text => html`<pre class="paper" tabindex="0">${text}</pre>`}<//>`;

export function Days({query, news}) {
  const [closed, setClosed] = useState(0);
  const said = useSaid('/v1/reports/z', `${news}/${closed}`, whole);
  const number = query.z;
  const close = async key => {
    const z = await call('POST', '/v1/reports/z', {}, {key});
    setClosed(z.number);
    go({view: 'days', z: z.number});
    return say('m.z_closed', {number: z.number});
  };
  const path = number ? `/v1/reports/z/${number}` : '/v1/reports/x';
  const csv = () => download(path, number ? `z-${number}.csv` : 'x.csv', 'text/csv');
  return html`<div class="two">
    <section aria-labelledby="paper-title"><div class="line-up"><h2 id="paper-title" tabindex="-1">${number ? say('m.z_report', {number}) : say('m.x_report')}</h2>
      <span class="actions">${number ? html`<${Act} key=${number} does=${key => said.data ? call('POST', `/v1/receipts/${said.data.items.find(each => each.number === Number(number)).receipt.number}/print`, {}, {key}).then(printed) : null}>${say('m.print')}<//>`
        : html`<${Act} does=${key => call('POST', '/v1/reports/x/print', {}, {key}).then(printed)}>${say('m.print')}<//>`}
      <button type="button" class="button" onClick=${csv}>${say('m.csv')}</button></span></div>
      <${Paper} path=${path} news=${number ? '' : news} /></section>
    <section aria-labelledby="z-title"><div class="line-up"><h2 id="z-title">${say('m.z_reports')}</h2>
      <span class="actions"><${Act} kind="primary" keep="z" does=${close} sure=${say('m.z_sure')}>${say('m.z_close')}<//></span></div>
      <p class="quiet">${say('m.z_help')}</p>
      ${number && html`<p><${Go} class="button" to=${{view: 'days'}}>${say('m.x_show')}<//></p>`}
      <${Awaited} said=${said}>${({items}) => html`<${Table} caption=${say('m.z_reports')} none=${say('m.z_none')} rows=${items.toReversed()}
        row=${each => (String(each.number) === number ? 'current' : '')} columns=${[
          {name: say('m.number'), of: each => html`<${Go} to=${{view: 'days', z: each.number}}>Z ${each.number}<//>`},
          {name: say('m.business_day'), of: each => dayText(each.day)}, {name: say('m.closed_at'), of: each => moment(each.at)},
          {name: say('m.receipt'), of: each => each.receipt.number}, {name: say('m.entry'), of: each => html`<${Go} to=${{view: 'journal', seq: each.entry.seq}}>${each.entry.seq}<//>`, end: true}]} />`}<//></section></div>`;
}

// --- passes: the filters are the address, so a report can be kept and sent -------------------------------------------

const next = date => new Date(Date.parse(`${date}T12:00:00Z`) + 86400e3).toISOString().slice(0, 10);
const isDay = text => /^\d{4}-\d\d-\d\d$/.test(text ?? '') && !Number.isNaN(Date.parse(text));
const whats = ['sold', 'redeemed', 'voided'], types = ['gift', 'topup', 'promotion'];

// The last day is inside for people, outside for the agent.
function filtersOf(query, today) {
  const from = isDay(query.from) ? query.from : `${today.slice(0, 8)}01`, upto = isDay(query.upto) ? query.upto : today;
  return {from, upto, what: whats.includes(query.what) ? query.what : '', type: types.includes(query.type) ? query.type : '', plan: query.plan ?? '', terminal: query.terminal ?? ''};
}
const askedFor = ({from, upto, ...rest}) => new URLSearchParams(Object.entries({from, to: next(upto), ...rest}).filter(([, value]) => value)).toString();

function Filters({view, filters}) {
  const send = event => {
    event.preventDefault();
    go({view, ...Object.fromEntries(new FormData(event.target))});
  };
  const field = (name, type, more = {}) => html`<span><label for=${`f-${name}`}>${say(`filter.${name}`)}</label><input id=${`f-${name}`} name=${name} type=${type} value=${filters[name]} ...${more} /></span>`;
  const choice = (name, all, of) => html`<span><label for=${`f-${name}`}>${say(`filter.${name}`)}</label><select id=${`f-${name}`} name=${name} value=${filters[name]}>
    <option value="">${say('filter.all')}</option>${all.map(each => html`<option key=${each} value=${each}>${word(of, each)}</option>`)}</select></span>`;
  return html`<form class="row filters" onSubmit=${send} key=${JSON.stringify(filters)}>${field('from', 'date')}${field('upto', 'date')}
    ${view === 'analysis' && choice('what', whats, 'event')}${choice('type', types, 'pass')}${field('plan', 'text', {maxlength: 64})}${field('terminal', 'text', {maxlength: 64})}
    <button class="button primary" type="submit">${say('filter.show')}</button></form>`;
}

export function Passes({status, ...more}) {
  return html`<${Awaited} said=${{data: status}}>${({business_day: today}) => html`<${PassesOf} today=${today} ...${more} />`}<//>`;
}

function PassesOf({view, query, today}) {
  const filters = filtersOf(query, today);
  const path = `/v1/reports/passes-${view}?${askedFor(filters)}`;
  const said = useSaid(view === 'analysis' ? `${path}&limit=100${query.after ? `&after=${query.after}` : ''}` : path);
  const other = view === 'analysis' ? 'summary' : 'analysis';
  const kept = Object.fromEntries(Object.entries(filters).filter(([name]) => name in query));
  const csv = () => download(`${path}${currentLanguage() === 'el' ? '&decimal=comma' : ''}`, `passes-${view}-${filters.from}-${filters.upto}.csv`, 'text/csv');
  return html`<div class="line-up"><h2 tabindex="-1">${say(`m.passes_${view}`)}</h2>
      <span class="actions"><${Go} class="button" to=${{...kept, view: other}}>${say(`m.passes_${other}`)}<//><button type="button" class="button" onClick=${csv}>${say('m.csv')}</button></span></div>
    <${Filters} view=${view} filters=${filters} />
    <p class="quiet">${say('m.span', {from: dayText(filters.from), upto: dayText(filters.upto)})}</p>
    <${Awaited} said=${said}>${report => (view === 'analysis' ? html`<${Events} report=${report} query=${query} />` : html`<${Sums} report=${report} filters=${kept} />`)}<//>`;
}

const Sums = ({report, filters}) => html`<${Table} caption=${say('m.passes_summary')} rows=${report.items} columns=${[
  {name: say('filter.plan'), of: each => html`<${Go} to=${{...filters, view: 'analysis', plan: each.plan.id}}>${each.plan.name || each.plan.id}<//>`}, {name: say('filter.type'), of: each => word('pass', each.type)},
  ...whats.map(what => ({name: say(`event.${what}`), of: each => `${each[what].count} · ${money(each[what].value, each.currency)}`, end: true}))]} />`;

const Events = ({report, query}) => html`<${Table} caption=${say('m.passes_analysis')} rows=${report.items} columns=${[
  {name: say('m.entry'), of: each => html`<${Go} to=${{view: 'journal', seq: each.seq}}>${each.seq}<//>`, end: true}, {name: say('m.at'), of: each => moment(each.at)}, {name: say('m.what'), of: each => say(`event.${each.what}`)},
  {name: say('m.pass'), of: each => each.display}, {name: say('filter.plan'), of: each => each.plan.name || each.plan.id}, {name: say('filter.type'), of: each => word('pass', each.type)},
  {name: say('m.value'), of: each => money(each.value.amount, each.value.currency), end: true}, {name: say('m.terminal'), of: each => each.terminal}, {name: say('m.tender'), of: each => (each.tender ? word('tender', each.tender) : '')}, {name: say('m.receipt'), of: each => each.receipt ?? ''}]} />
  <p class="actions">${query.after && html`<button type="button" class="button" onClick=${() => history.back()}>${say('m.before')}</button>`}${report.next && html`<${Go} class="button" to=${{...query, after: report.next}}>${say('m.more')}<//>`}</p>`;
