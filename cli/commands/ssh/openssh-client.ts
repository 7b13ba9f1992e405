// Arguments and environment of the OpenSSH client for one session in a workspace.

import { resolve } from 'node:path'
import { shellQuoted } from '../../../lib/shell-quoted.ts'
import type { GlobalOptions } from '../../connection/local-deployment.ts'
import type { ReachableAgent } from '../../dial/reach-agent.ts'
import { ownCommand } from '../../launch/entrypoints.ts'
import { CommandError } from '../../output/errors.ts'

export interface ClientOptions {
  readonly env?: readonly string[]
  readonly forwardAgent?: boolean
  readonly identityAgent?: string
  readonly remoteForward?: readonly string[]
}

/** The deployment authenticates both ends, and the agent derives its host key (docs/decisions): a check would add
 *  nothing. */
export const unverifiedHostOptions = {
  StrictHostKeyChecking: 'no',
  UserKnownHostsFile: '/dev/null',
  LogLevel: 'ERROR',
} as const

export function buildClientArguments(
  { workspace, agent }: ReachableAgent,
  command: readonly string[],
  { env = [], forwardAgent, identityAgent, remoteForward = [] }: ClientOptions,
): string[] {
  const host = `${workspace.owner_name}--${workspace.name}.${agent.name}`
  // The agent has been reached: the connection is not to start or wait for anything.
  const proxy = ownCommand('ssh', '--stdio', '--disable-autostart', '--wait=no', host)
  const options = {
    ...unverifiedHostOptions,
    ProxyCommand: proxyCommandLine(proxy),
    ServerAliveInterval: '10',
    ServerAliveCountMax: '3',
    ...(env.length > 0 && { SetEnv: env.map(quoteVariable).join(' ') }),
    ...(identityAgent && { IdentityAgent: identityAgent }),
  }
  const isOnTerminal = process.stdin.isTTY && process.stdout.isTTY
  return [
    // Without the user's configuration, whose options for all hosts may not suit a workspace.
    '-F',
    'none',
    ...Object.entries(options).flatMap(([name, value]) => ['-o', `${name}=${value}`]),
    ...(forwardAgent ? ['-A'] : []),
    ...remoteForward.flatMap((forward) => ['-R', forward]),
    ...(isOnTerminal ? ['-t'] : []),
    host,
    ...command,
  ]
}

/** ssh expands `%` and runs the line with a shell. */
export function proxyCommandLine(command: readonly string[]): string {
  const quote = process.platform === 'win32' ? (word: string) => `"${word}"` : quoteForShell
  return command.map(quote).join(' ').replaceAll('%', '%%')
}

const quoteForShell = (word: string) => (/^[\w@:./=+-]+$/.test(word) ? word : shellQuoted(word))

function quoteVariable(text: string): string {
  const [, name, value = ''] = /^([A-Za-z_]\w*)=(.*)$/s.exec(text) ?? []
  if (name === undefined)
    throw new CommandError(`--env "${text}" is not a variable.`, { hint: 'use the form NAME=value.' })
  return `${name}="${value.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`
}

/** Passes the options that select the deployment to the ProxyCommand, where the process list does not show them. */
export function clientEnvironment({ url, token, globalConfig, header = [], headerCommand }: GlobalOptions) {
  return {
    ...(url && { CODER_URL: url }),
    ...(token && { CODER_SESSION_TOKEN: token }),
    ...(globalConfig && { CODER_CONFIG_DIR: resolve(globalConfig) }),
    ...(header.length > 0 && { CODER_HEADER: header.map((text) => `"${text.replaceAll('"', '""')}"`).join(',') }),
    ...(headerCommand && { CODER_HEADER_COMMAND: headerCommand }),
  }
}
