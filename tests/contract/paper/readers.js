// What others make of our bytes: `tokens FOLDER` by npos, `sequences` and `star_sequences` as receipt-printer-encoder words
// the same things.
'use strict';
const fs = require('fs');
const path = require('path');

// The rules of npos 0.1.19 know GS ( A … N but not GS ( k, which has the same form.
function rules() {
  const all = require('npos/lib/parser/rules');
  all[0x1d]['(k'] = [0, 'd16'];
  return all;
}

async function tokens(folder) {
  const npos = require('npos');
  const raster = require('npos/lib/codecs').raster;
  const out = {};
  for (const print of JSON.parse(fs.readFileSync(path.join(folder, 'list.json'))).prints) {
    if (print.star) continue;  // npos reads ESC/POS alone
    const bytes = fs.readFileSync(path.join(folder, print.file));
    const { tree, entries, error } = await npos.parser(rules()).parse(bytes);
    const pictures = [];
    for (const entry of entries.filter((each) => each.type === 'raster')) {
      const { width, height } = entry.data;
      const dots = Buffer.alloc(width * height);
      for (let y = 0; y < height; y++) for (let x = 0; x < width; x++) dots[y * width + x] = entry.data.getPixel(x, y) ? 255 : 0;
      const file = print.file.replace('.bin', `_npos${pictures.length}.pgm`);
      fs.writeFileSync(path.join(folder, file), Buffer.concat([Buffer.from(`P5 ${width} ${height} 255\n`), dots]));
      pictures.push(file);
    }
    const nodes = tree.map((node) => [`${node.ascii} ${node.fn || ''}`.trim(), bytes.toString('hex', node.offset, node.offset + node.length)]);
    out[print.file] = { nodes, pictures, error: error ? String(error) : null, end: tree.length ? tree.at(-1).offset + tree.at(-1).length : 0 };
  }
  return out;
}

function picture(rows) {
  const data = new Uint8ClampedArray(16 * rows * 4).fill(255);
  for (let i = 0; i < 8; i++) data.set([0, 0, 0, 255], (i * 16 + i) * 4);
  data.set([0, 0, 0, 255], 15 * 4);
  return { width: 16, height: rows, data };
}

function star_sequences() {
  const loaded = require('@point-of-sale/receipt-printer-encoder');
  const Encoder = loaded.default || loaded;
  const words = (make) => Buffer.from(make(new Encoder({ language: 'star-line', columns: 48, codepageMapping: 'star' })).encode()).toString('hex');
  return {
    bold: words((e) => e.bold(true).line('abc').bold(false).line('d')),
    large: words((e) => e.size(2, 2).line('abc').size(1, 1).line('d')),
    greek: words((e) => e.codepage('cp737').line('Καφές')),
    qr: words((e) => e.align('center').qrcode('OBOL1:ABC', { model: 2, size: 6, errorlevel: 'm' })),
    code128: words((e) => e.align('center').barcode('4F7K', 'code128', { height: 80, width: 2, text: false })),
    ean13: words((e) => e.align('center').barcode('5201234567894', 'ean13', { height: 80, width: 2, text: false })),
    drawer: words((e) => e.pulse(1, 50, 500)),
    columns: words((e) => e.image(picture(24), 16, 24, 'threshold')),
    cut: words((e) => e.cut('partial')),
  };
}

function sequences() {
  const loaded = require('@point-of-sale/receipt-printer-encoder');
  const Encoder = loaded.default || loaded;
  const words = (make, options = {}) => Buffer.from(make(
    new Encoder({ language: 'esc-pos', columns: 48, codepageMapping: 'epson', ...options })).encode()).toString('hex');
  return {
    bold: words((e) => e.bold(true).line('abc').bold(false).line('d')),
    large: words((e) => e.size(2, 2).line('abc').size(1, 1).line('d')),
    greek: words((e) => e.codepage('cp737').line('Καφές')),
    qr: words((e) => e.qrcode('OBOL1:ABC', { model: 2, size: 6, errorlevel: 'm' })),
    code128: words((e) => e.barcode('{B4F7K', 'code128', { height: 80, width: 2, text: false })),
    drawer: words((e) => e.pulse(1, 50, 500)),
    raster: words((e) => e.image(picture(8), 16, 8, 'threshold'), { imageMode: 'raster' }),
    columns: words((e) => e.image(picture(24), 16, 24, 'threshold'), { imageMode: 'column' }),
  };
}

(async () => {
  const [what, folder] = process.argv.slice(2);
  fs.writeSync(1, JSON.stringify(what === 'tokens' ? await tokens(folder) : what === 'sequences' ? sequences() : star_sequences()) + '\n');
  process.exit(0);
})();
