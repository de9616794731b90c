// run-tests - bundle web/src/**/*.test.ts and run them with Node.js's own test runner.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildSync } from 'esbuild';

const src = fileURLToPath(new URL('../src', import.meta.url));
const out = mkdtempSync(join(tmpdir(), 'zoetrope-web-'));
const tests = readdirSync(src, { withFileTypes: true })
  .flatMap((e) => (e.isDirectory() ? readdirSync(join(src, e.name)).map((f) => join(src, e.name, f)) : []))
  .filter((f) => f.endsWith('.test.ts'));
try {
  buildSync({
    entryPoints: tests,
    outdir: out,
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node18',
    outExtension: { '.js': '.mjs' },
  });
  const built = readdirSync(out, { recursive: true })
    .map((f) => join(out, String(f)))
    .filter((f) => f.endsWith('.mjs'));
  process.exitCode = spawnSync(process.execPath, ['--test', ...built], { stdio: 'inherit' }).status ?? 1;
} finally {
  rmSync(out, { recursive: true, force: true });
}
