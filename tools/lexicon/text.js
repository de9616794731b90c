// text.js - words as the program itself will cut and join them (src/storyboard/token.c), and the
// word lists of assets/. SPDX-License-Identifier: MIT
'use strict';
const fs = require('fs');

// Scripts that are read character by character.
const GLUED = /[\u0e00-\u0e7f\u3005\u3007\u3040-\u30ff\u3400-\u9fff\uac00-\ud7a3\uf900-\ufaff]/u;
const CONTRACTED = /'(t|re|ll|ve|d|m)(?= |$)/g;

// The key of a word and its tokens: lower case, one blank between words, none inside scripts
// that write none.
function keyOf(word) {
  const plain = word.normalize('NFC').toLowerCase().replace(/[’‘ʼ]/g, "'").replace(/[_\-()!?.,:"“”]/g, ' ')
    .replace(/[\ufe0f\u{1f3fb}-\u{1f3ff}]/gu, '').replace(CONTRACTED, '$1')
    .replace(/'s(?= |$)/g, " \u0001s").replace(/'/g, ' ').replace(/\u0001/g, "'")
    .replace(/\s+/g, ' ').trim();
  const tokens = [];
  for (const part of plain.split(' '))
    for (const piece of part.match(new RegExp(`${GLUED.source}|(?:(?!${GLUED.source}).)+`, 'gu')) || [])
      tokens.push(piece);
  return { key: plain, tokens };
}

// [section value] and "name: a, b, c" lines; comments begin with #.
function readSections(file) {
  const rows = [];
  let head = ['', ''];
  fs.readFileSync(file, 'utf8').split('\n').forEach((line, i) => {
    const section = line.match(/^\[([a-z-]+)(?: ([a-z0-9-]+))?\]$/);
    if (!line.trim() || (line.startsWith('#') && !section)) return;
    if (section) {
      head = [section[1], section[2] || ''];
      return;
    }
    const row = line.match(/^(\S.*?)\s*(:|=.*?:)\s+(.*)$/);
    if (!row) throw new Error(`${file}:${i + 1}: not "name: words"`);
    rows.push({ section: head[0], value: head[1], where: `${file}:${i + 1}`,
                name: row[1] + (row[2] === ':' ? '' : ' ' + row[2].slice(0, -1).trim()),
                words: row[3].split(',').map((w) => w.trim()).filter(Boolean) });
  });
  return rows;
}

// The enumerations of a C header: name -> { VALUE: number }.
function readEnums(file) {
  const enums = {};
  const text = fs.readFileSync(file, 'utf8').replace(/\/\*[\s\S]*?\*\//g, '');
  for (const [, name, body] of text.matchAll(/enum (\w+)\s*\{([^}]*)\}/g)) {
    let next = 0;
    enums[name] = {};
    for (const item of body.split(',').map((s) => s.trim()).filter(Boolean)) {
      const [key, value] = item.split('=').map((s) => s.trim());
      if (value !== undefined) next = Number(value);
      enums[name][key] = next++;
    }
  }
  return enums;
}

module.exports = { keyOf, readSections, readEnums };
