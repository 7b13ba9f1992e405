// Prepares a checkout to run: installs the packages of the lockfile and builds dist/. Used by start, test, bench and
// package; takes a few milliseconds if nothing has changed.

import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { runInForeground, runQuietly } from './child-process.mjs'
import { withLock } from './lock.mjs'
import { findNode } from './node-runtime.mjs'
import { PlainError, stage } from './progress.mjs'
import { inProject, presentCodeFolders, root } from './project.mjs'

const shownOutputLines = 30

/** @returns {Promise<string>} the Node executable for the project's programs */
export async function prepare() {
  if (!packagesAreInstalled()) await withLock(inProject('.cache/install.lock'), installPackages)
  const node = findNode()
  if (!isBuilt()) await withLock(inProject('.cache/build.lock'), () => build(node))
  return node
}

/**
 * Compares npm's record of installed packages with the lockfile. Optional packages of other platforms may be missing.
 * An interrupted installation leaves no record and is repeated.
 */
export function packagesAreInstalled() {
  const record = inProject('node_modules/.package-lock.json')
  if (!existsSync(record)) return false
  const installed = readPackages(record)
  return Object.entries(readPackages(inProject('package-lock.json'))).every(
    ([location, wanted]) =>
      location === '' ||
      (installed[location] ? installed[location].version === wanted.version : wanted.optional === true),
  )
}

/**
 * @param {string} file
 * @returns {Record<string, { version: string, optional?: boolean }>}
 */
function readPackages(file) {
  return JSON.parse(readFileSync(file, 'utf8')).packages
}

async function installPackages() {
  if (packagesAreInstalled()) return
  await stage('Installing packages', async () => {
    const { status, output } = await runNpm(installArguments())
    if (status !== 0) throw new PlainError(`Could not install the npm packages:\n\n${lastLines(output)}`)
  })
}

/** `npm ci` removes node_modules first, which Windows refuses while the Node executable in it is running. */
function installArguments() {
  return process.platform === 'win32' ? ['install'] : ['ci']
}

/**
 * Runs the npm that started this process, on the same Node; otherwise the npm in PATH.
 * @param {string[]} args
 */
export function runNpm(args) {
  const { npm_execpath: npm, npm_node_execpath: node } = process.env
  if (npm && node) return runQuietly(node, [npm, ...args])
  return runQuietly('npm', args, { shell: process.platform === 'win32' })
}

/** @param {string} node */
async function build(node) {
  if (isBuilt()) return
  // Computed before the build, so that edits made during the build cause another one.
  const fingerprint = fingerprintSources()
  const status = await runInForeground(node, [inProject('scripts/build.mjs')])
  if (status !== 0) throw new PlainError('The build failed. The errors are printed above.')
  writeFileSync(fingerprintFile(), fingerprint)
}

const fingerprintFile = () => inProject('dist/.sources')

function isBuilt() {
  return existsSync(fingerprintFile()) && readFileSync(fingerprintFile(), 'utf8') === fingerprintSources()
}

/** A hash of path, size and modification time of all sources of dist/. */
function fingerprintSources() {
  const hash = createHash('sha256')
  for (const file of sourceFiles()) {
    const { size, mtimeMs } = statSync(file)
    hash.update(`${path.relative(root, file)} ${size} ${mtimeMs}\n`)
  }
  return hash.digest('hex')
}

function* sourceFiles() {
  const files = ['package.json', 'package-lock.json', 'tsconfig.base.json', 'vite.config.ts']
  yield* files.map((file) => inProject(file))
  const folders = [...presentCodeFolders(), 'templates', 'scripts'].filter((folder) => existsSync(inProject(folder)))
  for (const folder of folders) yield* filesBelow(inProject(folder))
}

/**
 * @param {string} folder
 * @returns {Generator<string>}
 */
function* filesBelow(folder) {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const file = path.join(folder, entry.name)
    if (entry.isDirectory()) yield* filesBelow(file)
    else if (entry.isFile() && !/\.(test|spec)\.tsx?$/.test(entry.name)) yield file
  }
}

/** @param {string} output */
function lastLines(output) {
  return output.trimEnd().split('\n').slice(-shownOutputLines).join('\n')
}
