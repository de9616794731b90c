// emoji.js - names and keywords of the pictures in the languages of emojibase-data, and the English
// keywords of emojilib. SPDX-License-Identifier: MIT
'use strict';
const fs = require('fs');
const path = require('path');

const MODULES = path.resolve(__dirname, '..', '..', 'node_modules');
const SAME = { 'en-gb': 'en', 'es-mx': 'es', 'zh-hant': 'zh' };
// A keyword counts when few pictures have it: "animal" or "happy" name nothing to be drawn.
const MOST_USERS = 8, MOST_USERS_EN = 2;
const KEYWORD = 60, TAG = 120;

function bare(char) {
  return char.replace(/\ufe0f/g, '');
}

function readLanguage(folder) {
  return JSON.parse(fs.readFileSync(path.join(MODULES, 'emojibase-data', folder, 'compact.json'), 'utf8'));
}

// Of pictures that share a keyword the whole figure goes before the face, the plain before the
// special.
function order(name) {
  return (/(^|-)face(-|$)|oncoming|woman-|man-|with-/.test(name) ? 100 : 0) + name.length;
}

function* tagged(users, language, prior) {
  for (const [word, names] of users) {
    const best = [...new Set(names)].sort((a, b) => order(a) - order(b));
    if (best.length <= (language === 'en' ? MOST_USERS_EN : MOST_USERS)) yield { word, picture: best[0], language, prior: prior - 5 * best.length };
  }
}

function collect(users, words, name) {
  for (const word of words) users.set(word, [...(users.get(word) || []), name]);
}

function* emojiWords(pictures, label) {
  const byChar = new Map([...pictures].filter(([, p]) => p.char).map(([name, p]) => [bare(p.char), name]));
  const folders = fs.readdirSync(path.join(MODULES, 'emojibase-data'))
    .filter((f) => /^[a-z]{2}(-[a-z]+)?$/.test(f) && f !== 'meta').sort();
  for (const folder of folders) {
    const language = SAME[folder] || folder, users = new Map();
    for (const e of readLanguage(folder)) {
      const name = byChar.get(bare(e.unicode || ''));
      if (!name) continue;
      if (language !== 'en') yield { word: e.label, picture: name, language, prior: label - Math.min(20, order(name) / 10) };
      collect(users, e.tags || [], name);
    }
    yield* tagged(users, language, language === 'en' ? KEYWORD : TAG);
  }
  const users = new Map();
  const keywords = JSON.parse(fs.readFileSync(path.join(MODULES, 'emojilib', 'dist', 'emoji-en-US.json'), 'utf8'));
  for (const [char, words] of Object.entries(keywords)) {
    const name = byChar.get(bare(char));
    if (name) collect(users, words.filter((w) => /^[a-z][a-z _-]{2,}$/.test(w)), name);
  }
  yield* tagged(users, 'en', KEYWORD);
}

module.exports = { emojiWords };
