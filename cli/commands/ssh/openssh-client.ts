// The OpenSSH client of this computer: its arguments and environment for connections to workspaces.

import { spawn } from 'node:child_process'
import { constants } from 'node:os'
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

/** The host name of an agent for ssh and scp. */
export const hostOf = ({ workspace, agent }: ReachableAgent) =>
  `${workspace.owner_name}--${workspace.name}.${agent.name}`

/** Arguments of ssh and scp that connect them to hosts of hostOf. */
export function connectionArguments(more: Readonly<Record<string, string>> = {}): string[] {
  // The agent has been reached: the connection is not to start or wait for anything.
  const proxy = proxyCommandLine(ownCommand('ssh', '--stdio', '--disable-autostart', '--wait=no'))
  const options = {
    ...unverifiedHostOptions,
    ProxyCommand: `${proxy} %h`,
    ServerAliveInterval: '10',
    ServerAliveCountMax: '3',
    ...more,
  }
  // Without the user's configuration, whose options for all hosts may not suit a workspace.
  return ['-F', 'none', ...Object.entries(options).flatMap(([name, value]) => ['-o', `${name}=${value}`])]
}

export function buildClientArguments(
  reached: ReachableAgent,
  command: readonly string[],
  { env = [], forwardAgent, identityAgent, remoteForward = [] }: ClientOptions,
): string[] {
  const options = {
    ...(env.length > 0 && { SetEnv: env.map(quoteVariable).join(' ') }),
    ...(identityAgent && { IdentityAgent: identityAgent }),
  }
  const isOnTerminal = process.stdin.isTTY && process.stdout.isTTY
  return [
    ...connectionArguments(options),
    ...(forwardAgent ? ['-A'] : []),
    ...remoteForward.flatMap((forward) => ['-R', forward]),
    ...(isOnTerminal ? ['-t'] : []),
    hostOf(reached),
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

/** Runs a program of OpenSSH. @returns its exit status; that of ssh is that of the remote command, or 255 */
export function runClient(
  program: 'ssh' | 'scp',
  args: readonly string[],
  environment: Readonly<Record<string, string>>,
): Promise<number> {
  const child = spawn(program, args, { stdio: 'inherit', env: { ...process.env, ...environment } })
  // Signals also reach the program, which ends the session.
  const ignored = ['SIGINT', 'SIGQUIT'] as const
  for (const signal of ignored) process.on(signal, () => undefined)
  for (const signal of ['SIGTERM', 'SIGHUP'] as const) process.on(signal, () => child.kill(signal))
  return new Promise((resolve, reject) => {
    child.once('error', (error: NodeJS.ErrnoException) => {
      const isMissing = error.code === 'ENOENT'
      const hint = isMissing ? 'install the OpenSSH client.' : undefined
      reject(new CommandError(`Could not run ${program}.`, { detail: error.message, hint }))
    })
    child.once('exit', (code, signal) => resolve(code ?? (signal ? 128 + constants.signals[signal] : 255)))
  })
}
