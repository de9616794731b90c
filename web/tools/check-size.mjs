// check-size - fail a build whose first view has grown past its budget.
//
// The first view is index.html and every file that it names: what a browser fetches before it can
// show anything. Sizes are those of brotli, which every browser of today asks for.
import { readFileSync } from 'node:fs';
import { brotliCompressSync, constants } from 'node:zlib';

const BUDGET = 90 * 1024;
const dist = new URL('../dist/', import.meta.url);

function compressed(name) {
  const body = readFileSync(new URL(name, dist));
  return brotliCompressSync(body, { params: { [constants.BROTLI_PARAM_QUALITY]: 11 } }).length;
}

/** Files under app/ that the page, or a script of it, names statically. */
function filesOf(page) {
  const found = new Set([page]);
  for (const name of found) {
    const body = readFileSync(new URL(name, dist), 'utf8');
    const pattern = name.endsWith('.js') ? /(?:from|import)\s*["']\.\/([\w.-]+\.js)["']/g : /["']\.\/(app\/[\w.-]+)["']/g;
    if (!/\.(html|js)$/.test(name)) continue;
    for (const match of body.matchAll(pattern)) found.add(name.endsWith('.js') ? `app/${match[1]}` : match[1]);
  }
  return [...found];
}

let total = 0;
for (const name of filesOf('index.html')) {
  const size = compressed(name);
  total += size;
  console.log(`${String(size).padStart(7)}  ${name}`);
}
console.log(`${String(total).padStart(7)}  first view, compressed, of ${BUDGET} allowed`);
if (total > BUDGET) {
  console.error('check-size: the first view is larger than it may be');
  process.exit(1);
}
