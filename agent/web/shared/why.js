// Reasons as sentences: why not, and what to do about it.

import {knows, lastDay, moment, money, say, timeOfDay} from '/web/shared/words.js';

// One reason of the agent's, in words; what we have no words for, in the agent's own.
export function because(reason, currency) {
  const values = {wanted: (reason.wanted ?? []).join(', '), limit: reason.limit ?? '', venue: reason.venue ?? ''};
  for (const name of ['at', 'from', 'next', 'resets_at']) if (reason[name]) values[name] = moment(reason[name]);
  if (reason.code === 'expired' || reason.code === 'pass_expired') values.at = reason.at ? lastDay(reason.at) : '';
  if (reason.available !== undefined) values.available = money(reason.available, currency);
  if (reason.least !== undefined) values.least = money(reason.least, currency);
  const full = `why.${reason.code}.${reason.criterion ?? Object.keys(values).find(name => values[name] && knows(`why.${reason.code}.${name}`))}`;
  const key = knows(full) ? full : `why.${reason.code}`;
  return knows(key) ? say(key, values) : reason.detail ?? reason.code;
}

export const whatToDo = code => (knows(`do.${code}`) ? say(`do.${code}`) : say('do.other'));

// How the link is: one line for the chip, and what it means in sentences.
export function linkWords(status, unreachable, currency) {
  if (unreachable) return {state: 'gone', short: say('link.gone'), long: [say('link.gone.more')]};
  if (!status) return {state: 'wait', short: say('link.wait'), long: []};
  const {link, journal, exposure} = status;
  const stopped = status.stopped ? [say('link.stopped')] : [];
  const clock = status.clock?.state === 'untrusted' ? [say('link.clock')] : [];
  if (link.state === 'up') return {state: 'up', short: say('link.up'), long: [...stopped, ...clock]};
  const risk = exposure.reduce((sum, each) => sum + each.amount, 0);
  return {
    state: 'down', short: say('link.down', {since: timeOfDay(link.since)}),
    long: [
      ...stopped, ...clock, say('link.down.more'),
      say('link.as_of', {at: link.last_sync ? moment(link.last_sync) : '–'}),
      say(journal.pending === 1 ? 'link.pending.one' : 'link.pending', {count: journal.pending}),
      say('link.exposure', {amount: money(risk, exposure[0]?.currency ?? currency)}),
    ],
  };
}
