// wordnet.js - Debian's WordNet as far as nouns need it: what a word may mean, how often, and what
// stands above each meaning. SPDX-License-Identifier: MIT
'use strict';
const fs = require('fs');
const path = require('path');

// Files of animals and plants, whose Latin names nobody writes in a prompt.
const LIVING = new Set([5, 20]);

function lines(folder, file) {
  return fs.readFileSync(path.join(folder, file), 'latin1').split('\n')
    .filter((l) => l && l[0] !== ' ');
}

// One line of data.noun: offset, lexicographer's file, words, pointers | gloss.
function readSynset(line) {
  const bar = line.indexOf(' | ');
  const f = line.slice(0, bar).split(' ');
  const nWords = parseInt(f[3], 16);
  const words = [], latin = new Set(), file = parseInt(f[1], 10);
  for (let i = 0; i < nWords; i++) {
    const word = f[4 + 2 * i];
    words.push(word.toLowerCase());
    if (LIVING.has(file) && /^([A-Z][a-z]+_[a-z]+|genus_|family_|order_|[A-Z][a-z]+(idae|aceae|inae|ales))/.test(word))
      latin.add(word.toLowerCase());
  }
  let at = 4 + 2 * nWords;
  const nPointers = parseInt(f[at++], 10);
  const above = [];
  let instance = false;
  for (let i = 0; i < nPointers; i++, at += 4) {
    if (f[at] === '@') above.push(f[at + 1]);
    instance = instance || f[at] === '@i';
  }
  return { id: f[0], file, words, latin, above, instance, gloss: line.slice(bar + 3) };
}

function readExceptions(folder, file) {
  return lines(folder, file).map((l) => l.split(' ').slice(0, 2).map((w) => w.replace(/_/g, ' ')))
    .filter(([form, lemma]) => form && lemma);
}

// Of "lemma%1:05:00:: sense count": how often the sense was met in text.
function readCounts(folder) {
  const counts = new Map();
  for (const line of lines(folder, 'cntlist.rev')) {
    const [key, sense, count] = line.split(' ');
    const [lemma, rest] = key.split('%');
    if (rest && rest[0] === '1') counts.set(`${lemma}#${sense}`, parseInt(count, 10));
  }
  return counts;
}

function load(folder) {
  const synsets = new Map();
  for (const line of lines(folder, 'data.noun')) {
    const s = readSynset(line);
    synsets.set(s.id, s);
  }
  const nouns = new Map();
  for (const line of lines(folder, 'index.noun')) {
    const f = line.trim().split(' ');
    nouns.set(f[0], f.slice(-parseInt(f[2], 10)).map((id) => synsets.get(id)));
  }
  const verbs = new Set(lines(folder, 'index.verb').map((l) => l.split(' ')[0].replace(/_/g, ' ')));
  const others = new Set(['verb', 'adj', 'adv'].flatMap((f) => lines(folder, `index.${f}`)
    .map((l) => l.split(' ')[0].replace(/_/g, ' '))));
  return { synsets, others, nouns, verbs, counts: readCounts(folder),
           plurals: readExceptions(folder, 'noun.exc'), pasts: readExceptions(folder, 'verb.exc') };
}

module.exports = { load };
