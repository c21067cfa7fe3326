// The basket of the page: what a POS shows, or what was put together here where there is no POS.

const KEPT = 'obol.basket';

export const emptyBasket = () => ({source: 'own', ticket: '', lines: []});

export function keptBasket() {
  try {
    return JSON.parse(sessionStorage.getItem(KEPT)) ?? emptyBasket();
  } catch {
    return emptyBasket();
  }
}
export const keepBasket = basket => sessionStorage.setItem(KEPT, JSON.stringify(basket));

export const total = basket => basket.lines.reduce((sum, line) => sum + (line.amount ?? 0), 0);
export const unpriced = basket => basket.lines.find(line => line.amount === null);
export const isReady = basket => basket.lines.length > 0 && !unpriced(basket);

const nextId = lines => String(1 + Math.max(0, ...lines.map(line => Number(line.id) || 0)));

// A ticket of our own lets the agent notice that the same basket is paid twice, from another tab, say.
const own = basket => (basket.ticket ? basket : {...basket, ticket: `P-${crypto.randomUUID().slice(0, 13)}`});

export function withLine(basket, {sku, name, quantity = '1', amount = null}) {
  const line = {id: nextId(basket.lines), sku, name, quantity, amount};
  return own({...basket, lines: [...basket.lines, line]});
}
export const withChange = (basket, id, change) =>
  own({...basket, lines: basket.lines.map(line => (line.id === id ? {...line, ...change} : line))});
export function without(basket, id) {
  const lines = basket.lines.filter(line => line.id !== id);
  return lines.length ? {...basket, lines} : emptyBasket();
}

// One more of the same: the amount grows with the quantity.
export function oneMore(basket, line) {
  const quantity = Number(line.quantity);
  if (!Number.isInteger(quantity) || quantity < 1) return basket;
  const amount = line.amount === null ? null : Math.round(line.amount / quantity * (quantity + 1));
  return withChange(basket, line.id, {quantity: String(quantity + 1), amount});
}

export function fromPos(shown) {
  return {source: 'pos', ticket: shown.basket.ticket ?? '', currency: shown.basket.currency, at: shown.at,
          lines: shown.basket.lines.map(line => ({...line, name: line.name ?? line.sku ?? line.id})), whole: shown.basket};
}

// As the API takes it.
export function asked(basket, currency) {
  if (basket.whole) return basket.whole;
  const lines = basket.lines.map(({id, sku, name, quantity, amount}) => {
    // What has no product number goes by its name.
    const line = {id, sku: sku ?? name.slice(0, 64), quantity, amount};
    if (name) line.name = name;
    return line;
  });
  return {currency, ...(basket.ticket ? {ticket: basket.ticket} : {}), lines};
}
