// How a shell is started so that it marks its commands, without touching the person's files: by arguments and variables
// that make it read a file of ours (scripts/), which hands over to theirs.

import { accessSync, constants } from 'node:fs'
import { basename } from 'node:path'
import { fileURLToPath } from 'node:url'

/** Of the shell's environment: what its marks are to carry (api/agents/agent-protocol.ts). The scripts take it out at once, so that
 *  no program of the terminal is told. */
export const nonceVariable = 'CODER_SHELL_NONCE'

const scripts = fileURLToPath(new URL('./scripts', import.meta.url))

interface Start {
  readonly args: readonly string[]
  readonly env: Readonly<Record<string, string>>
}

/** By the name of the program. @param folder of the scripts */
const ways: Readonly<Record<string, (folder: string, env: Start['env']) => Start>> = {
  // A login bash reads no file that could be named to it; the script does what a login shell does.
  bash: (folder) => ({ args: ['--rcfile', `${folder}/coder.bash`], env: {} }),
  zsh: (folder, { ZDOTDIR }) => ({
    args: ['-l'],
    env: { ZDOTDIR: `${folder}/zsh`, ...(ZDOTDIR !== undefined && { CODER_ZDOTDIR: ZDOTDIR }) },
  }),
  // Newer ones mark commands themselves, without the command lines; older ones pass the name over.
  fish: (folder) => ({
    args: ['-l', '--features', 'no-mark-prompt', '-C', `source ${quoted(`${folder}/coder.fish`)}`],
    env: {},
  }),
  pwsh: (folder) => ({
    args: ['-Login', '-NoExit', '-Command', `. ${quoted(`${folder}/coder.ps1`)}`],
    env: {},
  }),
}

const entries: Readonly<Record<string, string>> = {
  bash: 'coder.bash',
  zsh: 'zsh/.zshenv',
  fish: 'coder.fish',
  pwsh: 'coder.ps1',
}

/** What both fish and PowerShell take for one word: neither folder nor file has a quote or a backslash of its own. */
const quoted = (path: string) => `'${path}'`

/** @param env of the shell. @returns undefined for a shell that is not taught, and where the person wants none. */
export function integrate(shell: string, env: Readonly<Record<string, string>>, folder = scripts): Start | undefined {
  const name = basename(shell)
  if (env.CODER_SHELL_INTEGRATION === '0' || !Object.hasOwn(ways, name) || /['\\]/.test(folder)) return undefined
  // A holder outlives the version that it came with; a shell that was sent to a file which is gone would read nothing.
  return isReadable(`${folder}/${entries[name]}`) ? ways[name]?.(folder, env) : undefined
}

function isReadable(file: string): boolean {
  try {
    accessSync(file, constants.R_OK)
    return true
  } catch {
    return false
  }
}
