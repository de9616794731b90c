// flight - birds on the wing, from pictures of them on their feet; assets/flight.txt says how.
// SPDX-License-Identifier: MIT
'use strict';
const fs = require('fs');
const path = require('path');

const FLYING = '-flying', WING = '-wing';

function parse(line) {
  const [, name, rest] = /^([\w-]+): (.*)$/.exec(line) ||
    (() => { throw new Error(`flight.txt: not a bird: ${line}`); })();
  const values = Object.fromEntries(rest.split(/ +/).map((v) => v.split('=')));
  for (const key of ['coat', 'covert', 'out'])
    if (!values[key]) throw new Error(`flight.txt: ${name} says nothing of its ${key}`);
  return { name, ...values };
}

function trailing(legs) {
  const [x, y, colour] = legs.split(',');
  return `<path d="M${x} ${y}l40 14m-42-10l38 20" fill="none" stroke="${colour}" stroke-width="4" ` +
    'stroke-linecap="round"/>';
}

// A beginning that ends in + is that of an outline which goes on with what stays.
function trim(body, beginnings, name, leave) {
  const whole = beginnings.filter((at) => !at.endsWith('+'));
  for (const at of beginnings.filter((b) => b.endsWith('+'))) {
    const rest = body.replace(new RegExp(`d="${at.slice(0, -1).replace('.', '[.]')}[^M"]*M`), 'd="M');
    if (rest === body) throw new Error(`${name} has no outline at ${at}`);
    body = rest;
  }
  return leave(body, whole, name);
}

// Picture -> how its body flies, without the outlines that leave(body, beginnings, name) takes out.
function flyers(assets, leave) {
  const read = (file) => fs.readFileSync(path.join(assets, file), 'utf8');
  const wing = read('bodies/wing.svg').trim();
  const rows = read('flight.txt').split('\n').filter((l) => l && !l.startsWith('#')).map(parse);
  const bird = (row) => (body) => (row.legs ? trailing(row.legs) : '') +
    `<g transform="rotate(${row.turn || 0} 64 64)">${trim(body, row.out.split(','), row.name, leave)}</g>`;
  return new Map(rows.flatMap((row) => [
    [row.name + FLYING, bird(row)],
    [row.name + WING, () => wing.replace(/\{([a-z]+)\}/g, (_, key) => row[key])],
  ]));
}

module.exports = { flyers };
