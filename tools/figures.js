// figures - bodies for the pictures that show only a head or a bust; assets/figures.txt says which.
// SPDX-License-Identifier: MIT
'use strict';
const fs = require('fs');
const path = require('path');

// What a key is when its row does not say: another key, and how bright against that.
const DEFAULTS = {
  shade: ['coat', 0.86], far: ['limb', 0.78], limb: ['coat', 1], belly: ['coat', 1], foot: ['limb', 1],
  thigh: ['limb', 0.93], sleeve: ['top', 0.84], neck: ['skin', 0.86], pocket: ['legs', 0.84],
};
const PARTS = ['tail', 'lower', 'arms', 'front'];
const ASLEEP = '-asleep';
const FIXED = { skin: '#ffca28', buckle: '#fdd835', lower: 'trousers', arms: 'both', tail: 'none', front: 'none', band: '' };

function scaled(colour, k) {
  const parts = [1, 3, 5].map((i) => Math.min(255, Math.round(parseInt(colour.slice(i, i + 2), 16) * k)));
  return '#' + parts.map((v) => v.toString(16).padStart(2, '0')).join('');
}

function value(row, key) {
  if (row.values[key] !== undefined) return row.values[key];
  if (FIXED[key] !== undefined) return FIXED[key];
  if (!DEFAULTS[key]) throw new Error(`figures.txt: ${row.name} says nothing of its ${key}`);
  const [other, k] = DEFAULTS[key];
  return scaled(value(row, other), k);
}

function parse(line) {
  const [, name, body, place, rest] = /^([\w-]+): ([\w-]+) ([-\d.,]+)(.*)$/.exec(line) ||
    (() => { throw new Error(`figures.txt: not a figure: ${line}`); })();
  const [x, y, scale] = place.split(',').map(Number);
  const values = Object.fromEntries(rest.trim().split(/ +/).filter(Boolean).map((v) => v.split('=')));
  return { name, body, x, y, scale, values };
}

// The body of a figure with all its parts; head is what stands within the picture's svg element.
function draw(row, head, folder) {
  const part = (file) => fs.readFileSync(path.join(folder, `${file}.svg`), 'utf8').trim();
  const fill = (svg) => svg.replace(/\{([a-z]+)\}/g, (_, key) => {
    if (key === 'head') return `<g transform="translate(${row.x} ${row.y}) scale(${row.scale})">${head}</g>`;
    const v = value(row, key);
    if (!PARTS.includes(key)) return v;
    return v === 'none' ? '' : fill(part(`${key}-${v}${row.pose || ''}`));
  });
  return fill(part(row.body + (row.pose || '')));
}

// Picture -> a function from the head to the whole figure. The man and the woman of a trade are
// dressed as the person; NAME-asleep lies, where there is a body for it.
function figures(assets) {
  const rows = fs.readFileSync(path.join(assets, 'figures.txt'), 'utf8').split('\n')
    .filter((l) => l && !l.startsWith('#')).map(parse);
  const all = rows.flatMap((row) => ['', 'man-', 'woman-'].map((who) => [who + row.name, row]));
  for (const row of rows)
    if (fs.existsSync(path.join(assets, 'bodies', `${row.body}${ASLEEP}.svg`)))
      all.push([row.name + ASLEEP, { ...row, pose: ASLEEP }]);
  return new Map(all.map(([name, row]) => [name, (head) => draw(row, head, path.join(assets, 'bodies'))]));
}

module.exports = { figures, ASLEEP };
