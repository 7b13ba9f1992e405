// The completion script of each shell, which calls `coder complete`, and the start-up file that loads it.

import { homedir } from 'node:os'
import { join } from 'node:path'

export const shells = ['bash', 'zsh', 'fish', 'powershell'] as const
export type Shell = (typeof shells)[number]

interface Completion {
  /** @param name name of the command to complete */
  script(name: string): string
  /** The shell's start-up file. */
  file(env: NodeJS.ProcessEnv): string
}

const functionName = (name: string) => `_${name.replaceAll('-', '_')}_complete`

export const completions: Readonly<Record<Shell, Completion>> = {
  bash: {
    script: (name) => `${functionName(name)}() {
  # Words arrive as typed, with quotes and backslashes.
  local IFS=$'\\n' marks=$'[\\\\\\\\"\\']' words=("\${COMP_WORDS[@]:1:COMP_CWORD}") line
  COMPREPLY=()
  for line in $(${name} complete -- "\${words[@]//$marks/}" 2>/dev/null); do
    case \${COMP_WORDS[COMP_CWORD]} in
      $marks*) COMPREPLY+=("$line") ;;
      *) COMPREPLY+=("\${line// /\\\\ }") ;;
    esac
  done
}
complete -o default -F ${functionName(name)} ${name}
`,
    file: () => join(homedir(), '.bashrc'),
  },
  zsh: {
    script: (name) => `${functionName(name)}() {
  local -a lines
  lines=("\${(@f)$(${name} complete --describe -- "\${(@)words[2,CURRENT]}" 2>/dev/null)}")
  [[ -n "\${lines[1]}" ]] && _describe '${name}' lines || _files
}
(( \${+functions[compdef]} )) || { autoload -Uz compinit && compinit; }
compdef ${functionName(name)} ${name}
`,
    file: (env) => join(env.ZDOTDIR || homedir(), '.zshrc'),
  },
  fish: {
    script: (name) => `function ${functionName(name)}
  set -l words (commandline -opc) (commandline -ct)
  set -l candidates (${name} complete --tabs -- $words[2..-1] 2>/dev/null)
  if count $candidates >/dev/null
    printf '%s\\n' $candidates
  else
    __fish_complete_path (commandline -ct)
  end
end
complete -c ${name} -f -a '(${functionName(name)})'
`,
    file: (env) => join(env.XDG_CONFIG_HOME || join(homedir(), '.config'), 'fish', 'config.fish'),
  },
  powershell: {
    script: (name) => `Register-ArgumentCompleter -Native -CommandName ${name} -ScriptBlock {
  param($wordToComplete, $commandAst, $cursorPosition)
  $words = @($commandAst.CommandElements | Select-Object -Skip 1 | ForEach-Object { $_.ToString() })
  if ($wordToComplete -eq '') { $words += '' }
  & ${name} complete --tabs -- @words 2>$null | ForEach-Object {
    $value, $description = $_ -split "\`t", 2
    [System.Management.Automation.CompletionResult]::new($value, $value, 'ParameterValue', "$value $description")
  }
}
`,
    file: (env) => join(env.USERPROFILE || homedir(), 'Documents', 'PowerShell', 'Microsoft.PowerShell_profile.ps1'),
  },
}
