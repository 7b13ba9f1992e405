// Additional request headers from --header and --header-command, for a proxy in front of the deployment.

import { execFileSync } from 'node:child_process'
import { CommandError } from '../output/errors.ts'

export interface HeaderOptions {
  readonly header?: readonly string[]
  readonly headerCommand?: string
}

/** @throws CommandError when a header is not `name=value` or the command fails. */
export function extraHeaders({ header = [], headerCommand }: HeaderOptions): Record<string, string> {
  const printed = headerCommand ? runHeaderCommand(headerCommand) : []
  return Object.fromEntries([...header, ...printed].map(parseHeader))
}

function parseHeader(text: string): [string, string] {
  const [name = '', ...rest] = text.split('=')
  if (name.trim() === '' || rest.length === 0)
    throw new CommandError(`The header "${text}" does not have the form name=value.`)
  return [name.trim(), rest.join('=').trim()]
}

function runHeaderCommand(command: string): string[] {
  const [shell, flag] = process.platform === 'win32' ? ['cmd', '/c'] : ['sh', '-c']
  try {
    const text = execFileSync(shell as string, [flag as string, command], { encoding: 'utf8' })
    return text.split('\n').filter((line) => line.trim() !== '')
  } catch (error) {
    throw new CommandError('The command of --header-command failed.', { detail: (error as Error).message })
  }
}
