// What a terminal starts with: which shell, in which folder, with which environment. Starts nothing.

import { existsSync, readFileSync, statSync } from 'node:fs'
import { homedir, userInfo } from 'node:os'
import { delimiter, isAbsolute, join } from 'node:path'
import { agentSocketVariable } from '../api/agents/agent-socket.ts'
import type { Manifest } from './manifest.ts'
import { integrate } from './shell-integration/integrate.ts'
import { agentSocketPath } from './socket-path.ts'

export interface ShellStart {
  readonly file: string
  readonly args: readonly string[]
  readonly cwd: string
  readonly env: Readonly<Record<string, string>>
  /** Whether it marks its commands (agent/shell-integration). */
  readonly isTaught: boolean
  /** Lines for the person, shown before the shell's own output. */
  readonly notices: readonly string[]
}

/** What whoever opens a terminal wants of it. */
export interface ShellWishes {
  /** Run by the shell instead of a login shell; empty for the shell itself. */
  readonly command: string
  /** A path, or a name to be found on the PATH; empty for the person's own shell. */
  readonly shell: string
  /** On top of the workspace's variables. */
  readonly env: Readonly<Record<string, string>>
  /** Absolute; empty for the workspace's own. */
  readonly folder: string
  /** Whether it is taught to mark its commands. */
  readonly integration: boolean
}

export function prepareShell(
  manifest: Manifest,
  agentEnv: NodeJS.ProcessEnv,
  {
    command,
    shell = '',
    env: wishes = {},
    folder = '',
    integration = false,
  }: Pick<ShellWishes, 'command'> & Partial<ShellWishes>,
): ShellStart {
  const env = { ...shellEnvironment(manifest, agentEnv), ...wishes }
  const notices: string[] = []
  const file = findShell(shell, env, notices)
  const cwd = findFolder(manifest.directory, folder, notices)
  if (command) return { file, args: ['-c', command], cwd, env: { ...env, SHELL: file }, isTaught: false, notices }
  notices.push(...readMotd(manifest.motd_file, env.HOME ?? homedir()))
  const taught = integration ? integrate(file, env) : undefined
  const { args, env: additions } = taught ?? { args: ['-l'], env: {} }
  return { file, args, cwd, env: { ...env, SHELL: file, ...additions }, isTaught: taught !== undefined, notices }
}

// A message is some lines; a file that somebody named by mistake is not printed into every shell.
const maxMotdBytes = 16 * 1024

/** The message of the day, unless the person wants none. */
function readMotd(path: string, home: string): string[] {
  if (path === '' || existsSync(join(home, '.hushlogin'))) return []
  const file = expandFolder(path)
  try {
    const found = statSync(file, { throwIfNoEntry: false })
    if (!found?.isFile() || found.size === 0 || found.size > maxMotdBytes) return []
    return readFileSync(file, 'utf8').trimEnd().split('\n')
  } catch (error) {
    return [`The message of the day cannot be read: ${(error as Error).message}`]
  }
}

/** The environment of everything the agent starts for the person: terminals and scripts. */
function shellEnvironment(manifest: Manifest, agentEnv: NodeJS.ProcessEnv): Record<string, string> {
  const inherited: Record<string, string> = Object.fromEntries(Object.entries(agentEnv).filter(isSet))
  for (const name of multiplexerVariables) delete inherited[name]
  const socket = agentSocketPath(manifest.agent_id, agentEnv)
  return {
    // Without any language, programs take every character that is not ASCII for garbage.
    LANG: 'C.UTF-8',
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

// An agent started inside a terminal multiplexer must not make each of its own terminals believe to be in it.
const multiplexerVariables = ['TMUX', 'TMUX_PANE', 'STY', 'WINDOW', 'TERMCAP', 'COLUMNS', 'LINES']

const isSet = (entry: [string, string | undefined]): entry is [string, string] => entry[1] !== undefined

function findShell(chosen: string, env: Readonly<Record<string, string>>, notices: string[]): string {
  if (chosen) {
    const found = findProgram(chosen, env.PATH ?? '')
    if (found) return found
    notices.push(`The shell ${chosen} of the profile does not exist here; your own runs instead.`)
  }
  const wanted = env.SHELL || userInfo().shell || '/bin/sh'
  if (existsSync(wanted)) return wanted
  notices.push(`The shell ${wanted} does not exist here; /bin/sh runs instead.`)
  return '/bin/sh'
}

function findProgram(name: string, path: string): string | undefined {
  const folders = name.includes('/') ? [''] : path.split(delimiter).filter(isAbsolute)
  return folders.map((folder) => join(folder, name)).find((file) => isAbsolute(file) && existsSync(file))
}

function findFolder(directory: string, wanted: string, notices: string[]): string {
  if (isAbsolute(wanted) && isFolder(wanted)) return wanted
  const folder = expandFolder(directory)
  if (wanted && isFolder(folder))
    notices.push(`The folder ${wanted} does not exist here; the terminal starts in ${folder}.`)
  if (isFolder(folder)) return folder
  notices.push(`The folder ${folder} does not exist; the terminal starts in ${homedir()}.`)
  return isFolder(homedir()) ? homedir() : '/'
}

/** The absolute path a manifest's directory stands for: `~`, `$HOME`, relative to the home folder, or empty for it. */
export function expandFolder(directory: string): string {
  const expanded = directory.replace(/^(~|\$HOME)(?=\/|$)/, homedir())
  return isAbsolute(expanded) ? expanded : join(homedir(), expanded)
}

export function isFolder(path: string): boolean {
  try {
    return statSync(path).isDirectory()
  } catch {
    return false // or may not be looked at: no terminal can start there either
  }
}
