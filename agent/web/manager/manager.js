// The manager page: what happened, what waits, and what it could cost. Joins the views, the session and the events.

import {call, listen, Refused, session, signOut} from '/web/shared/api.js';
import {Coin, SignIn, Tools, pairByAddress} from '/web/shared/frame.js';
import {linkWords} from '/web/shared/why.js';
import {html, render, useEffect, useState} from '/web/shared/view.js';
import {beAt, firstLanguage, say, speak} from '/web/shared/words.js';
import {Access, Devices, Exceptions, Exposure, Health} from './desk.js';
import {Journal} from './journal.js';
import {Go, asked, whenGone, whole} from './parts.js';
import {Days, Passes, Today} from './reports.js';

const views = {today: Today, days: Days, exceptions: Exceptions, exposure: Exposure, devices: Devices, journal: Journal, access: Access, summary: Passes, analysis: Passes, health: Health};
const root = document.documentElement;
const LOOK_MS = 5000;
const CALM_MS = 1000;  // what happens in a burst is looked at once

let note = null;

function Nav({view, open}) {
  return html`<nav aria-label=${say('m.views')}><ul>${Object.keys(views).filter(each => each !== 'analysis').map(each => html`<li key=${each}><${Go} to=${{view: each}} aria-current=${each === view || (each === 'summary' && view === 'analysis') ? 'page' : undefined}>${say(`nav.${each}`)}
    ${each === 'exceptions' && open > 0 && html` <span class="count">${open}<span class="said"> ${say('m.open')}</span></span>`}<//></li>`)}</ul></nav>`;
}

function Link({status, gone}) {
  const {state, short} = linkWords(status, gone, 'EUR');
  return html`<p class=${`link ${state}`} role="status"><span class="lamp"></span>${short}${status && status.link.mode !== 'up' ? ` · ${say('m.rehearsal')}` : ''}</p>`;
}

function Page() {
  const [, again] = useState(0);
  const [news, setNews] = useState(0);
  const [now, setNow] = useState({status: null, gone: false, open: 0});
  const redraw = () => again(count => count + 1);
  const query = asked(), here = session();
  const view = query.view in views ? query.view : 'today';
  const manager = here?.role === 'manager';

  const look = async () => {
    try {
      const status = await call('GET', '/v1/status');
      beAt(status.zone);
      const {items} = await whole('/v1/exceptions');
      setNow({status, gone: false, open: items.filter(each => !each.closed_at).length});
    } catch (refused) {
      if (!(refused instanceof Refused)) throw refused;
      if (refused.problem.code === 'unauthenticated') leave('sign.over');
      else setNow(before => ({...before, gone: refused.status === 0}));
    }
  };
  const leave = why => {
    signOut();
    note = why;
    setNow({status: null, gone: false, open: 0});
    redraw();
  };

  useEffect(() => {
    whenGone(() => { redraw(); document.querySelector('main')?.scrollTo(0, 0); });
    addEventListener('popstate', redraw);
    const over = () => leave('sign.over');
    addEventListener('obol.signed-out', over);
    return () => { removeEventListener('popstate', redraw); removeEventListener('obol.signed-out', over); };
  }, []);
  useEffect(() => {
    if (!manager) return undefined;
    const stop = new AbortController();
    let later = 0;
    look();
    const looking = setInterval(look, LOOK_MS);
    listen(kind => {
      if (!['purchase', 'exception', 'print', 'link', 'missed'].includes(kind)) return;
      later ||= setTimeout(() => { later = 0; setNews(count => count + 1); look(); }, CALM_MS);
    }, stop.signal);
    return () => { stop.abort(); clearInterval(looking); clearTimeout(later); };
  }, [here?.token]);
  // The heading of a view that was gone to is where reading begins.
  useEffect(() => { if (manager) document.querySelector('main h2')?.focus({preventScroll: true}); }, [view, query.seq]);

  root.dataset.view = manager ? view : 'sign-in';
  document.title = manager ? `${say(`nav.${view}`)} · Obol` : 'Obol';
  const View = views[view];
  return html`<div class="page"><header class="bar"><h1><${Coin} /> Obol</h1>
      <p class="where">${manager ? `${now.status?.venue ?? ''} · ${here.terminal} · ${say('role.manager')}` : ''}</p>
      ${manager && html`<${Link} status=${now.status} gone=${now.gone} />`}
      <${Tools} redraw=${redraw}>${here && html`<button type="button" onClick=${() => leave(null)}>${say('tool.leave')}</button>`}<//></header>
    ${manager ? html`<div class="desk"><${Nav} view=${view} open=${now.open} /><main tabindex="0" aria-label=${say(`nav.${view}`)}><${View} key=${view} view=${view} query=${query} news=${news} status=${now.status} looked=${look} /></main></div>`
      : html`<${SignIn} note=${here ? 'm.not_manager' : note} go="m.sign_go" paired=${() => { note = null; redraw(); }} />`}</div>`;
}

await speak(firstLanguage(), 'manager');
note = await pairByAddress(null);
render(html`<${Page} />`, document.body);
