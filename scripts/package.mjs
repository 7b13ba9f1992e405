// `npm run package`: collects the contents of the package (package-layout.mjs) and runs Electron Forge, which adds
// Electron and writes out/Coder Local-<platform>-<arch>. Electron is downloaded, or read from the archive in
// CODER_LOCAL_ELECTRON_ZIP_DIR. With `--stub-electron` the package contains the old Electron of the tests, which proves
// the layout without a download.

import { existsSync } from 'node:fs'
import { cp, mkdir, rm } from 'node:fs/promises'
import path from 'node:path'
import { runInForeground } from './child-process.mjs'
import {
  electronZipVariable,
  packagedModules,
  packagedParts,
  stagingFolder,
  stubElectronVariable,
} from './package-layout.mjs'
import { prepare } from './prepare.mjs'
import { PlainError, runScript, stage } from './progress.mjs'
import { inProject } from './project.mjs'
import { zipStubElectron } from './stub-electron.mjs'

await runScript(async () => {
  const node = await prepare()
  await stage('Collecting the contents of the package', collectContents)
  const environment = await chooseElectron()
  const forge = inProject('node_modules/@electron-forge/cli/dist/electron-forge.js')
  const status = await runInForeground(node, [forge, 'package'], { env: { ...process.env, ...environment } })
  await rm(stagingFolder, { recursive: true, force: true })
  if (status !== 0) throw new PlainError('Electron Forge could not create the package. The reason is printed above.')
})

async function collectContents() {
  await rm(stagingFolder, { recursive: true, force: true })
  await Promise.all([
    ...packagedParts.map((part) => copyInto(stagingFolder, path.join('dist', part))),
    ...Object.entries(packagedModules).flatMap(([name, parts]) =>
      parts.map((part) => copyInto(stagingFolder, path.join('node_modules', name, part))),
    ),
  ])
}

/**
 * @param {string} folder
 * @param {string} part relative to the checkout
 */
async function copyInto(folder, part) {
  if (!existsSync(inProject(part)))
    throw new PlainError(`${part} is missing: the package would be incomplete. Run npm run build.`)
  await cp(inProject(part), path.join(folder, part), {
    recursive: true,
    verbatimSymlinks: true,
    filter: (source) => !source.endsWith('.map'),
  })
}

/** @returns {Promise<NodeJS.ProcessEnv>} */
async function chooseElectron() {
  if (!process.argv.includes('--stub-electron')) return {}
  const folder = path.join(stagingFolder, 'electron')
  await mkdir(folder, { recursive: true })
  await stage('Zipping the stub Electron', () => zipStubElectron(folder))
  console.log('This package contains the old Electron of the tests. It only proves the layout: do not distribute it.')
  return { [electronZipVariable]: folder, [stubElectronVariable]: '1' }
}
