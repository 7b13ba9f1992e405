// `coder cp`: copies files between this computer and workspaces, with the scp of this computer.

import { type Connection, connect } from '../../connection/connect.ts'
import type { GlobalOptions } from '../../connection/local-deployment.ts'
import { reachAgent, type WaitMode } from '../../dial/reach-agent.ts'
import { parseWorkspaceHost } from '../../dial/workspace-host.ts'
import { CommandError } from '../../output/errors.ts'
import { clientEnvironment, connectionArguments, hostOf, runClient } from './openssh-client.ts'

interface CopyOptions extends GlobalOptions {
  readonly recursive?: boolean
  readonly preserve?: boolean
  readonly quiet?: boolean
  readonly wait: WaitMode
  readonly disableAutostart?: boolean
}

export async function cp(paths: readonly string[], options: CopyOptions): Promise<void> {
  const parsed = paths.map(parseLocation)
  const names = [...new Set(parsed.flatMap(({ workspace }) => workspace ?? []))]
  if (names.length === 0)
    throw new CommandError('No path is in a workspace.', { hint: 'use the form workspace:path, as in dev:notes.txt.' })
  const connection = await connect(options)
  const hosts = new Map<string, string>()
  for (const name of names) hosts.set(name, await reachHost(connection, name, options))
  const args = [
    ...connectionArguments(),
    ...(options.recursive ? ['-r'] : []),
    ...(options.preserve ? ['-p'] : []),
    ...(options.quiet ? ['-q'] : []),
    // Between workspaces, through this computer: they cannot reach each other.
    ...(parsed.every(({ workspace }) => workspace !== undefined) ? ['-3'] : []),
    '--',
    ...parsed.map(({ workspace, path }) => (workspace === undefined ? path : `${hosts.get(workspace)}:${path}`)),
  ]
  process.exitCode = await runClient('scp', args, clientEnvironment(options))
}

interface Location {
  /** Undefined on this computer. */
  readonly workspace: string | undefined
  readonly path: string
}

/** As scp: a colon before the first slash separates the host. */
function parseLocation(text: string): Location {
  const [, workspace, path = ''] = /^((?:[^/:]+\/)?[^/:]+):(.*)$/s.exec(text) ?? []
  const isDrive = process.platform === 'win32' && workspace?.length === 1
  if (workspace === undefined || isDrive || /^\.{1,2}\//.test(text)) return { workspace: undefined, path: text }
  return { workspace, path }
}

async function reachHost(
  connection: Connection,
  name: string,
  { wait, disableAutostart }: CopyOptions,
): Promise<string> {
  return hostOf(await reachAgent(connection, parseWorkspaceHost(name), { wait, disableAutostart }))
}
