// What waits for a manager: exceptions, what could be lost, devices, the link and how the machine is; and who may speak
// for a terminal.

import {call} from '/web/shared/api.js';
import {html, useState} from '/web/shared/view.js';
import {lastDay, moment, money, say, timeOfDay} from '/web/shared/words.js';
import {Act, Awaited, Facts, Figure, Go, Table, go, printed, useSaid, whole, word} from './parts.js';

// --- exceptions -------------------------------------------------------------------------------------------------------

function Close({each, done}) {
  const [reason, setReason] = useState('');
  return html`<form class="row" onSubmit=${event => event.preventDefault()}>
    <label for=${`why-${each.id}`}>${say('m.close_reason')}</label>
    <input id=${`why-${each.id}`} maxlength="200" value=${reason} onInput=${event => setReason(event.target.value)} />
    <${Act} disabled=${!reason.trim()} does=${key => call('POST', `/v1/exceptions/${each.id}/close`, {reason: reason.trim()}, {key}).then(() => { done(); return say('m.closed'); })}>${say('m.close')}<//></form>`;
}

export function Exceptions({query, news}) {
  const said = useSaid('/v1/exceptions', news, whole);
  const all = query.closed === 'yes';
  return html`<div class="line-up"><h2 tabindex="-1">${say('m.exceptions')}</h2><span class="actions">
      <button type="button" class="button" aria-pressed=${all} onClick=${() => go({view: 'exceptions', closed: all ? '' : 'yes'})}>${say('m.show_closed')}</button></span></div>
    <p class="quiet">${say('m.exceptions_help')}</p>
    <${Awaited} said=${said}>${({items}) => {
      const shown = items.filter(each => all || !each.closed_at).toReversed();
      return shown.length === 0 ? html`<p class="note good">${say('m.no_exceptions')}</p>` : html`<ul class="cards">${shown.map(each => html`<li key=${each.id} class=${each.closed_at ? 'card' : 'card warn'} data-exception=${each.code}>
        <h3>${word('exception', each.code)}</h3><p class="name">${each.detail}</p>
        <${Facts} rows=${[[say('m.at'), moment(each.at)], each.amount && [say('m.amount'), money(each.amount.amount, each.amount.currency)], each.seq && [say('m.entry'), html`<${Go} to=${{view: 'journal', seq: each.seq}}>${each.seq}<//>`],
          each.closed_at && [say('m.closed'), `${moment(each.closed_at)}: ${each.closed_reason}`]]} />
        ${!each.closed_at && html`<${Close} each=${each} done=${said.again} />`}</li>`)}</ul>`;
    }}<//>`;
}

// --- exposure ---------------------------------------------------------------------------------------------------------

export function Exposure({status}) {
  if (!status) return html`<p class="quiet" role="status">${say('m.loading')}</p>`;
  const {exposure, at_risk: used, authority} = status;
  return html`<h2 tabindex="-1">${say('m.exposure')}</h2><p class="quiet">${say('m.exposure_help')}</p>
    ${exposure.map(each => {
      const unreported = used?.unreported ?? 0;
      return html`<section key=${each.currency}><dl class="tiles">
        <${Figure} name=${say('m.could_be_lost')} kind=${each.amount ? 'warn' : ''}>${money(each.amount, each.currency)}<//>
        <${Figure} name=${say('m.risk_used')}>${money(unreported, each.currency)}<small>${say('m.in_entries', {count: used?.entries ?? 0})}</small><//>
        <${Figure} name=${say('m.risk_left')}>${money(each.amount - unreported, each.currency)}<//></dl>
        <p>${say(each.amount ? 'm.exposure_some' : 'm.exposure_none')}</p></section>`;
    })}
    <h3>${say('m.held')}</h3><p class="quiet">${say('m.held_help')}</p>
    <${Table} caption=${say('m.held')} rows=${authority} columns=${[{name: say('m.currency'), of: each => each.currency}, {name: say('m.held'), of: each => money(each.held, each.currency), end: true}]} />
    <h3>${say('m.pending')}</h3><p>${say(status.journal.pending === 1 ? 'link.pending.one' : 'link.pending', {count: status.journal.pending})}</p>`;
}

// --- devices ----------------------------------------------------------------------------------------------------------

const well = each => !each.health && each.power !== 'off_or_offline' && !['closed', 'error'].includes(each.state) && !['near_end', 'empty'].includes(each.paper) && each.cover !== 'open';

export function Devices({news, status}) {
  const jobs = useSaid('/v1/print-jobs?open=true', `${news}/${status?.clock.now}`);
  const test = each => key => call('POST', `/v1/devices/${each.name}/test`, {}, {key}).then(told => (told.printer ? printed(told) : say('m.shown')));
  if (!status) return html`<p class="quiet" role="status">${say('m.loading')}</p>`;
  const {devices: items} = status;
  return html`<h2 tabindex="-1">${say('m.devices')}</h2>
    ${items.length === 0 ? html`<p class="quiet">${say('m.no_devices')}</p>` : html`<ul class="cards">${items.map(each => html`<li key=${each.name} class=${well(each) ? 'card' : 'card warn'} data-device=${each.name}>
      <h3>${word('device', each.kind)}: <span class="name">${each.name}</span></h3>
      ${each.health && html`<p class="warn">${each.health}</p>`}
      <${Facts} rows=${[[say('m.terminal'), each.terminal], [say('m.state'), word('device.state', each.state)], [say('m.power'), word('device.power', each.power)], [say('m.paper'), each.paper && word('device.paper', each.paper)],
        [say('m.cover'), each.cover && word('device.cover', each.cover)], [say('m.drawer'), each.drawer && each.drawer !== 'none' && word('device.drawer', each.drawer)], [say('m.model'), each.profile], [say('m.waiting'), each.jobs > 0 && each.jobs]]} />
      ${each.kind === 'scanner' ? html`<p class="quiet">${say('m.scanner_test')}</p>` : html`<${Act} does=${test(each)}>${say(each.kind === 'printer' ? 'm.test_print' : 'm.test_show')}<//>`}
      ${each.drawer && each.drawer !== 'none' && html`<${Act} does=${key => call('POST', `/v1/devices/${each.name}/open-drawer`, {}, {key}).then(() => say('m.drawer_opened'))}>${say('m.open_drawer')}<//>`}</li>`)}</ul>`}
    <h3>${say('m.print_jobs')}</h3>
    <${Awaited} said=${jobs}>${({items}) => html`<${Table} caption=${say('m.print_jobs')} none=${say('m.no_print_jobs')} rows=${items} columns=${[{name: say('m.printer'), of: each => each.printer}, {name: say('m.what'), of: each => word('job', each.what)},
      {name: say('m.receipt'), of: each => each.receipt?.number ?? ''}, {name: say('m.state'), of: each => [word('job.state', each.state), each.why && word('job.why', each.why)].filter(Boolean).join(': ')}, {name: say('m.at'), of: each => moment(each.at)}]} />`}<//>`;
}

// --- health and the rehearsal of a cut link ------------------------------------------------------------------------

const modes = ['up', 'down', 'slow', 'flapping'];

export function Health({status, looked}) {
  if (!status) return html`<p class="quiet" role="status">${say('m.loading')}</p>`;
  const {link, clock, certificate, reconciliation} = status;
  return html`<h2 tabindex="-1">${say('m.health')}</h2>
    ${status.stopped && html`<p class="note bad" role="alert">${say('link.stopped')} ${status.stopped}</p>`}
    <div class="two"><section><h3>${say('link.title')}</h3>
      <${Facts} rows=${[[say('m.state'), say(link.state === 'up' ? 'link.up' : 'm.link_down')], [say('m.since'), moment(link.since)], [say('m.last_sync'), link.last_sync ? moment(link.last_sync) : '–'], [say('m.why'), link.why]]} />
      <h3>${say('m.rehearsal')}</h3><p class="quiet">${say('m.rehearsal_help')}</p>
      <div class="actions" role="group" aria-label=${say('m.rehearsal')}>${modes.map(mode => html`<button type="button" key=${mode} class="button" aria-pressed=${link.mode === mode} data-mode=${mode}
        onClick=${() => call('POST', '/v1/link', {mode}).then(looked, looked)}>${say(`mode.${mode}`)}</button>`)}</div>
      ${link.mode !== 'up' && html`<p class="note warn" role="status">${say('m.rehearsing', {mode: say(`mode.${link.mode}`)})}</p>`}</section>
    <section><h3>${say('m.machine')}</h3>
      <${Facts} rows=${[[say('m.venue'), status.venue], [say('m.device'), html`${status.device_name} <code>${status.device.slice(0, 12)}…</code>`], [say('m.clock'), say(clock.state === 'trusted' ? 'm.clock_trusted' : 'link.clock')], [say('m.clock_now'), moment(clock.now)],
        certificate && [say('m.certificate'), html`<span class=${certificate.ending ? 'bad' : ''}>${say('m.valid_until', {day: lastDay(certificate.valid_until)})} ${certificate.why ?? ''}</span>`],
        [say('m.journal'), say('m.journal_state', {seq: status.journal.seq, pending: status.journal.pending})], [say('m.version'), `Obol ${status.versions.agent}, ${say('m.zones')} ${status.versions.zones}`],
        [say('m.compared'), reconciliation ? html`<span class=${reconciliation.different ? 'bad' : ''}>${moment(reconciliation.at)}: ${say(reconciliation.different ? 'm.compared_different' : 'm.compared_same', {count: reconciliation.different})}</span>` : say('m.never')]]} />
      <${Act} does=${() => call('POST', '/v1/reconciliation', {}, {seconds: 60}).then(told => { looked(); return say(told.different?.length ? 'm.compared_different' : 'm.compared_same', {count: told.different?.length ?? 0}); })}>${say('m.compare')}<//>
      ${clock.state !== 'trusted' && html`<${Clock} looked=${looked} />`}</section></div>`;
}

function Clock({looked}) {
  const [reason, setReason] = useState('');
  return html`<form class="row" onSubmit=${event => event.preventDefault()}><label for="clock-why">${say('m.clock_reason')}</label><input id="clock-why" maxlength="200" value=${reason} onInput=${event => setReason(event.target.value)} />
    <${Act} disabled=${!reason.trim()} does=${key => call('POST', '/v1/clock/confirm', {reason: reason.trim()}, {key}).then(() => { looked(); return say('m.clock_confirmed'); })}>${say('m.clock_confirm')}<//></form>`;
}

// --- terminals: pairing codes for pages, tokens for programs ----------------------------------------------------------

const roles = ['cashier', 'manager', 'pos'];

function NewTerminal({done}) {
  const [id, setId] = useState(''), [name, setName] = useState('');
  const good = /^[A-Za-z0-9_-]{1,64}$/.test(id);
  return html`<form class="row" onSubmit=${event => event.preventDefault()}>
    <span><label for="new-id">${say('m.terminal_id')}</label><input id="new-id" maxlength="64" value=${id} onInput=${event => setId(event.target.value)} aria-describedby="new-help" /></span>
    <span><label for="new-name">${say('m.terminal_name')}</label><input id="new-name" maxlength="64" value=${name} onInput=${event => setName(event.target.value)} /></span>
    <${Act} disabled=${!good} does=${key => call('POST', '/v1/terminals', {id, ...(name ? {name} : {})}, {key}).then(() => { setId(''); setName(''); done(); return say('m.terminal_added'); })}>${say('m.add')}<//>
    <p id="new-help" class="quiet">${say('m.terminal_help')}</p></form>`;
}

function Pairing({terminal, done}) {
  const [role, setRole] = useState('cashier'), [made, setMade] = useState(null);
  const code = key => call('POST', `/v1/terminals/${terminal.id}/pairing-codes`, {role}, {key}).then(told => { setMade(told); return say('m.code_made'); });
  const token = key => call('POST', `/v1/terminals/${terminal.id}/tokens`, {role}, {key}).then(told => { setMade(told); done(); return say('m.token_made'); });
  return html`<li class="card" data-terminal=${terminal.id}><h3><span class="name">${terminal.name}</span>${terminal.name !== terminal.id && html` <small>${terminal.id}</small>`}</h3>
    <div class="row"><span><label for=${`role-${terminal.id}`}>${say('m.role')}</label>
      <select id=${`role-${terminal.id}`} value=${role} onChange=${event => { setRole(event.target.value); setMade(null); }}>${roles.map(each => html`<option key=${each} value=${each}>${say(`role.${each}`)}</option>`)}</select></span>
      <${Act} key=${`code-${role}`} does=${code}>${say('m.make_code')}<//>
      ${role !== 'manager' && html`<${Act} key=${`token-${role}`} does=${token} sure=${say('m.token_sure')}>${say('m.make_token')}<//>`}</div>
    ${made?.pairing_code && html`<p class="code" role="status"><strong>${made.pairing_code.replace(/(\d{4})/, '$1 ')}</strong> <small>${say('m.code_until', {at: timeOfDay(made.expires_at), page: made.role === 'manager' ? '/manager' : '/till'})}</small></p>`}
    ${made?.token && html`<p class="code" role="status"><code>${made.token}</code> <small>${say('m.token_once')}</small></p>`}</li>`;
}

export function Access({news}) {
  const terminals = useSaid('/v1/terminals', news, whole), tokens = useSaid('/v1/tokens', news, whole);
  const state = each => (each.revoked ? 'revoked' : each.expires_at && Date.parse(each.expires_at) <= Date.now() ? 'over' : 'good');
  const [old, setOld] = useState(false);
  return html`<h2 tabindex="-1">${say('m.terminals')}</h2>
    <${Awaited} said=${terminals}>${({items}) => html`<ul class="cards">${items.map(each => html`<${Pairing} key=${each.id} terminal=${each} done=${tokens.again} />`)}</ul>`}<//>
    <${NewTerminal} done=${terminals.again} />
    <div class="line-up"><h3>${say('m.tokens')}</h3><button type="button" class="button" aria-pressed=${old} onClick=${() => setOld(!old)}>${say('m.show_old')}</button></div>
    <${Awaited} said=${tokens}>${({items}) => html`<${Table} caption=${say('m.tokens')} rows=${items.filter(each => old || state(each) === 'good').toReversed()} columns=${[
      {name: say('m.terminal'), of: each => each.terminal}, {name: say('m.role'), of: each => say(`role.${each.role}`)}, {name: say('m.made'), of: each => moment(each.created_at)},
      {name: say('m.good_until'), of: each => (each.expires_at ? moment(each.expires_at) : say('m.always'))}, {name: say('m.state'), of: each => say(`token.${state(each)}`)},
      {name: say('m.revoke'), of: each => state(each) === 'good' && html`<${Act} key=${each.id} sure=${say('m.revoke_sure')} aria-label=${say('m.revoke_of', {terminal: each.terminal, role: say(`role.${each.role}`)})} does=${key => call('POST', `/v1/tokens/${each.id}/revoke`, {}, {key}).then(() => { tokens.again(); return say('token.revoked'); })}>${say('m.revoke')}<//>`}]} />`}<//>`;
}
