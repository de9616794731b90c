// build - make the pages, and fail when the first view has grown past its budget.
//
//     node web/tools/build.mjs [FOLDER]      FOLDER is web/dist unless told; several may be built at once
import { fileURLToPath } from 'node:url';
import { resolve } from 'node:path';
import { build } from 'vite';
import { checkSize } from './check-size.mjs';

const configFile = fileURLToPath(new URL('../vite.config.mts', import.meta.url));
const outDir = resolve(process.argv[2] ?? fileURLToPath(new URL('../dist', import.meta.url)));

await build({ configFile, logLevel: 'warn', build: { outDir, emptyOutDir: true } });
if (!checkSize(outDir)) process.exitCode = 1;
