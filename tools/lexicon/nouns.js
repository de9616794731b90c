// nouns.js - which picture each English noun goes to: up the hypernyms of WordNet to the nearest
// sense that a picture stands for. SPDX-License-Identifier: MIT
'use strict';

// Lexicographers' files of WordNet.
const ANIMAL = 5, ARTIFACT = 6, BODY = 8, FOOD = 13, OBJECT = 17, PERSON = 18, PHENOMENON = 19,
      PLANT = 20;
// Where the sense of a picture's own name is looked for, by the group of the picture.
const FILES = {
  'Activities': [ARTIFACT], 'Animals & Nature': [ANIMAL, PLANT],
  'Food & Drink': [FOOD, ARTIFACT, PLANT], 'Objects': [ARTIFACT, BODY],
  'People & Body': [PERSON], 'Travel & Places': [ARTIFACT, OBJECT, PHENOMENON],
  'Smileys & Emotion': [PERSON, ARTIFACT],
};
const MOST_STEPS = 9;
const MOST_CUES = 20;
// In a film a word means what can be seen, unless it seldom does.
const UNDRAWN = 0.55;
const CLASS = { THING: 0, PERSON: 1, ANIMAL: 2, PLANT: 3, HOUSE: 4, VEHICLE: 5 };
const COMMON = new Set(('with from that this used usually having made into large small some other any ' +
  'have been which their such very often especially more most than over being also made whose ' +
  'between many through called person place part something someone').split(' '));

function synsetOf(wordnet, name, where) {
  const [lemma, sense] = name.split('#');
  const all = wordnet.nouns.get(lemma.toLowerCase());
  if (!all || !all[sense - 1]) throw new Error(`${where}: WordNet has no ${name}`);
  return all[sense - 1];
}

// synset id -> { picture, near }: by hand first, then by the pictures' own names.
function anchors(wordnet, pictures, rows) {
  const at = new Map();
  for (const row of rows.filter((r) => r.section === 'anchors')) {
    if (!pictures.has(row.name)) throw new Error(`${row.where}: no picture is called ${row.name}`);
    for (const word of row.words) at.set(synsetOf(wordnet, word, row.where).id, row.name);
  }
  for (const [name, { group }] of pictures) {
    const senses = wordnet.nouns.get(name.replace(/-/g, '_')) || [];
    const own = group && senses.find((s) => FILES[group].includes(s.file) && !s.instance);
    if (own && !at.has(own.id)) at.set(own.id, name);
  }
  return at;
}

function classes(wordnet) {
  const roots = [['person#1', CLASS.PERSON], ['animal#1', CLASS.ANIMAL], ['plant#2', CLASS.PLANT],
                 ['structure#1', CLASS.HOUSE], ['conveyance#3', CLASS.VEHICLE]]
    .map(([name, c]) => [synsetOf(wordnet, name, 'nouns.js').id, c]);
  const files = { [PERSON]: CLASS.PERSON, [ANIMAL]: CLASS.ANIMAL, [PLANT]: CLASS.PLANT };
  return (synset) => {
    for (const above of reach(wordnet, synset))
      for (const [id, c] of roots) if (above.id === id) return c;
    return files[synset.file] || CLASS.THING;
  };
}

// The synset and all above it, nearest first.
function* reach(wordnet, synset) {
  let level = [synset];
  const seen = new Set([synset.id]);
  for (let step = 0; level.length && step <= 20; step++) {
    const next = [];
    for (const s of level) {
      yield { id: s.id, step, synset: s };
      for (const id of s.above)
        if (!seen.has(id)) {
          seen.add(id);
          next.push(wordnet.synsets.get(id));
        }
    }
    level = next;
  }
}

// A function: synset -> { picture, steps } or null.
function climber(wordnet, at, barriers) {
  const known = new Map();
  return function climb(synset, steps = 0) {
    if (at.has(synset.id)) return { picture: at.get(synset.id), steps: 0 };
    if (steps === MOST_STEPS || barriers.has(synset.id)) return null;
    if (known.has(synset.id)) return known.get(synset.id);
    let best = null;
    for (const id of synset.above) {
      const up = climb(wordnet.synsets.get(id), steps + 1);
      if (up && (!best || up.steps + 1 < best.steps)) best = { picture: up.picture, steps: up.steps + 1 };
    }
    known.set(synset.id, best);
    return best;
  };
}

function cueWords(wordnet, synset) {
  const names = [...synset.words, ...synset.above.flatMap((id) => wordnet.synsets.get(id).words)];
  const words = `${names.join(' ')} ${synset.gloss}`.toLowerCase().match(/[a-z]{4,}/g) || [];
  return [...new Set(words)].filter((w) => !COMMON.has(w)).slice(0, MOST_CUES);
}

// All nouns: lemma -> [{ picture | null, holds, class, prior, cues }], most likely first.
function read(wordnet, pictures, rows) {
  const at = anchors(wordnet, pictures, rows);
  const barriers = new Set(rows.filter((r) => r.section === 'barriers')
    .flatMap((r) => r.words.map((w) => synsetOf(wordnet, w, r.where).id)));
  const holds = new Map(rows.filter((r) => r.section === 'holds')
    .map((r) => [synsetOf(wordnet, r.name, r.where).id, r.words[0]]));
  const climb = climber(wordnet, at, barriers), classOf = classes(wordnet);
  const heldBy = (synset) => {
    for (const up of reach(wordnet, synset)) if (holds.has(up.id)) return holds.get(up.id);
    return null;
  };
  const out = new Map();
  out.classOfPicture = new Map([...at].reverse().map(([id, name]) => [name, classOf(wordnet.synsets.get(id))]));
  for (const [lemma, synsets] of wordnet.nouns) {
    if (synsets.every((s) => s.latin.has(lemma))) continue;
    const senses = synsets.map((s, i) => {
      const up = s.instance ? null : climb(s);
      const met = (wordnet.counts.get(`${lemma}#${i + 1}`) || 0) + 1 / (i + 1);
      return { picture: up && up.picture, synset: s, weight: met };
    }).filter((s) => !s.synset.instance);
    if (senses.some((s) => s.picture)) out.set(lemma.replace(/_/g, ' '), weigh(senses));
  }
  return out;

  function weigh(senses) {
    const beast = senses.some((s) => s.picture && s.synset.file !== PERSON);
    let sum = 0;
    for (const s of senses) {
      if (s.synset.file === PERSON && beast) s.weight *= 0.6;
      sum += s.weight;
    }
    const merged = new Map();
    for (const s of senses) {
      const held = s.picture && s.synset.file === PERSON ? heldBy(s.synset) : null;
      const key = `${s.picture}/${held}`;
      const prior = Math.round(160 * s.weight / sum * (s.picture ? 1 : UNDRAWN)) + (s.picture ? 40 : 0);
      const had = merged.get(key);
      if (had) {
        had.prior = Math.min(200, had.prior + prior - (s.picture ? 40 : 0));
        continue;
      }
      merged.set(key, { picture: s.picture, holds: held, prior, near: [],
                        class: s.picture ? classOf(s.synset) : CLASS.THING,
                        cues: cueWords(wordnet, s.synset) });
    }
    const list = [...merged.values()].sort((a, b) => b.prior - a.prior);
    return list.slice(0, 6);
  }
}

module.exports = { read, CLASS };
