// eyes - closes the eyes of pictures; assets/eyes.txt says where they are.
// SPDX-License-Identifier: MIT
'use strict';
const fs = require('fs');
const path = require('path');

const DOZING = '-dozing';
const MARGIN = 1; // of a lid round its eye, so that no edge of it is left

function eye(text, lid) {
  const [x, y, w, h, own] = text.split(',').map((v, i) => (i < 4 ? Number(v) : v));
  if (!(w > 0 && h > 0)) throw new Error(`eyes.txt: not an eye: ${text}`);
  return { x, y, w, h, lid: own || lid };
}

function parse(line) {
  const [, names, lid, rest] = /^([\w -]+): (#[0-9a-f]{6}) (.*)$/.exec(line) ||
    (() => { throw new Error(`eyes.txt: not a row: ${line}`); })();
  const eyes = rest.split(' ').map((t) => eye(t, lid));
  return names.split(' ').map((name) => [name, eyes]);
}

// The lashes: dark, or light on a dark lid.
function lashes(lid) {
  const [r, g, b] = [1, 3, 5].map((i) => parseInt(lid.slice(i, i + 2), 16));
  return 0.3 * r + 0.59 * g + 0.11 * b < 110 ? '#e8e4dc' : '#3a2f2c';
}

function closed({ x, y, w, h, lid }) {
  const wide = Math.max(1.4, 0.34 * Math.min(w, 7));
  return `<ellipse cx="${x}" cy="${y}" rx="${w + MARGIN}" ry="${h + MARGIN}" fill="${lid}"/>` +
    `<path d="M${x - w} ${y}q${w} ${1.3 * Math.min(w, h)} ${2 * w} 0" fill="none" stroke="${lashes(lid)}" ` +
    `stroke-width="${wide.toFixed(2)}" stroke-linecap="round"/>`;
}

// Picture -> what is drawn over it when it sleeps.
function lids(assets) {
  const rows = fs.readFileSync(path.join(assets, 'eyes.txt'), 'utf8').split('\n')
    .filter((l) => l && !l.startsWith('#')).flatMap(parse);
  return new Map(rows.map(([name, eyes]) => [name, eyes.map(closed).join('')]));
}

module.exports = { lids, DOZING };
