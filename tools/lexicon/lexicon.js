// lexicon.js - the words as they are gathered, and their bytes as src/storyboard/lexicon.h has
// them. SPDX-License-Identifier: MIT
'use strict';
const { keyOf } = require('./text');

const NOTHING = 0xffff, LONGEST = 12, MOST_BYTES = 47;
const VERB = 1, PLURAL = 2;
// libstemmer's names of the languages that it stems; src/storyboard/stem.c has the same list.
const STEMMERS = { ar: 'arabic', da: 'danish', de: 'german', en: 'english', es: 'spanish', fi: 'finnish', fr: 'french',
                   hu: 'hungarian', it: 'italian', nb: 'norwegian', nl: 'dutch', pt: 'portuguese',
                   ru: 'russian', sv: 'swedish', tr: 'turkish' };
// A bit for the first two tokens of each phrase: most pairs of words begin none.
const PAIR_BITS = 1 << 19;
const NEAR_LIMIT = 24, CUE_LIMIT = 44;

function fnv(bytes) {
  let h = 2166136261;
  for (const b of bytes) h = Math.imul(h ^ b, 16777619) >>> 0;
  return h;
}

class Lexicon {
  constructor(enums, pictures) {
    this.kinds = enums.word_kind;
    this.languages = enums.language;
    this.pictures = pictures;
    this.words = new Map(); // key -> { tokens, senses, longest, flags }
  }

  kind(name, where) {
    const kind = this.kinds[`WORD_${name.toUpperCase().replace(/-/g, '_')}`];
    if (kind === undefined) throw new Error(`${where}: no kind of word is called ${name}`);
    return kind;
  }

  language(name, where) {
    const language = this.languages[`LANGUAGE_${name.toUpperCase()}`];
    if (language === undefined) throw new Error(`${where}: no language is called ${name}`);
    return language;
  }

  word(text) {
    const { key, tokens } = keyOf(text);
    if (!key || tokens.length > LONGEST || Buffer.byteLength(key) > MOST_BYTES) return null;
    if (!this.words.has(key)) this.words.set(key, { tokens, senses: [], longest: 1, flags: 0 });
    return this.words.get(key);
  }

  add(text, sense) {
    const word = this.word(text);
    if (word && !word.senses.some((s) => s.kind === sense.kind && s.value === sense.value &&
                                         s.language === sense.language))
      word.senses.push({ near: [], cues: [], holds: null, class: 0, prior: 0, ...sense });
  }

  // Nouns of one language and picture are one sense; what was said first with more certainty stays.
  addNoun(text, { picture, holds = null, language, prior, class: kind, near = [], cues = [] }) {
    const word = this.word(text);
    if (!word) return;
    const number = this.language(language, text);
    const nouns = word.senses.filter((s) => s.kind === this.kinds.WORD_NOUN && s.language === number);
    const same = nouns.find((s) => s.picture === picture && (!holds || s.holds === holds));
    const chosen = nouns.some((s) => s.prior > 210);
    if (same) {
      same.holds = same.holds || holds;
      same.cues = [...new Set([...same.cues, ...cues])];
      same.prior = Math.max(same.prior, Math.round(prior));
    } else if (!chosen && !(nouns.length && prior < 130 && cues.length === 0)) {
      word.senses.push({ kind: this.kinds.WORD_NOUN, language: number, picture, holds,
                         prior: Math.round(prior), class: kind, near, cues });
    }
  }

  // "red fox" is a fox that is red, and in "bee flies" a bee flies: of phrases the grammar sees more
  // than the dictionary.
  isSentence(lemma) {
    const [first, ...rest] = keyOf(lemma).tokens;
    const says = (word, ...kinds) => {
      const own = this.words.get(word);
      return own && own.senses.some((s) => s.language === 0 && kinds.includes(s.kind));
    };
    const { WORD_COLOUR, WORD_SIZE, WORD_MOVE, WORD_WHERE } = this.kinds;
    return rest.length > 0 && (says(first, WORD_COLOUR, WORD_SIZE) ||
      [first, ...rest].some((w) => says(w, WORD_MOVE)) || says(rest[rest.length - 1], WORD_WHERE));
  }

  addCues(text, picture, near) {
    const word = this.word(text);
    let sense = word.senses.find((s) => s.kind === this.kinds.WORD_NOUN && s.picture === picture &&
                                        s.language === this.languages.LANGUAGE_EN);
    if (!sense) {
      sense = { kind: this.kinds.WORD_NOUN, language: this.languages.LANGUAGE_EN, picture, holds: null,
                prior: 20, class: this.classOf(picture), near: [], cues: [] };
      word.senses.push(sense);
    }
    sense.near = near.flatMap((w) => w.split(/[ -]/));
  }

  classOf(picture) {
    const own = picture && this.words.get(picture.replace(/-/g, ' '));
    const sense = own && own.senses.find((s) => s.picture === picture);
    return sense ? sense.class : 0;
  }

  // "geese" says what "goose" says.
  addPlurals(pairs) {
    for (const [form, lemma] of pairs) {
      const of = this.words.get(keyOf(lemma).key);
      const nouns = of && of.senses.filter((s) => s.language === 0 && (s.kind === this.kinds.WORD_NOUN ||
        s.kind === this.kinds.WORD_LEAVE || s.kind === this.kinds.WORD_PART));
      if (!nouns || !nouns.length || form === lemma) continue;
      const word = this.word(form);
      if (!word || word.senses.some((s) => s.kind === this.kinds.WORD_NOUN && s.language === 0)) continue;
      word.senses.push(...nouns);
      word.flags |= PLURAL;
    }
  }

  markVerbs(verbs) {
    for (const [key, word] of this.words) if (verbs.has(key)) word.flags |= VERB;
  }

  // Words of other languages are found by their stems too: "de|katz". Where the stem is the word
  // itself, it needs no second row.
  addStems(stem) {
    const byNumber = Object.fromEntries(Object.entries(STEMMERS)
      .map(([l, s]) => [this.languages[`LANGUAGE_${l.toUpperCase()}`], [l, s]]));
    const wanted = [];
    for (const [key, word] of this.words)
      for (const language of new Set(word.senses.map((s) => s.language)))
        if (language !== 0 && byNumber[language] && word.tokens.length === 1 && !/[| ]/.test(key))
          wanted.push({ key, word, language });
    const stems = stem(wanted.map((w) => [byNumber[w.language][1], w.key]));
    wanted.forEach(({ key: own, word, language }, i) => {
      if (stems[i] === own) return;
      const key = `${byNumber[language][0]}|${stems[i]}`;
      if (Buffer.byteLength(key) > MOST_BYTES) return;
      if (!this.words.has(key)) this.words.set(key, { tokens: [key], senses: [], longest: 1, flags: 0 });
      const to = this.words.get(key).senses;
      for (const s of word.senses.filter((x) => x.language === language))
        if (!to.some((t) => t.kind === s.kind && t.value === s.value && t.picture === s.picture)) to.push(s);
    });
  }

  // Only where senses differ do neighbours have something to decide.
  prune() {
    for (const word of this.words.values()) {
      const nouns = word.senses.filter((s) => s.kind === this.kinds.WORD_NOUN);
      const one = new Set(nouns.filter((s) => s.language === 0).map((s) => `${s.picture}/${s.holds}`)).size < 2;
      word.senses = word.senses.filter((s) => !(s.kind === this.kinds.WORD_NOUN && one && s.picture === null))
        .map((s) => (one && s.kind === this.kinds.WORD_NOUN ? { ...s, near: [], cues: [] } : s));
      const most = Math.max(0, ...nouns.filter((s) => s.picture && s.language === 0).map((s) => s.prior));
      if (most > 210)
        word.senses = word.senses.filter((s) => s.kind !== this.kinds.WORD_NOUN || s.near.length || s.picture);
    }
  }

  // The first token of each phrase knows how long the longest phrase is.
  markPhrases() {
    for (const word of [...this.words.values()]) {
      if (word.tokens.length < 2) continue;
      const first = word.tokens[0];
      if (!this.words.has(first))
        this.words.set(first, { tokens: [first], senses: [], longest: 1, flags: 0 });
      const of = this.words.get(first);
      of.longest = Math.max(of.longest, word.tokens.length);
    }
  }

  pairs() {
    const bits = Buffer.alloc(PAIR_BITS / 8);
    for (const [key, { tokens }] of this.words) {
      if (tokens.length < 2) continue;
      const gap = key[tokens[0].length] === ' ' ? ' ' : '';
      const bit = fnv(Buffer.from(tokens[0] + gap + tokens[1])) % PAIR_BITS;
      bits[bit >> 3] |= 1 << (bit & 7);
    }
    return bits;
  }

  // stem(pairs of algorithm and word) gives their stems in order.
  pack(stem) {
    this.addStems(stem);
    this.prune();
    this.markPhrases();
    const cueWords = [...new Set([...this.words.values()].flatMap((w) => w.senses)
      .flatMap((s) => [...s.near, ...s.cues]))].filter((w) => /^[a-z]+$/.test(w));
    const stems = new Map(stem(cueWords.map((w) => ['english', w])).map((s, i) => [cueWords[i], fnv(Buffer.from(s))]));
    return new Packer(this, stems).bytes();
  }
}

class Packer {
  constructor(lexicon, stems) {
    this.lexicon = lexicon;
    this.stems = stems;
    this.strings = [];
    this.stringsSize = 0;
    this.senses = [];
    this.runs = new Map();
    this.cues = [];
    this.cueRuns = new Map();
  }

  string(s) {
    const at = this.stringsSize, bytes = Buffer.from(s + '\0');
    this.strings.push(bytes);
    this.stringsSize += bytes.length;
    return at;
  }

  cueRun(words) {
    const hashes = words.map((w) => this.stems.get(w)).filter((h) => h !== undefined);
    const key = hashes.join();
    if (!this.cueRuns.has(key)) {
      this.cueRuns.set(key, this.cues.length);
      this.cues.push(...hashes);
    }
    return { at: this.cueRuns.get(key), n: hashes.length };
  }

  sense(s) {
    const row = Buffer.alloc(16), noun = this.lexicon.kinds.WORD_NOUN;
    const near = s.near.slice(0, NEAR_LIMIT).filter((w) => this.stems.has(w));
    const cues = this.cueRun([...near, ...s.cues.slice(0, CUE_LIMIT - near.length)]);
    const index = (name) => (name ? this.lexicon.pictures.get(name).index : NOTHING);
    row.writeUInt16LE(s.kind === noun ? index(s.picture) : s.value, 0);
    row.writeUInt16LE(index(s.holds), 2);
    [s.kind, s.language, s.prior, s.class, near.length, cues.n].forEach((v, i) => row.writeUInt8(v, 4 + i));
    row.writeUInt32LE(cues.at, 12);
    return row;
  }

  // Words that mean the same share their senses.
  run(senses) {
    const rows = senses.map((s) => this.sense(s)), key = Buffer.concat(rows).toString('latin1');
    if (!this.runs.has(key)) {
      this.runs.set(key, this.senses.length);
      this.senses.push(...rows);
    }
    return this.runs.get(key);
  }

  words() {
    const keys = [...this.lexicon.words.keys()].filter((k) => {
      const w = this.lexicon.words.get(k);
      return w.senses.length || w.longest > 1;
    }).sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
    const table = Buffer.alloc(12 * keys.length);
    keys.forEach((key, i) => {
      const w = this.lexicon.words.get(key);
      table.writeUInt32LE(this.string(key), 12 * i);
      table.writeUInt32LE(this.run(w.senses), 12 * i + 4);
      [w.senses.length, w.longest, w.flags].forEach((v, k) => table.writeUInt8(v, 12 * i + 8 + k));
    });
    return { keys, table };
  }

  slots(keys) {
    let n = 1024;
    while (n < keys.length * 1.3) n *= 2;
    const slots = new Uint32Array(n);
    keys.forEach((key, i) => {
      let at = fnv(Buffer.from(key)) & (n - 1);
      while (slots[at]) at = (at + 1) & (n - 1);
      slots[at] = i + 1;
    });
    return Buffer.from(slots.buffer);
  }

  bytes() {
    const { keys, table } = this.words();
    const cues = Buffer.from(new Uint32Array(this.cues).buffer);
    const parts = [Buffer.alloc(56), this.slots(keys), table, Buffer.concat(this.senses), cues,
                   this.lexicon.pairs(), Buffer.concat(this.strings)];
    const at = [];
    parts.reduce((sum, p, i) => ((at[i] = sum), sum + p.length), 0);
    parts[0].write('ZTLEX1\0\0', 0, 'latin1');
    [parts[1].length / 4, keys.length, this.senses.length, this.cues.length, PAIR_BITS / 8,
     ...at.slice(1), at[6] + parts[6].length].forEach((v, i) => parts[0].writeUInt32LE(v, 8 + 4 * i));
    return Buffer.concat(parts);
  }
}

module.exports = { Lexicon, NOTHING };
