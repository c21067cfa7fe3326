// The basket: read-only where a POS shows it, else put together here.

import {Button, Icon, html, useEffect, useRef, useState} from '/web/shared/view.js';
import {money, plainMoney, readMoney, say} from '/web/shared/words.js';
import {emptyBasket, total, withChange, withLine, without} from './basket.js';

const quantityForm = /^(0|[1-9]\d{0,5})([.,]\d{1,3})?$/;

function Line({line, flow, currency, focus}) {
  const field = useRef(null);
  useEffect(() => { if (focus) { field.current.focus(); field.current.select(); } }, [focus]);
  const name = line.name || line.sku;
  const change = part => flow.changeBasket(withChange(flow.state.basket, line.id, part));
  const setAmount = event => {
    const minor = readMoney(event.target.value, currency);
    event.target.value = minor === null ? '' : plainMoney(minor, currency);
    change({amount: minor});
  };
  const setQuantity = event => {
    const text = event.target.value.trim().replace(',', '.');
    if (quantityForm.test(text) && Number(text) > 0) change({quantity: text});
    else event.target.value = line.quantity;
  };
  return html`<li class=${line.amount === null ? 'line unpriced' : 'line'}>
    <span class="name">${name}${line.sku && line.sku !== name && html` <small>${line.sku}</small>`}</span>
    <input class="quantity" inputmode="decimal" aria-label=${say('basket.quantity_of', {name})} value=${line.quantity} onChange=${setQuantity} />
    <input class="sum" inputmode="decimal" ref=${field} aria-label=${say('basket.amount_of', {name})} value=${line.amount === null ? '' : plainMoney(line.amount, currency)} placeholder=${plainMoney(0, currency)}
      onChange=${setAmount} onKeyDown=${event => event.key === 'Enter' && event.target.blur()} />
    <button type="button" class="round" aria-label=${say('basket.remove', {name})} onClick=${() => flow.changeBasket(without(flow.state.basket, line.id))}><${Icon} of="bad" /></button></li>`;
}

function Add({flow, currency}) {
  const item = useRef(null), amount = useRef(null);
  const [wrong, setWrong] = useState(false);
  const add = event => {
    event.preventDefault();
    const minor = readMoney(amount.current.value, currency);
    const name = item.current.value.trim();
    setWrong(!name || minor === null);
    if (!name) return item.current.focus();
    if (minor === null) return amount.current.focus();
    // What looks like a product number is one: name, brand and family are then the catalogue's.
    const sku = /^[A-Z0-9][A-Z0-9-]{1,9}$/.test(name) ? name : undefined;
    flow.changeBasket(withLine(flow.state.basket, {sku, name: sku ? undefined : name, amount: minor}));
    if (sku) flow.nameLine(sku);
    item.current.value = amount.current.value = '';
    item.current.focus();
  };
  return html`<form class="add" onSubmit=${add} aria-label=${say('basket.add')}>
    <div><label for="item">${say('basket.item')}</label><input id="item" ref=${item} autocomplete="off" maxlength="64" /></div>
    <div><label for="item-amount">${say('basket.amount')}</label><input id="item-amount" class="sum" ref=${amount} inputmode="decimal" autocomplete="off" placeholder=${plainMoney(0, currency)} aria-invalid=${wrong} /></div>
    <button class="button" type="submit">${say('basket.add')}</button>
    ${wrong && html`<p class="bad" role="alert">${say('basket.no_amount')}</p>`}</form>`;
}

export function Basket({flow, state}) {
  const {basket} = state;
  const {currency} = flow;
  const pos = basket.source === 'pos';
  const locked = state.step === 'paying';
  return html`<section class="basket" aria-labelledby="basket-title" inert=${locked}>
    <header><h2 id="basket-title">${say('basket.title')}</h2>
      ${pos ? html`<span class="tag">${say('basket.pos')}${basket.ticket ? ` · ${basket.ticket}` : ''}</span>`
        : basket.lines.length > 0 && html`<${Button} kind="quiet" keys="F4" does=${() => flow.changeBasket(emptyBasket())}>${say('basket.empty_it')}<//>`}</header>
    ${basket.lines.length === 0 ? html`<p class="none">${say(state.noPos ? 'basket.none' : 'basket.none_pos')}</p>`
      : html`<ul class="lines" tabindex="0" aria-labelledby="basket-title">${basket.lines.map((line, index) => pos
        ? html`<li class="line" key=${line.id}><span class="name">${line.name}</span><span class="quantity">${line.quantity} ×</span><span class="sum">${money(line.amount, currency)}</span></li>`
        : html`<${Line} key=${line.id} line=${line} flow=${flow} currency=${currency} focus=${line.amount === null && index === basket.lines.length - 1} />`)}</ul>`}
    ${!pos && html`<${Add} flow=${flow} currency=${currency} />`}
    <p class="total"><span>${say('basket.total')}</span><strong>${money(total(basket), currency)}</strong></p></section>`;
}
