// Finds an Electron that can open a window here: the one that is named, the one that is installed, or the one that
// the npm package downloads, if that download begins soon. Opens nothing itself.

import { spawn } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { note } from '../output/print.ts'

/** An executable, or the reason why there is none, as the end of a sentence. */
export type ElectronRuntime = { readonly executable: string } | { readonly missing: string }

// A person who waits longer than this without seeing anything happen believes that nothing will.
const downloadBeginsWithinMs = 10_000
const pollMs = 200

export async function findElectron(env: NodeJS.ProcessEnv = process.env): Promise<ElectronRuntime> {
  if (!hasDisplay(env)) return { missing: 'there is no display (DISPLAY and WAYLAND_DISPLAY are not set)' }
  if (env.ELECTRON_OVERRIDE_DIST_PATH) return namedRuntime(env.ELECTRON_OVERRIDE_DIST_PATH)
  const folder = electronPackage()
  if (!folder) return { missing: 'the electron package is not installed' }
  return installedRuntime(folder) ?? (await download(folder))
}

const hasDisplay = (env: NodeJS.ProcessEnv) =>
  process.platform !== 'linux' || Boolean(env.DISPLAY || env.WAYLAND_DISPLAY)

const executableName = () =>
  ({ darwin: 'Electron.app/Contents/MacOS/Electron', win32: 'electron.exe' })[process.platform as string] ?? 'electron'

function namedRuntime(folder: string): ElectronRuntime {
  const executable = join(folder, executableName())
  return existsSync(executable) ? { executable } : { missing: `ELECTRON_OVERRIDE_DIST_PATH holds no ${executable}` }
}

function electronPackage(): string | null {
  try {
    return dirname(createRequire(import.meta.url).resolve('electron/package.json'))
  } catch {
    return null // not installed
  }
}

function installedRuntime(folder: string): ElectronRuntime | null {
  const pathFile = join(folder, 'path.txt')
  if (!existsSync(pathFile)) return null
  const executable = join(folder, 'dist', readFileSync(pathFile, 'utf8'))
  return existsSync(executable) ? { executable } : null
}

/** Runs the package's own download. Its first bytes show as a file in the temporary folder it is given. */
async function download(folder: string): Promise<ElectronRuntime> {
  note('Downloading the Electron runtime, once …')
  const temporary = mkdtempSync(join(tmpdir(), 'coder-local-electron-'))
  const child = spawn(process.execPath, [join(folder, 'install.js')], {
    env: { ...process.env, TMPDIR: temporary, TEMP: temporary, TMP: temporary },
    stdio: ['ignore', 'inherit', 'pipe'],
  })
  let complaint = ''
  child.stderr.on('data', (chunk: Buffer) => {
    complaint += chunk
  })
  let hasEnded = false
  const ended = new Promise<void>((resolve) => {
    child.on('close', () => {
      hasEnded = true
      resolve()
    })
  })
  try {
    if (!(await begins(temporary, () => hasEnded)))
      return { missing: `the download of Electron did not begin within ${downloadBeginsWithinMs / 1000} s` }
    await ended
    const reason = complaint.split('\n')[0]?.replace(/^\w*Error: /, '')
    return installedRuntime(folder) ?? { missing: `Electron cannot be downloaded (${reason || 'the download failed'})` }
  } finally {
    child.kill()
    rmSync(temporary, { recursive: true, force: true })
  }
}

/** True as soon as a downloaded file has content, or the download has ended; false when the time is up. */
async function begins(folder: string, hasEnded: () => boolean): Promise<boolean> {
  const deadline = Date.now() + downloadBeginsWithinMs
  while (Date.now() < deadline) {
    if (hasEnded() || hasContent(folder)) return true
    await new Promise((resolve) => setTimeout(resolve, pollMs))
  }
  return false
}

function hasContent(folder: string): boolean {
  try {
    const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile())
    return files.some((file) => statSync(join(file.parentPath, file.name)).size > 0)
  } catch {
    return false // the download has taken a folder away while it was read
  }
}
