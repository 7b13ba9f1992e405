// Host names of workspaces, as in `ssh coder.dev`, `ssh main.dev.ada.coder` and in the settings of editors.

import { CommandError } from '../output/errors.ts'

export interface HostNameOptions {
  /** Removed from the start of the name: `coder.`. */
  readonly sshHostPrefix?: string | undefined
  /** Removed from the end of the name, after a dot: `coder`. */
  readonly hostnameSuffix?: string | undefined
}

/** The name for requireAgent: `[owner/]workspace[.agent]`.
 *  @param host `workspace`, `workspace.agent` or `owner/workspace.agent`, also with `--` instead of `/` or `.`; with the
 *  suffix also `agent.workspace.owner` @throws CommandError */
export function parseWorkspaceHost(host: string, { sshHostPrefix, hostnameSuffix }: HostNameOptions = {}): string {
  const suffix = hostnameSuffix ? `.${hostnameSuffix.replace(/^\./, '')}` : ''
  const hasSuffix = suffix !== '' && host.endsWith(suffix)
  if (hasSuffix) return parseName(host.slice(0, -suffix.length), true)
  const hasPrefix = sshHostPrefix && host.startsWith(sshHostPrefix)
  return parseName(hasPrefix ? host.slice(sshHostPrefix.length) : host, false)
}

function parseName(name: string, hasSuffix: boolean): string {
  const dotted = name.split('.')
  if (hasSuffix && dotted.length === 3) {
    const [agent, workspace, owner] = dotted
    return `${owner}/${workspace}.${agent}`
  }
  const parts = name.split(/\/|--/)
  const [first = '', second, third] = parts
  if (parts.length > 3 || parts.includes(''))
    throw new CommandError(`"${name}" is not the name of a workspace.`, {
      hint: 'use workspace, workspace.agent or owner/workspace.agent.',
    })
  if (third !== undefined) return `${first}/${second}.${third}`
  return second === undefined ? first : `${first}/${second}`
}
