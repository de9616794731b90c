// vite.config.mts - how the two pages become files that the program embeds.
//
// Addresses in the pages are relative, so that the program may stand behind a proxy's path; files in
// app/ carry their hash in the name and never change.
import { defineConfig } from 'vite';

const server = process.env['ZOETROPE_URL'] ?? 'http://127.0.0.1:8080';

export default defineConfig({
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
