// What stands around every page: the session of this tab, signing in by a code, colours and language.

import {pair, Refused, session} from '/web/shared/api.js';
import {Icon, html, useEffect, useState} from '/web/shared/view.js';
import {currentLanguage, languages, say, speak} from '/web/shared/words.js';
import {because} from '/web/shared/why.js';

const themes = ['auto', 'light', 'dark', 'contrast'];
const root = document.documentElement;
const themeKept = () => (themes.includes(localStorage.getItem('obol.theme')) ? localStorage.getItem('obol.theme') : 'auto');
root.dataset.theme = themeKept();

export const Coin = () => html`<svg class="coin" viewBox="0 0 32 32" aria-hidden="true"><circle cx="16" cy="16" r="14" /><circle class="hole" cx="16" cy="16" r="6" /></svg>`;

// #pair=CODE pairs at once and leaves the address; a code is good once, for minutes. Gives what is to be told.
export async function pairByAddress(state) {
  const code = /^#pair=(\d{4,12})$/.exec(location.hash)?.[1];
  if (location.hash) history.replaceState(state, '', location.pathname + location.search);
  if (!code || session()) return null;
  return pair(code).then(() => null, () => 'sign.used');
}

// `go`: what the button says.
export function SignIn({note, go, paired, failed}) {
  const [wrong, setWrong] = useState(null);
  const [asking, setAsking] = useState(false);
  useEffect(() => document.getElementById('pairing')?.focus(), []);
  const send = async event => {
    event.preventDefault();
    const code = new FormData(event.target).get('pairing').replace(/\D/g, '');
    setAsking(true);
    try {
      await pair(code);
      paired();
    } catch (refused) {
      if (!(refused instanceof Refused)) throw refused;
      setWrong(refused.problem.code === 'unauthenticated' ? {code: 'pairing_wrong'} : refused.problem);
      setAsking(false);
      failed?.();
    }
  };
  return html`<main class="sign-in"><form onSubmit=${send}>
    <h1><${Coin} /> Obol</h1>
    ${note && html`<p class="warn" role="alert">${say(note)}</p>`}
    <label for="pairing">${say('sign.label')}</label>
    <input id="pairing" name="pairing" inputmode="numeric" autocomplete="one-time-code" maxlength="12" required aria-describedby="pairing-help" />
    <p id="pairing-help">${say('sign.help')}</p>
    ${wrong && html`<p class="bad" role="alert"><${Icon} of="bad" />${because(wrong, 'EUR')}</p>`}
    <button class="button primary" type="submit" disabled=${asking}>${say(go)}</button></form></main>`;
}

// Language and colours; `children`: what the page has besides.
export function Tools({redraw, children}) {
  const other = Object.keys(languages).find(each => each !== currentLanguage());
  const change = async () => {
    localStorage.setItem('obol.language', other);
    await speak(other);
    redraw();
  };
  const theme = themeKept();
  const turn = () => {
    root.dataset.theme = themes[(themes.indexOf(theme) + 1) % themes.length];
    localStorage.setItem('obol.theme', root.dataset.theme);
    redraw();
  };
  return html`<div class="tools">
    <button type="button" lang=${other} onClick=${change}>${languages[other].name}</button>
    <button type="button" onClick=${turn}>${say('tool.theme')}: ${say(`theme.${theme}`)}</button>
    ${children}</div>`;
}
