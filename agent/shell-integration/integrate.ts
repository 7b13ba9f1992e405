// Starts shells with shell integration, without changing the user's files: arguments and variables make the shell load
// our script (scripts/), which then loads the user's files.

import { accessSync, constants } from 'node:fs'
import { basename } from 'node:path'
import { fileURLToPath } from 'node:url'

/** Variable with the nonce of the shell's marks (api/agents/agent-protocol.ts). The scripts remove it from the
 *  environment, so that programs in the terminal cannot read it. */
export const nonceVariable = 'CODER_SHELL_NONCE'

const scripts = fileURLToPath(new URL('./scripts', import.meta.url))

interface Start {
  readonly args: readonly string[]
  readonly env: Readonly<Record<string, string>>
}

/** Start options by program name. @param folder of the scripts */
const starts: Readonly<Record<string, (folder: string, env: Start['env']) => Start>> = {
  // A login bash accepts no other start-up file; the script loads the files of a login shell.
  bash: (folder) => ({ args: ['--rcfile', `${folder}/coder.bash`], env: {} }),
  zsh: (folder, { ZDOTDIR }) => ({
    args: ['-l'],
    env: { ZDOTDIR: `${folder}/zsh`, ...(ZDOTDIR !== undefined && { CODER_ZDOTDIR: ZDOTDIR }) },
  }),
  // Newer versions emit marks without command lines; older versions ignore the option.
  fish: (folder) => ({
    args: ['-l', '--features', 'no-mark-prompt', '-C', `source ${quoted(`${folder}/coder.fish`)}`],
    env: {},
  }),
  pwsh: (folder) => ({
    args: ['-Login', '-NoExit', '-Command', `. ${quoted(`${folder}/coder.ps1`)}`],
    env: {},
  }),
}

const scriptFiles: Readonly<Record<string, string>> = {
  bash: 'coder.bash',
  zsh: 'zsh/.zshenv',
  fish: 'coder.fish',
  pwsh: 'coder.ps1',
}

/** Quotes a word for fish and PowerShell; neither the folder nor the file contains quotes or backslashes. */
const quoted = (path: string) => `'${path}'`

/** @param env of the shell. @returns undefined for unsupported shells and when the user disabled it. */
export function integrate(shell: string, env: Readonly<Record<string, string>>, folder = scripts): Start | undefined {
  const name = basename(shell)
  if (env.CODER_SHELL_INTEGRATION === '0' || !Object.hasOwn(starts, name) || /['\\]/.test(folder)) return undefined
  // A holder may outlive its installed version. Without the scripts, the shell would load no start-up file at all.
  return isReadable(`${folder}/${scriptFiles[name]}`) ? starts[name]?.(folder, env) : undefined
}

function isReadable(file: string): boolean {
  try {
    accessSync(file, constants.R_OK)
    return true
  } catch {
    return false
  }
}
