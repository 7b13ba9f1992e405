// Builds the pages: renderer/ into dist/renderer/, which coderd serves to the window and to browsers alike.

import { fileURLToPath } from 'node:url'
import tailwindcss from '@tailwindcss/vite'
import react from '@vitejs/plugin-react'
import { defineConfig } from 'vite'

const inProject = (path: string) => fileURLToPath(new URL(path, import.meta.url))

export default defineConfig({
  root: inProject('./renderer'),
  // Beside the other caches of the checkout, not inside renderer/.
  cacheDir: inProject('./node_modules/.vite'),
  plugins: [react(), tailwindcss()],
  // Pages call the contract and never check by it.
  resolve: { alias: [{ find: /^typebox$/, replacement: inProject('./scripts/typebox-without-schemas.mjs') }] },
  build: {
    outDir: inProject('./dist/renderer'),
    // Open pages of the previous build still load their chunks; build.mjs removes them when they are old.
    emptyOutDir: false,
    // The tests' Electron is a Chromium 114; every browser that is newer is served by the same files.
    target: ['chrome114', 'firefox121', 'safari17'],
    // Fonts and pictures as files: the content security policy allows no data: fonts.
    assetsInlineLimit: 0,
    sourcemap: true,
    // What a page never calls of the contract is left out: making a schema does nothing else. It goes by the name alone,
    // whosever it is: our own functions say so themselves (@__NO_SIDE_EFFECTS__).
    rolldownOptions: { treeshake: { manualPureFunctions: ['Type'] } },
    reportCompressedSize: false,
    // The terminal is one chunk of its own, loaded with the first terminal.
    chunkSizeWarningLimit: 700,
  },
})
