// A scanner that is a keyboard: a burst of keys that no hand types is a scan, wherever the focus is. Keys are read by
// their place (KeyboardEvent.code) as a US layout, which scanners send, so a Greek layout does no harm.

const BURST_MS = 60;       // between two keys of one scan; no hand types three in a row like that
const ENDS_MS = 120;       // after the last one, where no Enter follows
const LEAST = 3;           // characters of a scan that ends with Enter
const LEAST_WITHOUT = 8;   // of one that ends with nothing

const marks = {
  Minus: '-_', Equal: '=+', BracketLeft: '[{', BracketRight: ']}', Backslash: '\\|', Semicolon: ';:', Quote: '\'"',
  Backquote: '`~', Comma: ',<', Period: '.>', Slash: '/?', Space: '  ',
  NumpadDivide: '//', NumpadMultiply: '**', NumpadSubtract: '--', NumpadAdd: '++', NumpadDecimal: '..',
};
const overDigits = ')!@#$%^&*(';

export function characterOf(event) {
  const {code, shiftKey} = event;
  if (/^Key[A-Z]$/.test(code)) return shiftKey ? code[3] : code[3].toLowerCase();
  if (/^Digit\d$/.test(code)) return shiftKey ? overDigits[code[5]] : code[5];
  if (/^Numpad\d$/.test(code)) return code[6];
  return marks[code]?.[shiftKey ? 1 : 0];
}

const isField = element => element instanceof HTMLInputElement || element instanceof HTMLTextAreaElement;

// scanned(text): a scan. typed(character): one key that somebody pressed outside any field.
export function watchKeys(scanned, typed) {
  let burst = '', last = 0, before = null, timer = 0;

  function end(isScan) {
    clearTimeout(timer);
    const text = burst, start = before;
    burst = '';
    before = null;
    if (isScan) {
      // What the scan typed into a field is taken out again.
      if (start) {
        start.field.value = start.value;
        start.field.dispatchEvent(new Event('input', {bubbles: true}));
      }
      scanned(text);
    } else if (!start) {
      for (const character of text) typed(character);
    }
  }

  document.addEventListener('keydown', event => {
    if (event.key === 'Shift' || event.key === 'CapsLock') return;
    const quick = event.timeStamp - last < BURST_MS;
    if (event.key === 'Enter' || event.key === 'Tab') {
      if (burst.length >= LEAST && quick) {
        event.preventDefault();
        event.stopImmediatePropagation();
        end(true);
      } else {
        end(false);
        // A key held down confirms once.
        if (event.repeat) event.preventDefault();
      }
      return;
    }
    const character = event.ctrlKey || event.altKey || event.metaKey ? undefined : characterOf(event);
    if (character === undefined) return end(false);
    if (event.repeat) return;
    if (!quick) end(false);
    last = event.timeStamp;
    if (!burst && isField(event.target)) before = {field: event.target, value: event.target.value};
    burst += character;
    // A space of a scan presses no button.
    if (!before && burst.length > 1) event.preventDefault();
    clearTimeout(timer);
    timer = setTimeout(() => end(burst.length >= LEAST_WITHOUT), ENDS_MS);
  }, true);
}
