// Builds renderer/ into dist/renderer/. coderd serves the same pages to the desktop window and to browsers.

import { fileURLToPath } from 'node:url'
import tailwindcss from '@tailwindcss/vite'
import react from '@vitejs/plugin-react'
import { defineConfig } from 'vite'
import { endpointsWithoutSchemas } from './scripts/endpoints-without-schemas.mjs'

const inProject = (path: string) => fileURLToPath(new URL(path, import.meta.url))

export default defineConfig({
  root: inProject('./renderer'),
  // With the other caches of the checkout, not inside renderer/.
  cacheDir: inProject('./node_modules/.vite'),
  plugins: [endpointsWithoutSchemas(), react(), tailwindcss()],
  // Pages call endpoints and do not validate with their schemas.
  resolve: { alias: [{ find: /^typebox$/, replacement: inProject('./scripts/typebox-without-schemas.mjs') }] },
  build: {
    outDir: inProject('./dist/renderer'),
    // Open pages of the previous build still load their chunks. build.mjs removes old files.
    emptyOutDir: false,
    // The Electron of the tests contains Chromium 114. Newer browsers get the same files.
    target: ['chrome114', 'firefox121', 'safari17'],
    // Emits fonts and images as files, because the content security policy forbids data: fonts.
    assetsInlineLimit: 0,
    sourcemap: true,
    // Removes schemas and endpoints that no page uses: functions named `Type` have no side effects, nor has reading the
    // properties of a schema. Rolldown matches this option by name
    // only; our own functions are annotated with @__NO_SIDE_EFFECTS__.
    rolldownOptions: { treeshake: { manualPureFunctions: ['Type'], propertyReadSideEffects: false } },
    reportCompressedSize: false,
    // The terminal is a separate chunk of about this size, loaded with the first terminal.
    chunkSizeWarningLimit: 700,
  },
})
