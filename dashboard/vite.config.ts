import { fileURLToPath } from 'node:url';
import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig } from 'vite';

export default defineConfig({
  root: fileURLToPath(new URL('.', import.meta.url)),
  // Nothing in the page names the path at which it is served; see `sendPage` of its server.
  base: './',
  plugins: [svelte({ configFile: false })],
  build: {
    outDir: '../dist/dashboard',
    emptyOutDir: true,
    target: ['es2023', 'chrome123', 'firefox128', 'safari17.5'],
    // A font or a picture as a data: URL would need an exception in the content security policy.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    // Advice on the build's own speed is not for somebody who starts the program for the first time.
    rolldownOptions: { checks: { pluginTimings: false } },
  },
});
