// Contents of dist/: a table of bundles and one of copied folders. build.mjs builds them, watch.mjs rebuilds them.

import { existsSync } from 'node:fs'
import { inProject } from './project.mjs'

/**
 * @typedef {object} Bundle
 * @property {string} name
 * @property {Record<string, string>} entries  path in dist/ without extension → source
 * @property {'node' | 'electron-main' | 'electron-preload'} runsOn
 * @property {boolean} [loadsOtherBundles]
 * @property {boolean} [omitsSchemas]  calls endpoints without validating bodies
 */

/** @type {Bundle[]} */
const bundles = [
  {
    name: 'server',
    runsOn: 'node',
    entries: {
      'server/main': 'server/main.ts',
      'server/config': 'server/config.ts',
      'server/maintenance': 'server/maintenance.ts',
      'server/engine-worker': 'server/provisioner/engines/engine-worker.ts',
      'server/relay': 'server/relay/main.ts',
    },
  },
  {
    name: 'agent',
    runsOn: 'node',
    omitsSchemas: true,
    entries: {
      'agent/main': 'agent/main.ts',
      'agent/bridge': 'agent/bridge.ts',
      'agent/services': 'agent/services/main.ts',
      'agent/screens': 'agent/screens/screen-worker.ts',
    },
  },
  {
    name: 'cli',
    runsOn: 'node',
    entries: { 'cli/coder': 'cli/main.ts' },
    loadsOtherBundles: true,
    omitsSchemas: true,
  },
  { name: 'main', runsOn: 'electron-main', entries: { 'main/main': 'main/main.ts' }, omitsSchemas: true },
  { name: 'preload', runsOn: 'electron-preload', entries: { 'main/preload': 'main/preload.ts' } },
]

/** Folders read at run time, source → dist, both relative to the checkout. */
export const copiedFolders = {
  'server/database/migrations': 'dist/server/migrations',
  'agent/shell-integration/scripts': 'dist/agent/shell-integration',
  'main/startup-page': 'dist/main/startup-page',
  templates: 'dist/templates',
}

/** Native modules that the agent loads at run time and that cannot be bundled, relative to node_modules. */
export const nativeParts = ['node-pty/package.json', `node-pty/prebuilds/${process.platform}-${process.arch}`]

/** The bundles and entries whose sources exist. */
export function presentBundles() {
  return bundles
    .map((bundle) => ({ ...bundle, entries: presentEntries(bundle.entries) }))
    .filter((bundle) => Object.keys(bundle.entries).length > 0)
}

/** @param {Record<string, string>} entries */
function presentEntries(entries) {
  return Object.fromEntries(Object.entries(entries).filter(([, source]) => existsSync(inProject(source))))
}

/**
 * The location in dist/ of a source file or folder that is referenced by URL.
 * @param {string} source relative to the checkout, with forward slashes, without a trailing slash
 * @returns {string | undefined} relative to the checkout
 */
export function locateInDist(source) {
  if (source === 'dist' || source.startsWith('dist/')) return source
  for (const bundle of bundles) {
    const entry = Object.entries(bundle.entries).find(([, from]) => from === source)
    if (entry) return `dist/${entry[0]}${bundle.runsOn === 'node' ? '.js' : '.cjs'}`
  }
  const copied = Object.entries(copiedFolders).find(([from]) => source === from || source.startsWith(`${from}/`))
  return copied && copied[1] + source.slice(copied[0].length)
}
