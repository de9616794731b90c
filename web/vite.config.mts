// vite.config.mts - how the two pages become files that the program embeds.
//
// Addresses in the pages are relative, so that the program may stand behind a proxy's path; files in
// app/ carry their hash in the name and never change.
import { readFileSync } from 'node:fs';
import { defineConfig, type Plugin } from 'vite';

const server = process.env['ZOETROPE_URL'] ?? 'http://127.0.0.1:8080';

/** What the bundles contain of others asks to be named with them. */
const licences: readonly string[] = [
  'preact/LICENSE',
  '@preact/signals/LICENSE',
  '@preact/signals-core/LICENSE',
  'swagger-ui-dist/LICENSE',
  'swagger-ui-dist/NOTICE',
  'swagger-ui-dist/swagger-ui-es-bundle.js.LICENSE.txt',
];

function emitLicences(): Plugin {
  return {
    name: 'licences',
    generateBundle() {
      const texts = licences.map((name) => {
        const text = readFileSync(new URL(`../node_modules/${name}`, import.meta.url), 'utf8');
        return `==== ${name}\n\n${text.trim()}\n`;
      });
      this.emitFile({ type: 'asset', fileName: 'app/licences.txt', source: texts.join('\n') });
    },
  };
}

export default defineConfig({
  plugins: [emitLicences()],
  root: new URL('.', import.meta.url).pathname,
  base: './',
  clearScreen: false,
  esbuild: { jsx: 'automatic', jsxImportSource: 'preact', legalComments: 'none' },
  build: {
    target: 'es2022',
    outDir: 'dist',
    emptyOutDir: true,
    assetsDir: 'app',
    // An inlined asset would be a data: address, which the policy of the page refuses to most things.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 2000,
    rollupOptions: { input: ['index.html', 'docs.html'].map((f) => new URL(f, import.meta.url).pathname) },
  },
  server: {
    proxy: Object.fromEntries(
      ['/v1', '/v2', '/generations', '/openapi.json', '/healthz'].map((path) => [path, server]),
    ),
  },
});
