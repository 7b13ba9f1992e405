// `coder ssh`: a shell or a command in a workspace, by the OpenSSH client of this computer, which connects through
// `coder ssh --stdio`.

import { connect } from '../../connection/connect.ts'
import type { GlobalOptions } from '../../connection/local-deployment.ts'
import { reachAgent, type WaitMode } from '../../dial/reach-agent.ts'
import { type HostNameOptions, parseWorkspaceHost } from '../../dial/workspace-host.ts'
import { CommandError } from '../../output/errors.ts'
import { buildClientArguments, type ClientOptions, clientEnvironment, runClient } from './openssh-client.ts'
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
  else
    process.exitCode = await runClient(
      'ssh',
      buildClientArguments(reached, command, options),
      clientEnvironment(options),
    )
}
