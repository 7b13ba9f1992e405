// Opens a tunnel: a byte stream to a target in a workspace, which the relay of the deployment dials.

import type { Socket } from 'node:net'
import { rawUpgradeProtocol } from '../../api/agents/agent-protocol.ts'
import { openTunnel, type TunnelQuery } from '../../api/agents/tunnels.ts'
import { requestUpgrade, UpgradeRejectedError } from '../../lib/node-upgrade.ts'
import type { Connection } from '../connection/connect.ts'
import { CommandError } from '../output/errors.ts'

/** Longer than the deployment waits for the agent and the target, whose errors are more specific. */
const timeoutMs = 30_000

/** The target could not be reached. */
export class TunnelError extends CommandError {
  /** Of the HTTP response. */
  readonly status: number
  /** A DialErrorCode, or empty. */
  readonly code: string

  /** The agent was reached, and the target was not. */
  get isOfTarget(): boolean {
    return this.code !== '' && this.code !== 'agent-disconnected'
  }

  constructor(status: number, message: string, code: string) {
    super('Could not connect to the workspace.', { detail: message })
    this.name = 'TunnelError'
    this.status = status
    this.code = code
  }
}

/** @throws TunnelError, or Error when the deployment does not answer */
export async function dialAgent(
  connection: Connection,
  agentId: string,
  target: TunnelQuery,
  signal?: AbortSignal,
): Promise<Socket> {
  const url = new URL(connection.client.url(openTunnel, { params: { workspaceagent: agentId }, query: target }))
  const headers = { ...connection.headers, 'coder-session-token': connection.token }
  const options = { protocol: rawUpgradeProtocol, headers, timeoutMs, ...(signal && { signal }) }
  const { socket, head } = await requestUpgrade(url, options).catch((error: unknown) => {
    throw error instanceof UpgradeRejectedError ? toTunnelError(error) : error
  })
  socket.allowHalfOpen = true
  if (head.length > 0) socket.unshift(head)
  return socket
}

function toTunnelError({ status, body }: UpgradeRejectedError): TunnelError {
  const { message, code } = parseRejection(body)
  return new TunnelError(status, message ?? `The deployment answered ${status}: ${body.slice(0, 500)}`, code ?? '')
}

function parseRejection(body: string): { message?: string; code?: string } {
  try {
    return JSON.parse(body) as { message?: string; code?: string }
  } catch {
    return {} // a proxy in front of the deployment may answer with a page
  }
}
