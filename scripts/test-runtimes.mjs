// Downloads browser runtimes for the end-to-end tests from packages of the npm registry.

import { createHash } from 'node:crypto'
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import path from 'node:path'
import { runQuietly } from './child-process.mjs'
import { withLock } from './lock.mjs'
import { runNpm } from './prepare.mjs'
import { PlainError } from './progress.mjs'
import { testCache } from './test-browsers.mjs'

/**
 * Installs a runtime once, also if several processes need it simultaneously.
 * @param {string} name
 * @param {() => unknown} find whether it is installed
 * @param {(work: string) => Promise<void>} install gets an empty folder, which is deleted afterwards
 */
export async function installRuntime(name, find, install) {
  await withLock(path.join(testCache, `${name}.lock`), async () => {
    const prefix = `fetch-${name}-`
    await removeLeftovers(prefix)
    if (find()) return
    const work = await mkdtemp(path.join(testCache, prefix))
    try {
      await install(work)
    } finally {
      await rm(work, { recursive: true, force: true })
    }
  })
}

/**
 * Deletes the folders of installations that were killed.
 * @param {string} prefix
 */
async function removeLeftovers(prefix) {
  const leftovers = (await readdir(testCache)).filter((name) => name.startsWith(prefix))
  await Promise.all(leftovers.map((name) => rm(path.join(testCache, name), { recursive: true, force: true })))
}

/**
 * Downloads and unpacks a package. Rejects with a PlainError that states the reason.
 * @param {string} name with its version
 * @param {string} sha256 of the archive
 * @param {string} work an empty folder
 * @returns {Promise<string>} the folder of the package
 */
export async function downloadPackage(name, sha256, work) {
  const { status, output } = await runNpm(['pack', name, '--pack-destination', work, '--silent', '--json'])
  const [archive] = (await readdir(work)).filter((file) => file.endsWith('.tgz'))
  if (status !== 0 || archive === undefined)
    throw new PlainError(`Could not download ${name}: ${summarizeFailure(output)}`)
  const file = path.join(work, archive)
  const actual = createHash('sha256')
    .update(await readFile(file))
    .digest('hex')
  if (actual !== sha256) throw new PlainError(`${name} has an unexpected SHA-256: ${actual}.`)
  await untar(file, work)
  return path.join(work, 'package')
}

/**
 * The reason why npm failed; the whole output if it has none.
 * @param {string} output of npm with --json
 * @returns {string}
 */
function summarizeFailure(output) {
  try {
    return JSON.parse(output).error.summary
  } catch {
    return output
  }
}

/**
 * @param {string} file may be compressed with gzip
 * @param {string} folder
 */
export async function untar(file, folder) {
  const { status, output } = await runQuietly('tar', ['-xf', file, '-C', folder, '--no-same-owner'])
  if (status !== 0) throw new PlainError(`Could not unpack ${path.basename(file)}:\n${output}`)
}
