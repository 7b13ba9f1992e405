// `coder ssh`: a shell or a command in a workspace, by the OpenSSH client of this computer, which connects through
// `coder ssh --stdio`.

import { spawn } from 'node:child_process'
import { constants } from 'node:os'
import { connect } from '../../connection/connect.ts'
import type { GlobalOptions } from '../../connection/local-deployment.ts'
import { type ReachableAgent, reachAgent, type WaitMode } from '../../dial/reach-agent.ts'
import { type HostNameOptions, parseWorkspaceHost } from '../../dial/workspace-host.ts'
import { CommandError } from '../../output/errors.ts'
import { buildClientArguments, type ClientOptions, clientEnvironment } from './openssh-client.ts'
import { connectStdio, type StdioOptions } from './stdio.ts'

export interface SshOptions extends GlobalOptions, HostNameOptions, ClientOptions, StdioOptions {
  readonly stdio?: boolean
  /** False with --no-wait. */
  readonly wait: WaitMode | false
  readonly disableAutostart?: boolean
  readonly container?: string
}

export async function ssh([host = '', ...command]: readonly string[], options: SshOptions): Promise<void> {
  if (options.container)
    throw new CommandError('SSH sessions in containers are not supported.', {
      hint: `run \`docker exec -it ${options.container} sh\` in the workspace.`,
    })
  const connection = await connect(options)
  const name = parseWorkspaceHost(host, options)
  const isStdio = options.stdio ?? false
  const reached = await reachAgent(connection, name, {
    disableAutostart: options.disableAutostart,
    wait: options.wait || 'no',
    asks: !isStdio,
  })
  if (isStdio) await connectStdio(connection, reached, options)
  else process.exitCode = await runClient(reached, command, options)
}

/** @returns the exit status of ssh, which is that of the remote command, or 255 */
function runClient(reached: ReachableAgent, command: readonly string[], options: SshOptions): Promise<number> {
  const env = { ...process.env, ...clientEnvironment(options) }
  const child = spawn('ssh', buildClientArguments(reached, command, options), { stdio: 'inherit', env })
  // Signals also reach ssh, which ends the session.
  const ignored = ['SIGINT', 'SIGQUIT'] as const
  for (const signal of ignored) process.on(signal, () => undefined)
  for (const signal of ['SIGTERM', 'SIGHUP'] as const) process.on(signal, () => child.kill(signal))
  return new Promise((resolve, reject) => {
    child.once('error', (error: NodeJS.ErrnoException) => {
      const isMissing = error.code === 'ENOENT'
      const hint = isMissing ? 'install the OpenSSH client.' : undefined
      reject(new CommandError('Could not run ssh.', { detail: error.message, hint }))
    })
    child.once('exit', (code, signal) => resolve(code ?? (signal ? 128 + constants.signals[signal] : 255)))
  })
}
