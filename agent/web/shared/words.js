// What the page says, in one of its catalogues, and money and moments as that language writes them.

export const languages = {en: {name: 'English', locale: 'en-GB'}, el: {name: 'Ελληνικά', locale: 'el-CY'}};

let catalogue = {};
let language = 'en';

export const currentLanguage = () => language;
const locale = () => languages[language].locale;

// `page`: one with a catalogue of its own, besides the one that all share.
let page = null;
export async function speak(wanted, of = page) {
  page = of;
  const name = wanted in languages ? wanted : 'en';
  const parts = await Promise.all([`shared/${name}`, ...(page ? [`${page}/${name}`] : [])].map(async each => (await fetch(`/web/${each}.json`)).json()));
  catalogue = Object.assign({}, ...parts);
  language = name;
  document.documentElement.lang = language;
}

export function firstLanguage() {
  const kept = localStorage.getItem('obol.language');
  return kept in languages ? kept : navigator.language.slice(0, 2);
}

export const knows = key => key in catalogue;

// {name} in a text is filled from `values`.
export function say(key, values = {}) {
  const text = catalogue[key] ?? key;
  return text.replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole);
}

const digits = currency => new Intl.NumberFormat('en', {style: 'currency', currency}).resolvedOptions().maximumFractionDigits;

export function money(minor, currency) {
  return new Intl.NumberFormat(locale(), {style: 'currency', currency}).format(minor / 10 ** digits(currency));
}

// For an input: "12.50", or with a comma.
export function plainMoney(minor, currency) {
  const decimal = new Intl.NumberFormat(locale(), {minimumFractionDigits: digits(currency), useGrouping: false});
  return decimal.format(minor / 10 ** digits(currency));
}

// Minor units of what somebody typed; null if it is no amount. No float on the way.
export function readMoney(text, currency) {
  const found = /^\s*(-?)(\d{1,9})(?:[.,](\d{1,3}))?\s*$/.exec(text);
  const places = digits(currency);
  if (!found || (found[3] ?? '').length > places) return null;
  const minor = Number(found[2]) * 10 ** places + Number((found[3] ?? '').padEnd(places, '0') || 0);
  return found[1] ? -minor : minor;
}

// Where the venue is, once the agent has told: its clock on the wall counts, not this machine's.
let place;
export const beAt = zone => { place = zone || undefined; };

// A moment with an offset is shown as the clock at the venue shows it.
function onTheWall(instant) {
  const offset = /([+-])(\d\d):(\d\d)$/.exec(instant);
  const at = new Date(instant);
  if (!offset) return {at, zone: place};
  const minutes = (Number(offset[2]) * 60 + Number(offset[3])) * (offset[1] === '-' ? -1 : 1);
  return {at: new Date(at.getTime() + minutes * 60000), zone: 'UTC'};
}

export function moment(instant) {
  const {at, zone} = onTheWall(instant);
  const away = new Date(instant).getTime() - Date.now();
  const clock = {hour: '2-digit', minute: '2-digit', hourCycle: 'h23', timeZone: zone};
  const day = when => new Intl.DateTimeFormat('en', {dateStyle: 'short', timeZone: zone}).format(when);
  const today = day(at) === day(at.getTime() - away);
  const near = today ? {} : away > 0 && away < 6 * 86400e3 ? {weekday: 'long'} : {day: 'numeric', month: 'short', year: 'numeric'};
  return new Intl.DateTimeFormat(locale(), {...clock, ...near}).format(at);
}

// The last day on which it is good: `instant` is the first moment that is too late.
export function lastDay(instant) {
  const {at, zone} = onTheWall(instant);
  return new Intl.DateTimeFormat(locale(), {day: 'numeric', month: 'short', year: 'numeric', timeZone: zone}).format(at.getTime() - 1);
}

export const timeOfDay = instant =>
  new Intl.DateTimeFormat(locale(), {hour: '2-digit', minute: '2-digit', hourCycle: 'h23', timeZone: place}).format(new Date(instant));
// As the clock at the venue shows it: the moment carries its offset.
export const timeOnWall = instant => instant.slice(11, 16);

export const day = date =>
  new Intl.DateTimeFormat(locale(), {weekday: 'short', day: 'numeric', month: 'short', year: 'numeric', timeZone: 'UTC'}).format(new Date(`${date}T00:00:00Z`));
