// `coder install`: makes the command known to the shell by a small script in a folder of the PATH. Where another program
// is called `coder`, such as Coder's own command line, ours is called `coder-local` and the other is left alone.

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

export async function install([given]: readonly string[], options: InstallOptions): Promise<void> {
  const folder = resolve(given ?? join(homedir(), '.local', 'bin'))
  const name = options.name ?? chooseName()
  const file = join(folder, isWindows ? `${name}.cmd` : name)
  if (existsSync(file) && !isOurs(file))
    throw new CommandError(`${file} is another program, and stays as it is.`, { hint: 'choose another --name.' })
  mkdirSync(folder, { recursive: true })
  writeFileSync(file, launcher(name), { mode: 0o755 })
  print(`${name} is installed as ${file}.`)
  if (!pathFolders().includes(folder)) note(`${folder} is not on the PATH yet: add it in the settings of your shell.`)
}

const isWindows = process.platform === 'win32'

const pathFolders = () => (process.env.PATH ?? '').split(delimiter).filter(Boolean)

/** `coder`, unless that means another program here. */
function chooseName(): string {
  const other = pathFolders()
    .map((folder) => join(folder, isWindows ? 'coder.exe' : 'coder'))
    .find((file) => isExecutable(file) && !isOurs(file))
  if (other) note(`${other} is another program of that name, and stays as it is.`)
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

/** The second line of every script of ours, by which it is told from other programs. */
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
