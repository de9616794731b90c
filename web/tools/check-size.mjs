// check-size - is the first view of a build within its budget?
//
// The first view is index.html and every file that it names: what a browser fetches before it can
// show anything. Sizes are those of brotli, which every browser of today asks for.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { brotliCompressSync, constants } from 'node:zlib';

const BUDGET = 90 * 1024;

function compressed(body) {
  return brotliCompressSync(body, { params: { [constants.BROTLI_PARAM_QUALITY]: 11 } }).length;
}

/** What a file makes a browser fetch: what a page links, what a script imports statically. */
function named(name, body) {
  if (name.endsWith('.html')) return [...body.matchAll(/["']\.\/(app\/[\w.-]+)["']/g)].map((m) => m[1]);
  if (name.endsWith('.js')) return [...body.matchAll(/(?:from|import)\s*["']\.\/([\w.-]+\.js)["']/g)].map((m) => `app/${m[1]}`);
  return [];
}

/** Prints the sizes; true when they are within the budget. */
export function checkSize(folder) {
  const files = new Set(['index.html']);
  let total = 0;
  for (const name of files) {
    const body = readFileSync(join(folder, name));
    const size = compressed(body);
    total += size;
    console.log(`${String(size).padStart(7)}  ${name}`);
    // A set is walked in the order of adding, what is added on the way included.
    for (const next of named(name, body.toString('utf8'))) files.add(next);
  }
  console.log(`${String(total).padStart(7)}  first view, compressed, of ${BUDGET} allowed`);
  if (total > BUDGET) console.error('check-size: the first view is larger than it may be');
  return total <= BUDGET;
}
