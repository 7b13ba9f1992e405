// Finds an Electron runtime: the one of ELECTRON_OVERRIDE_DIST_PATH, the installed one, or the one that the npm package
// downloads, unless the download stalls. Does not start it.

import { spawn } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { note } from '../output/print.ts'

/** An executable, or why there is none, as a clause of a sentence. */
export type ElectronRuntime = { readonly executable: string } | { readonly missing: string }

// A user who sees no progress for longer than this assumes that the command hangs.
const downloadStartTimeoutMs = 10_000
const pollMs = 200

export async function findElectron(env: NodeJS.ProcessEnv = process.env): Promise<ElectronRuntime> {
  if (!hasDisplay(env)) return { missing: 'there is no display (DISPLAY and WAYLAND_DISPLAY are not set)' }
  if (env.ELECTRON_OVERRIDE_DIST_PATH) return overrideRuntime(env.ELECTRON_OVERRIDE_DIST_PATH)
  const folder = findElectronPackage()
  if (!folder) return { missing: 'the electron package is not installed' }
  return installedRuntime(folder) ?? (await download(folder))
}

const hasDisplay = (env: NodeJS.ProcessEnv) =>
  process.platform !== 'linux' || Boolean(env.DISPLAY || env.WAYLAND_DISPLAY)

const executableName = () =>
  ({ darwin: 'Electron.app/Contents/MacOS/Electron', win32: 'electron.exe' })[process.platform as string] ?? 'electron'

function overrideRuntime(folder: string): ElectronRuntime {
  const executable = join(folder, executableName())
  return existsSync(executable)
    ? { executable }
    : { missing: `ELECTRON_OVERRIDE_DIST_PATH does not contain ${executable}` }
}

function findElectronPackage(): string | null {
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

/** Runs the package's own download. The first bytes appear as a file in the temporary folder passed to it. */
async function download(folder: string): Promise<ElectronRuntime> {
  note('Downloading the Electron runtime, once …')
  const temporary = mkdtempSync(join(tmpdir(), 'coder-local-electron-'))
  const child = spawn(process.execPath, [join(folder, 'install.js')], {
    env: { ...process.env, TMPDIR: temporary, TEMP: temporary, TMP: temporary },
    stdio: ['ignore', 'inherit', 'pipe'],
  })
  let errorOutput = ''
  child.stderr.on('data', (chunk: Buffer) => {
    errorOutput += chunk
  })
  let hasExited = false
  const ended = new Promise<void>((resolve) => {
    child.on('close', () => {
      hasExited = true
      resolve()
    })
  })
  try {
    if (!(await downloadStarts(temporary, () => hasExited)))
      return { missing: `the download of Electron did not start within ${downloadStartTimeoutMs / 1000} s` }
    await ended
    const reason = errorOutput.split('\n')[0]?.replace(/^\w*Error: /, '')
    return installedRuntime(folder) ?? { missing: `Electron could not be downloaded (${reason || 'unknown error'})` }
  } finally {
    child.kill()
    rmSync(temporary, { recursive: true, force: true })
  }
}

/** True once a downloaded file has content or the download has exited; false on timeout. */
async function downloadStarts(folder: string, hasExited: () => boolean): Promise<boolean> {
  const deadline = Date.now() + downloadStartTimeoutMs
  while (Date.now() < deadline) {
    if (hasExited() || hasContent(folder)) return true
    await new Promise((resolve) => setTimeout(resolve, pollMs))
  }
  return false
}

function hasContent(folder: string): boolean {
  try {
    const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile())
    return files.some((file) => statSync(join(file.parentPath, file.name)).size > 0)
  } catch {
    return false // the download removed a folder while it was read
  }
}
