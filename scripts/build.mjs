// Builds dist/ from the tables of bundles.mjs: esbuild bundles the code for Node and Electron's main process, Vite the
// pages; files read at run time are copied. prepare.mjs decides when a build is needed. `node scripts/build.mjs` builds
// everything, `node scripts/build.mjs server renderer` only the named parts.

import { existsSync, readFileSync } from 'node:fs'
import { cp, mkdir, readdir, rm, stat, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { build as esbuild } from 'esbuild'
import { copiedFolders, nativeParts, presentBundles } from './bundles.mjs'
import { lazyBuiltins } from './lazy-builtins.mjs'
import { PlainError, runScript, stage } from './progress.mjs'
import { inProject, root } from './project.mjs'
import { urlReferences } from './url-references.mjs'

// A running coderd or an open page of the previous build still loads its lazy chunks.
const keepOldFilesMs = 7 * 24 * 3600 * 1000

// CommonJS packages inside an ES module bundle call require() for Node's built-in modules; ssh2 also reads __dirname.
const commonJsBanner =
  "import { createRequire as createRequireForBundle } from 'node:module'; const require = createRequireForBundle(import.meta.url); const __dirname = import.meta.dirname;"

// Caches compiled modules, which saves 30 ms when coderd starts. Node skips the cache if the folder is not writable.
const compileCacheBanner =
  "import { enableCompileCache } from 'node:module'; enableCompileCache(import.meta.dirname + '/../.cache');"

// CommonJS has no import.meta.url; main/ is written as an ES module and may use it.
const urlBanner = "const bundleUrl = require('node:url').pathToFileURL(__filename).href;"

/** @type {Record<import('./bundles.mjs').Bundle['runsOn'], import('esbuild').BuildOptions>} */
const targets = {
  node: {
    format: 'esm',
    target: 'node24',
    splitting: true,
    chunkNames: '[name]-[hash]',
    banner: { js: commonJsBanner },
    // Optional dependencies of pg, ws and ssh2, which uses Node's own ciphers without them.
    external: ['pg-native', 'bufferutil', 'utf-8-validate', 'cpu-features', '*/sshcrypto.node'],
  },
  // The oldest supported Electron contains Node 18.
  'electron-main': {
    format: 'cjs',
    target: 'node18',
    outExtension: { '.js': '.cjs' },
    banner: { js: urlBanner },
    define: { 'import.meta.url': 'bundleUrl' },
    external: ['electron'],
  },
  'electron-preload': { format: 'cjs', target: 'node18', outExtension: { '.js': '.cjs' }, external: ['electron'] },
}

/**
 * The esbuild options of one bundle.
 * @param {import('./bundles.mjs').Bundle} bundle
 * @returns {import('esbuild').BuildOptions}
 */
export function bundleOptions(bundle) {
  const [firstEntry = ''] = Object.keys(bundle.entries)
  const outFolder = `dist/${path.dirname(firstEntry)}`
  const entries = Object.entries(bundle.entries)
  const target = targets[bundle.runsOn]
  const banner = bundle.loadsOtherBundles ? { js: `${target.banner?.js}\n${compileCacheBanner}` } : target.banner
  return {
    ...target,
    banner,
    absWorkingDir: root,
    entryPoints: Object.fromEntries(entries.map(([out, source]) => [path.basename(out), source])),
    outdir: outFolder,
    bundle: true,
    platform: 'node',
    sourcemap: 'linked',
    sourcesContent: false,
    minifySyntax: true,
    legalComments: 'none',
    logLevel: 'warning',
    ...(bundle.omitsSchemas ? { alias: { typebox: inProject('scripts/typebox-without-schemas.mjs') } } : {}),
    plugins: [urlReferences(outFolder), ...(bundle.runsOn === 'node' ? [lazyBuiltins] : [])],
  }
}

/**
 * Builds the bundles and pages whose sources exist.
 * @param {string[]} names bundles, or `renderer`; none for all
 */
async function build(names) {
  const isWanted = (/** @type {string} */ name) => names.length === 0 || names.includes(name)
  await mkdir(inProject('dist'), { recursive: true })
  await Promise.all([
    ...presentBundles()
      .filter(({ name }) => isWanted(name))
      .map(buildBundle),
    isWanted('renderer') ? buildRenderer() : undefined,
    copyFolders(),
    copyNativeParts(),
    writePackageFile(),
  ])
  await removeOldFiles(inProject('dist'))
}

/** @param {import('./bundles.mjs').Bundle} bundle */
async function buildBundle(bundle) {
  try {
    await esbuild(bundleOptions(bundle))
  } catch {
    // esbuild has printed the errors with file and line.
    throw new PlainError(`Could not build the bundle "${bundle.name}". The errors are printed above.`)
  }
}

async function buildRenderer() {
  if (!existsSync(inProject('renderer/index.html'))) return
  const { build: buildPages } = await import('vite')
  try {
    await buildPages({ configFile: inProject('vite.config.ts'), logLevel: 'warn' })
  } catch (error) {
    throw new PlainError(`Could not build the pages: ${error instanceof Error ? error.message : error}`)
  }
}

async function copyFolders() {
  const present = Object.entries(copiedFolders).filter(([source]) => existsSync(inProject(source)))
  await Promise.all(present.map(([source, target]) => copyAfresh(inProject(source), inProject(target))))
}

/**
 * @param {string} source
 * @param {string} target
 */
async function copyAfresh(source, target) {
  await rm(target, { recursive: true, force: true })
  await cp(source, target, { recursive: true })
}

/** The agent is copied into the data folder as one folder, which therefore contains its native modules. */
async function copyNativeParts() {
  await rm(inProject('dist/agent/node_modules'), { recursive: true, force: true })
  for (const part of nativeParts) {
    await cp(inProject('node_modules', part), inProject('dist/agent/node_modules', part), { recursive: true })
  }
}

/** Marks the .js files in dist/ as ES modules, also in a copy of dist/ outside the checkout. */
async function writePackageFile() {
  const { name, version, license } = JSON.parse(readFileSync(inProject('package.json'), 'utf8'))
  await writeFile(inProject('dist/package.json'), JSON.stringify({ name, version, license, type: 'module' }))
}

/** @param {string} folder */
async function removeOldFiles(folder) {
  const oldest = Date.now() - keepOldFilesMs
  for (const entry of await readdir(folder, { withFileTypes: true, recursive: true })) {
    const file = path.join(entry.parentPath, entry.name)
    const isGenerated = /-[\w-]{8}\.(js|css)(\.map)?$/.test(entry.name) && !file.includes('node_modules')
    if (isGenerated && (await stat(file)).mtimeMs < oldest) await rm(file, { force: true })
  }
}

if (import.meta.filename === process.argv[1]) {
  await runScript(() => stage('Building', () => build(process.argv.slice(2))))
}
