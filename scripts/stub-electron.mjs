// Packs the old Electron of the tests into an archive that Electron Forge accepts as the release.

import { globSync, readFileSync, statSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import path from 'node:path'
import { zipSync } from 'fflate'
import { PlainError } from './progress.mjs'
import { inProject } from './project.mjs'
import { findTestElectron } from './test-browsers.mjs'
import { fetchTestElectron } from './test-electron.mjs'

const unixAttributes = 3

/** @param {string} folder the destination */
export async function zipStubElectron(folder) {
  await fetchTestElectron()
  const runtime = findTestElectron()
  if (!runtime) throw new PlainError('No Electron for tests is available on this platform.')
  const { version } = JSON.parse(readFileSync(inProject('node_modules/electron/package.json'), 'utf8'))
  // Electron would start its default app instead of the packaged one.
  const files = globSync('**', { cwd: runtime, exclude: (name) => name === 'app' }).filter((name) =>
    statSync(path.join(runtime, name)).isFile(),
  )
  const archive = zipSync(Object.fromEntries(files.map((name) => [name, zipEntry(path.join(runtime, name))])), {
    level: 0,
  })
  await writeFile(path.join(folder, `electron-v${version}-${process.platform}-${process.arch}.zip`), archive)
}

/**
 * @param {string} file
 * @returns {import('fflate').ZippableFile}
 */
function zipEntry(file) {
  return [readFileSync(file), { os: unixAttributes, attrs: statSync(file).mode << 16 }]
}
