// Command, folder and environment of a new terminal. Starts nothing.

import { existsSync, readFileSync, statSync } from 'node:fs'
import { homedir } from 'node:os'
import { delimiter, isAbsolute, join } from 'node:path'
import { agentSocketVariable } from '../api/agents/agent-socket.ts'
import { readAccount } from '../lib/account.ts'
import { shellQuoted } from '../lib/shell-quoted.ts'
import type { Manifest } from './manifest.ts'
import { integrate } from './shell-integration/integrate.ts'
import { agentSocketPath } from './socket-path.ts'

export interface ShellStart {
  readonly file: string
  readonly args: readonly string[]
  readonly cwd: string
  readonly env: Readonly<Record<string, string>>
  /** Whether shell integration is active (agent/shell-integration). */
  readonly isIntegrated: boolean
  /** Notices shown before the shell's output. */
  readonly notices: readonly string[]
}

/** Options of the client that opens a terminal. */
export interface ShellOptions {
  /** Command to run instead of a login shell; empty for the shell itself. */
  readonly command: string
  /** A path, or a name on the PATH; empty for the user's default shell. */
  readonly shell: string
  /** Added to the workspace's variables. */
  readonly env: Readonly<Record<string, string>>
  /** Absolute; empty for the workspace's folder. */
  readonly folder: string
  /** Whether to use shell integration. */
  readonly integration: boolean
}

export function prepareShell(
  manifest: Manifest,
  agentEnv: NodeJS.ProcessEnv,
  {
    command,
    shell = '',
    env: extraEnv = {},
    folder = '',
    integration = false,
  }: Pick<ShellOptions, 'command'> & Partial<ShellOptions>,
): ShellStart {
  const env = { ...shellEnvironment(manifest, agentEnv), ...extraEnv }
  const notices: string[] = []
  const file = findShell(shell, env, notices)
  const cwd = findFolder(manifest.directory, folder, notices)
  if (command) return { file, args: ['-c', command], cwd, env: { ...env, SHELL: file }, isIntegrated: false, notices }
  notices.push(...readMotd(manifest.motd_file, env.HOME ?? homedir()))
  const start = integration ? integrate(file, env) : undefined
  const { args, env: additions } = start ?? { args: ['-l'], env: {} }
  return { file, args, cwd, env: { ...env, SHELL: file, ...additions }, isIntegrated: start !== undefined, notices }
}

// Limit, in case the setting names the wrong file.
const maxMotdBytes = 16 * 1024

/** The message of the day, unless the user disabled it. */
function readMotd(path: string, home: string): string[] {
  if (path === '' || existsSync(join(home, '.hushlogin'))) return []
  const file = expandFolder(path)
  try {
    const found = statSync(file, { throwIfNoEntry: false })
    if (!found?.isFile() || found.size === 0 || found.size > maxMotdBytes) return []
    return readFileSync(file, 'utf8').trimEnd().split('\n')
  } catch (error) {
    return [`Could not read the message of the day: ${(error as Error).message}`]
  }
}

/** Environment of all terminals and scripts. */
function shellEnvironment(manifest: Manifest, agentEnv: NodeJS.ProcessEnv): Record<string, string> {
  const inherited: Record<string, string> = Object.fromEntries(Object.entries(agentEnv).filter(isSet))
  for (const name of multiplexerVariables) delete inherited[name]
  const socket = agentSocketPath(manifest.agent_id, agentEnv)
  return {
    // Without a locale, programs reject non-ASCII characters.
    LANG: 'C.UTF-8',
    ...gitVariables(inherited.PATH ?? ''),
    ...inherited,
    HOME: inherited.HOME ?? homedir(),
    TERM: 'xterm-256color',
    COLORTERM: 'truecolor',
    ...manifest.environment,
    CODER: 'true',
    CODER_WORKSPACE_NAME: manifest.workspace_name,
    CODER_WORKSPACE_AGENT_NAME: manifest.agent_name,
    CODER_WORKSPACE_OWNER_NAME: manifest.owner_name,
    ...(socket && { [agentSocketVariable]: socket }),
  }
}

/** Git connects with the owner's key, in addition to the keys of the workspace (`coder gitssh`). */
function gitVariables(path: string): Record<string, string> {
  const coder = findProgram('coder', path)
  return coder ? { GIT_SSH_COMMAND: `${shellQuoted(coder)} gitssh --` } : {}
}

// Removes the variables of a terminal multiplexer in which the agent was started.
const multiplexerVariables = ['TMUX', 'TMUX_PANE', 'STY', 'WINDOW', 'TERMCAP', 'COLUMNS', 'LINES']

const isSet = (entry: [string, string | undefined]): entry is [string, string] => entry[1] !== undefined

function findShell(chosen: string, env: Readonly<Record<string, string>>, notices: string[]): string {
  if (chosen) {
    const found = findProgram(chosen, env.PATH ?? '')
    if (found) return found
    notices.push(
      `The profile's shell ${chosen} does not exist in this workspace. Your default shell was started instead.`,
    )
  }
  const wanted = env.SHELL || readAccount().shell || '/bin/sh'
  if (existsSync(wanted)) return wanted
  notices.push(`The shell ${wanted} does not exist in this workspace. /bin/sh was started instead.`)
  return '/bin/sh'
}

function findProgram(name: string, path: string): string | undefined {
  const folders = name.includes('/') ? [''] : path.split(delimiter).filter(isAbsolute)
  return folders.map((folder) => join(folder, name)).find((file) => isAbsolute(file) && existsSync(file))
}

function findFolder(directory: string, wanted: string, notices: string[]): string {
  if (isAbsolute(wanted) && isFolder(wanted)) return wanted
  const folder = expandFolder(directory)
  if (wanted && isFolder(folder)) notices.push(`The folder ${wanted} does not exist. The terminal starts in ${folder}.`)
  if (isFolder(folder)) return folder
  notices.push(`The folder ${folder} does not exist. The terminal starts in ${homedir()}.`)
  return isFolder(homedir()) ? homedir() : '/'
}

/** Resolves the manifest's directory: `~`, `$HOME`, relative to the home folder, or empty for the home folder. */
export function expandFolder(directory: string): string {
  const expanded = directory.replace(/^(~|\$HOME)(?=\/|$)/, homedir())
  return isAbsolute(expanded) ? expanded : join(homedir(), expanded)
}

export function isFolder(path: string): boolean {
  try {
    return statSync(path).isDirectory()
  } catch {
    return false // not accessible: no terminal can start there
  }
}
