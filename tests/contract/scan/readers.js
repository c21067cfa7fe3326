// What others make of a scan: a JSON list of texts on standard input; `elements` by gs1-barcode-parser-mod, `symbologies` by barcode-parser.
'use strict';
const fs = require('fs');

function elements(text) {
  const { parseBarcode } = require('gs1-barcode-parser-mod');
  try {
    const found = parseBarcode(text);
    return found.parsedCodeItems.map((item) => [item.ai, item.raw.replace(/\u001d+$/, '')]);
  } catch (fault) {
    return String(fault.message || fault);
  }
}

function symbology(text) {
  const { Aim } = require('@point-of-sale/barcode-parser');
  const found = Aim.decode(text.slice(0, 3), text.slice(3));
  return { symbology: found.symbology, gs1: found.fnc1 === 1 };
}

const all = JSON.parse(fs.readFileSync(0, 'utf8'));
fs.writeSync(1, JSON.stringify(all.map(process.argv[2] === 'elements' ? elements : symbology)) + '\n');
