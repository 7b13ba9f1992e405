// `coder install`: writes a launcher script into a folder of the PATH, named `coder`, or `coder-local` if another program,
// such as Coder's own command line, has that name.

import { accessSync, closeSync, constants, existsSync, mkdirSync, openSync, readSync, writeFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { delimiter, join, resolve } from 'node:path'
import { shellQuoted } from '../../../lib/shell-quoted.ts'
import type { GlobalOptions } from '../../connection/local-deployment.ts'
import { ownCommand } from '../../launch/entrypoints.ts'
import { CommandError } from '../../output/errors.ts'
import { note, print } from '../../output/print.ts'

interface InstallOptions extends GlobalOptions {
  readonly name?: string
}

export async function install([target]: readonly string[], options: InstallOptions): Promise<void> {
  const folder = resolve(target ?? join(homedir(), '.local', 'bin'))
  const name = options.name ?? chooseName()
  const file = join(folder, isWindows ? `${name}.cmd` : name)
  if (existsSync(file) && !isOurs(file))
    throw new CommandError(`${file} is another program and was not replaced.`, { hint: 'choose another --name.' })
  mkdirSync(folder, { recursive: true })
  writeFileSync(file, launcher(name), { mode: 0o755 })
  print(`Installed ${name} as ${file}.`)
  if (!pathFolders().includes(folder)) note(`${folder} is not on the PATH: add it in the start-up file of your shell.`)
}

const isWindows = process.platform === 'win32'

const pathFolders = () => (process.env.PATH ?? '').split(delimiter).filter(Boolean)

/** `coder`, unless another program on the PATH has that name. */
function chooseName(): string {
  const other = pathFolders()
    .map((folder) => join(folder, isWindows ? 'coder.exe' : 'coder'))
    .find((file) => isExecutable(file) && !isOurs(file))
  if (other) note(`${other} is another program with this name and stays unchanged.`)
  return other ? 'coder-local' : 'coder'
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK)
    return true
  } catch {
    return false
  }
}

/** The second line of every launcher script, which identifies it. */
const marker = 'Runs the command line of Coder Local'

function launcher(name: string): string {
  const [node, program = ''] = ownCommand()
  return isWindows
    ? `@rem ${marker}.\r\n@set CODER_LOCAL_COMMAND=${name}\r\n@"${node}" "${program}" %*\r\n`
    : `#!/bin/sh\n# ${marker}.\nCODER_LOCAL_COMMAND=${name} exec ${shellQuoted(node)} ${shellQuoted(program)} "$@"\n`
}

function isOurs(file: string): boolean {
  const start = Buffer.alloc(200)
  const opened = openSync(file, 'r')
  try {
    readSync(opened, start, 0, start.length, 0)
    return start.includes(marker)
  } finally {
    closeSync(opened)
  }
}
