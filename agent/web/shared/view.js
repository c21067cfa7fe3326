// Preact and htm as the pages use them, and small things that every page draws.

import htm from '/web/shared/htm.js';
import {h} from '/web/shared/preact.js';
import {say} from '/web/shared/words.js';

export const html = htm.bind(h);
export {render} from '/web/shared/preact.js';
export {useEffect, useRef, useState} from '/web/shared/hooks.js';

const shapes = {
  good: 'M6 17l7 7 13-15', bad: 'M8 8l16 16M24 8L8 24', wait: 'M16 6v10l7 4', warn: 'M16 6v13M16 24v1',
  back: 'M20 7l-9 9 9 9', away: 'M8 16h16', more: 'M8 16h16M16 8v16', scan: 'M4 10V5h5M23 5h5v5M28 22v5h-5M9 27H4v-5M9 11v10M14 11v10M18 11v10M23 11v10',
};
export const Icon = ({of}) => html`<svg class="icon" viewBox="0 0 32 32" aria-hidden="true" focusable="false"><path d=${shapes[of]} /></svg>`;

// `keys`: shown beside it, and what till.js listens to.
export const Button = ({does, keys, kind = '', children, ...more}) =>
  html`<button type="button" class=${`button ${kind}`} onClick=${does} aria-keyshortcuts=${keys} ...${more}>
    <span>${children}</span>${keys && html`<kbd aria-hidden="true">${say(`key.${keys}`)}</kbd>`}</button>`;
