// `coder port-forward`: forwards TCP and UDP ports of this computer to a workspace until the command is interrupted.

import { postWorkspaceUsage } from '../../../api/workspaces/workspaces.ts'
import { type PortForward, parsePortForwards } from '../../arguments/port-forwards.ts'
import { connect } from '../../connection/connect.ts'
import type { GlobalOptions } from '../../connection/local-deployment.ts'
import { reachAgent } from '../../dial/reach-agent.ts'
import { parseWorkspaceHost } from '../../dial/workspace-host.ts'
import { Dialer } from '../../forward/dialer.ts'
import { openForwards } from '../../forward/forwards.ts'
import { Traffic } from '../../forward/traffic.ts'
import { CommandError } from '../../output/errors.ts'
import { note } from '../../output/print.ts'

interface PortForwardOptions extends GlobalOptions {
  readonly tcp?: readonly string[]
  readonly udp?: readonly string[]
  readonly disableAutostart?: boolean
}

export async function portForward([name = '']: readonly string[], options: PortForwardOptions): Promise<void> {
  const forwards = [...parsePortForwards('tcp', options.tcp ?? []), ...parsePortForwards('udp', options.udp ?? [])]
  if (forwards.length === 0)
    throw new CommandError('No port to forward.', { hint: 'use --tcp 8080, --tcp 8080:80 or --udp 5353.' })
  const connection = await connect(options)
  const { disableAutostart } = options
  const reached = await reachAgent(connection, parseWorkspaceHost(name), { disableAutostart, wait: 'no' })
  const { workspace } = reached
  const dialer = new Dialer(connection, reached)
  const traffic = new Traffic(() => {
    // Unavailable while the deployment restarts.
    const report = connection.client.call(postWorkspaceUsage, { params: { workspace: workspace.id }, body: null })
    report.catch(() => undefined)
  })
  await openForwards(forwards.map((forward) => ({ ...forward, dialer, traffic })))
  for (const forward of forwards) note(describeForward(forward, workspace.name))
  note('Ready. Press Ctrl+C to stop.')
}

const describeForward = (
  { protocol, localHost = '127.0.0.1', localPort, remotePort }: PortForward,
  workspace: string,
) => `Forwarding ${protocol.toUpperCase()} ${localHost}:${localPort} to port ${remotePort} of ${workspace}`
