// `npm run package`: lays out what the package carries (package-layout.mjs) and lets Electron Forge put Electron around
// it. The result is out/Coder Local-<platform>-<arch>. Electron is downloaded, or taken from the archive in
// CODER_LOCAL_ELECTRON_ZIP_DIR; `--stand-in` takes the tests' old Electron, to try the layout where no download is.

import { existsSync } from 'node:fs'
import { cp, mkdir, rm } from 'node:fs/promises'
import path from 'node:path'
import { runInForeground } from './child-process.mjs'
import { electronZipVariable, packagedModules, packagedParts, stagingFolder } from './package-layout.mjs'
import { prepare } from './prepare.mjs'
import { PlainError, runScript, stage } from './progress.mjs'
import { inProject } from './project.mjs'
import { zipStandInElectron } from './stand-in-electron.mjs'

await runScript(async () => {
  const node = await prepare()
  await stage('Laying out what the package carries', layOut)
  const environment = await chooseElectron()
  const forge = inProject('node_modules/@electron-forge/cli/dist/electron-forge.js')
  const status = await runInForeground(node, [forge, 'package'], { env: { ...process.env, ...environment } })
  await rm(stagingFolder, { recursive: true, force: true })
  if (status !== 0) throw new PlainError('Electron Forge could not make the package; its reason is above.')
})

async function layOut() {
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
  if (!existsSync(inProject(part))) throw new PlainError(`${part} is missing, so the package would be incomplete.`)
  await cp(inProject(part), path.join(folder, part), {
    recursive: true,
    verbatimSymlinks: true,
    filter: (source) => !source.endsWith('.map'),
  })
}

/** @returns {Promise<NodeJS.ProcessEnv>} */
async function chooseElectron() {
  if (!process.argv.includes('--stand-in')) return {}
  const folder = path.join(stagingFolder, 'electron')
  await mkdir(folder, { recursive: true })
  await stage('Zipping the stand-in for Electron', () => zipStandInElectron(folder))
  console.log('This package contains the old Electron of the tests. It proves the layout. Never ship it.')
  return { [electronZipVariable]: folder }
}
