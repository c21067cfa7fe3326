// The peers of the rules benchmark: each says of every lot whether its conditions hold for a basket, and
// finds all lines that match, since which lines a lot may pay is what a spender needs next (json-rules-engine
// has no way to; it is spared that). Rules are compiled once; what is measured is asking them. The case is
// the one that rules_bench reads.
//
//   node peers.js verdicts PEER CASE          one line a basket: 1 for each lot whose conditions hold
//   node peers.js time PEER CASE MS           processor microseconds for a pass over all baskets
import {readFileSync} from 'node:fs'

const kinds = [['brand', 'brands'], ['family', 'families'], ['sku', 'skus'], ['type', 'types']]
const restricted = (pool) => kinds.filter(([, many]) => pool[many].length > 0)
const placed = (pool) => pool.venues.length > 0 || pool.businesses.length > 0

// A plain loop with words as numbers and a full list of matching lines, as the C++ one.
async function plain(given) {
  const numbers = new Map()
  const number = (word) => numbers.get(word) ?? (numbers.set(word, numbers.size), numbers.size - 1)
  const all = (words) => words.map(number)
  const venue = number(given.venue), business = number(given.business)
  const lots = given.lots.map((lot) => {
    const pool = given.pools[lot.pool]
    return {from: lot.from ?? -Infinity, until: lot.until ?? Infinity, time: pool.time, venues: all(pool.venues), businesses: all(pool.businesses),
      brands: all(pool.brands), families: all(pool.families), skus: all(pool.skus), types: all(pool.types)}
  })
  const baskets = given.baskets.map((lines) => lines.map((line) => ({brand: number(line.brand), family: number(line.family), sku: number(line.sku),
    type: number(line.type), amount: line.amount})))
  const open = (lot) => {
    if (lot.time.length === 0) return true
    for (const w of lot.time) {
      if ((w.days.length === 0 || w.days.includes(given.weekday)) && (w.months.length === 0 || w.months.includes(given.month)) &&
        w.from <= given.minute && given.minute < w.to) return true
    }
    return false
  }
  const judge = (lot, lines) => {
    const any = lot.brands.length === 0 && lot.families.length === 0 && lot.skus.length === 0 && lot.types.length === 0
    const matching = []
    for (let l = 0; l < lines.length; ++l) {
      const line = lines[l]
      if (line.amount <= 0) continue
      if (any || lot.brands.includes(line.brand) || lot.families.includes(line.family) || lot.skus.includes(line.sku) || lot.types.includes(line.type)) {
        matching.push(l)
      }
    }
    return given.now >= lot.from && given.now < lot.until && ((lot.venues.length === 0 && lot.businesses.length === 0) || lot.venues.includes(venue) ||
      lot.businesses.includes(business)) && open(lot) && (any || matching.length > 0)
  }
  return (n) => lots.map((lot) => judge(lot, baskets[n]))
}

async function jsonLogic(given) {
  const {default: logic} = await import('json-logic-js')
  const is = (name, words) => ({in: [{var: name}, words]})
  const rules = given.lots.map((lot) => {
    const pool = given.pools[lot.pool]
    const all = []
    if (lot.from !== null) all.push({'>=': [{var: 'now'}, lot.from]})
    if (lot.until !== null) all.push({'<': [{var: 'now'}, lot.until]})
    if (placed(pool)) all.push({or: [is('venue', pool.venues), is('business', pool.businesses)]})
    if (pool.time.length > 0) {
      all.push({or: pool.time.map((w) => ({and: [...(w.days.length ? [is('weekday', w.days)] : []), ...(w.months.length ? [is('month', w.months)] : []),
        {'<=': [w.from, {var: 'minute'}]}, {'<': [{var: 'minute'}, w.to]}]}))})
    }
    if (restricted(pool).length > 0) {
      all.push({filter: [{var: 'lines'}, {and: [{'>': [{var: 'amount'}, 0]}, {or: restricted(pool).map(([one, many]) => is(one, pool[many]))}]}]})
    }
    return {and: all.length ? all : [true]}
  })
  const data = given.baskets.map((lines) => ({...given, lines}))
  return (n) => rules.map((rule) => logic.truthy(logic.apply(rule, data[n])))
}

async function jsonRulesEngine(given) {
  const {Engine} = await import('json-rules-engine')
  const engine = new Engine([], {allowUndefinedFacts: true})
  const fact = (name, operator, value) => ({fact: name, operator, value})
  given.lots.forEach((lot, n) => {
    const pool = given.pools[lot.pool]
    const all = []
    if (lot.from !== null) all.push(fact('now', 'greaterThanInclusive', lot.from))
    if (lot.until !== null) all.push(fact('now', 'lessThan', lot.until))
    if (placed(pool)) all.push({any: [fact('venue', 'in', pool.venues), fact('business', 'in', pool.businesses)]})
    if (pool.time.length > 0) {
      all.push({any: pool.time.map((w) => ({all: [...(w.days.length ? [fact('weekday', 'in', w.days)] : []),
        ...(w.months.length ? [fact('month', 'in', w.months)] : []), fact('minute', 'greaterThanInclusive', w.from), fact('minute', 'lessThan', w.to)]}))})
    }
    if (restricted(pool).length > 0) {
      // The words of the positive lines are facts, so that the engine asks once a word and not once a word and line.
      all.push({any: restricted(pool).flatMap(([, many]) => pool[many].map((word) => fact(many, 'contains', word)))})
    }
    if (all.length === 0) all.push(fact('now', 'greaterThan', 0))
    engine.addRule({conditions: {all}, event: {type: 'holds', params: {n}}})
  })
  const facts = given.baskets.map((lines) => {
    const words = (one) => [...new Set(lines.filter((line) => line.amount > 0).map((line) => line[one]))]
    return {now: given.now, venue: given.venue, business: given.business, weekday: given.weekday, month: given.month, minute: given.minute,
      ...Object.fromEntries(kinds.map(([one, many]) => [many, words(one)]))}
  })
  return async (n) => {
    const {events} = await engine.run(facts[n])
    const holds = given.lots.map(() => false)
    for (const event of events) holds[event.params.n] = true
    return holds
  }
}

async function cel(given) {
  const {parse} = await import('@marcbachmann/cel-js')
  const list = (words) => JSON.stringify(words)
  const rules = given.lots.map((lot) => {
    const pool = given.pools[lot.pool]
    const all = []
    if (lot.from !== null) all.push(`now >= ${lot.from}`)
    if (lot.until !== null) all.push(`now < ${lot.until}`)
    if (placed(pool)) all.push(`(venue in ${list(pool.venues)} || business in ${list(pool.businesses)})`)
    if (pool.time.length > 0) {
      const windows = pool.time.map((w) => [...(w.days.length ? [`weekday in ${list(w.days)}`] : []), ...(w.months.length ? [`month in ${list(w.months)}`] : []),
        `${w.from} <= minute`, `minute < ${w.to}`].join(' && '))
      all.push(`(${windows.map((w) => `(${w})`).join(' || ')})`)
    }
    if (restricted(pool).length > 0) {
      all.push(`lines.filter(l, l.amount > 0 && (${restricted(pool).map(([one, many]) => `l.${one} in ${list(pool[many])}`).join(' || ')})).size() > 0`)
    }
    return parse(all.join(' && ') || 'true')
  })
  const whole = (value) => BigInt(value)
  const data = given.baskets.map((lines) => ({now: whole(given.now), venue: given.venue, business: given.business, weekday: whole(given.weekday),
    month: whole(given.month), minute: whole(given.minute), lines: lines.map((line) => ({...line, amount: whole(line.amount)}))}))
  return (n) => rules.map((rule) => rule(data[n]))
}

const peers = {plain, 'json-logic-js': jsonLogic, 'json-rules-engine': jsonRulesEngine, '@marcbachmann/cel-js': cel}

const [mode, name, path, length] = process.argv.slice(2)
const given = JSON.parse(readFileSync(path, 'utf8'))
const judge = await peers[name](given)
let kept = 0
async function pass() {
  for (let n = 0; n < given.baskets.length; ++n) {
    const got = judge(n)
    kept += (got instanceof Promise ? await got : got).length
  }
}

if (mode === 'verdicts') {
  for (let n = 0; n < given.baskets.length; ++n) console.log((await judge(n)).map((holds) => (holds ? '1' : '0')).join(''))
} else {
  const spent = () => process.cpuUsage().user + process.cpuUsage().system
  const run = async (ms) => {
    const begin = spent()
    let passes = 0, now = begin
    for (let batch = 1; now - begin < ms * 1000; batch = Math.min(batch * 2, 256)) {
      for (let i = 0; i < batch; ++i) await pass()
      passes += batch
      now = spent()
    }
    return (now - begin) / passes
  }
  await run(Number(length) / 2)  // the compiler of node warms up
  console.log(await run(Number(length)))
}
