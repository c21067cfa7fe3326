// Calls of the agent, with the token of this tab. The token lies in sessionStorage and goes with the tab.

const SESSION = 'obol.session';

export function session() {
  try {
    const kept = JSON.parse(sessionStorage.getItem(SESSION));
    return kept && Date.parse(kept.expires_at) > Date.now() ? kept : null;
  } catch {
    return null;
  }
}
const keep = value => (value ? sessionStorage.setItem(SESSION, JSON.stringify(value)) : sessionStorage.removeItem(SESSION));

export const signOut = () => keep(null);

// `problem`: the problem document, or one of our own making where the agent was not to be reached.
export class Refused extends Error {
  constructor(status, problem) {
    super(problem.code);
    this.status = status;
    this.problem = problem;
  }
}

export async function call(method, path, body, {key, seconds = 12, accept = 'application/json'} = {}) {
  const headers = {Accept: accept};
  const now = session();
  if (now) headers.Authorization = `Bearer ${now.token}`;
  if (body !== undefined) headers['Content-Type'] = 'application/json';
  if (key) headers['Idempotency-Key'] = key;
  let reply, text;
  try {
    reply = await fetch(path, {
      method, headers, body: body === undefined ? undefined : JSON.stringify(body),
      credentials: 'omit', cache: 'no-store', signal: AbortSignal.timeout(seconds * 1000),
    });
    text = await reply.text();
  } catch {
    throw new Refused(0, {code: 'agent_unreachable'});
  }
  const kind = reply.headers.get('Content-Type') ?? '';
  const said = kind.includes('json') ? JSON.parse(text) : text;
  if (reply.ok) return said;
  throw new Refused(reply.status, said.code ? said : {code: 'agent_unreachable'});
}

export async function pair(code) {
  signOut();
  keep(await call('POST', '/v1/sessions', {pairing_code: code}));
}

export const newKey = () => crypto.randomUUID();

// Server-sent events, read with fetch because an EventSource cannot show a token. Calls `hear(kind, data)` for each,
// and again from where it was after a break. Ends for good where the agent does not know the route.
export async function listen(hear, stop) {
  let last = '';
  for (let wait = 500; !stop.aborted; wait = Math.min(wait * 2, 15000)) {
    try {
      const headers = {Accept: 'text/event-stream', Authorization: `Bearer ${session()?.token}`};
      if (last) headers['Last-Event-ID'] = last;
      const reply = await fetch('/v1/events', {headers, credentials: 'omit', cache: 'no-store', signal: stop});
      if ([401, 403, 404].includes(reply.status)) return;
      if (reply.ok) {
        wait = 500;
        let rest = '';
        const reader = reply.body.pipeThrough(new TextDecoderStream()).getReader();
        for (let part = await reader.read(); !part.done; part = await reader.read()) {
          const blocks = (rest + part.value).split('\n\n');
          rest = blocks.pop();
          for (const block of blocks) {
            const fields = Object.fromEntries(block.split('\n').map(line => {
              const colon = line.indexOf(':');
              return [line.slice(0, colon), line.slice(colon + 1).trimStart()];
            }));
            if (fields.id) last = fields.id;
            if (fields.event) hear(fields.event, JSON.parse(fields.data || '{}'));
          }
        }
      }
    } catch {
      if (stop.aborted) return;
    }
    await new Promise(done => setTimeout(done, wait));
  }
}
