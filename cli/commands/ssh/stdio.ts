// `coder ssh --stdio`: the ProxyCommand of an SSH client. Copies the bytes of its connection between stdin, stdout and the
// SSH server of the workspace, and reports on the connection to editors.

import { randomBytes } from 'node:crypto'
import { appendFileSync, mkdirSync } from 'node:fs'
import type { Socket } from 'node:net'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { postWorkspaceUsage } from '../../../api/workspaces/workspaces.ts'
import { parseDuration } from '../../arguments/durations.ts'
import type { Connection } from '../../connection/connect.ts'
import type { ReachableAgent } from '../../dial/reach-agent.ts'
import { dialAgent } from '../../dial/tunnel.ts'
import { writeNetworkInfo } from './network-info.ts'

export interface StdioOptions {
  readonly networkInfoDir?: string
  readonly networkInfoInterval: string
  readonly logDir?: string
  /** The app whose use is reported as activity: `vscode`, `jetbrains`. */
  readonly usageApp?: string
}

/** Resolves when either side has closed the connection. */
export async function connectStdio(
  connection: Connection,
  reached: ReachableAgent,
  { networkInfoDir: folder, networkInfoInterval, logDir, usageApp }: StdioOptions,
): Promise<void> {
  const log = logDir ? createLog(logDir) : () => undefined
  const { workspace, agent } = reached
  log(`Connecting to the agent ${agent.name} (${agent.id}) of workspace ${workspace.owner_name}/${workspace.name}.`)
  const app = usageApp === 'vscode' || usageApp === 'jetbrains' ? ({ app: usageApp } as const) : {}
  const socket = await dialAgent(connection, agent.id, { kind: 'ssh', ...app }).catch((error: Error) => {
    log(`The connection failed: ${error.message}`)
    throw error
  })
  log('Connected.')
  const ended = new AbortController()
  const intervalMs = parseDuration(networkInfoInterval, '--network-info-interval')
  const tasks = [
    folder ? writeNetworkInfo(connection, agent.id, socket, { folder, intervalMs }, ended.signal) : undefined,
    usageApp ? reportUsage(connection, reached, usageApp, ended.signal) : undefined,
  ]
  await joinStdio(socket)
  log(`The connection ended after ${socket.bytesRead} received and ${socket.bytesWritten} sent bytes.`)
  ended.abort()
  await Promise.all(tasks)
}

function joinStdio(socket: Socket): Promise<void> {
  const { stdin, stdout } = process
  socket.on('error', () => socket.destroy())
  stdout.on('error', () => socket.destroy())
  // ssh sends SIGHUP to its ProxyCommand when it exits.
  for (const signal of ['SIGHUP', 'SIGTERM'] as const) process.once(signal, () => socket.destroy())
  stdin.pipe(socket)
  socket.pipe(stdout)
  return new Promise((resolve) => {
    // The SSH client has exited: it does not wait for data.
    stdin.once('end', () => socket.end(() => socket.destroy()))
    socket.once('close', () => {
      // Unread input would keep the process alive.
      stdin.destroy()
      resolve()
    })
  })
}

/** A file of its own per connection. Failures to write it do not affect the connection. */
function createLog(folder: string): (line: string) => void {
  const time = new Date().toISOString().replace(/[-:]/g, '').replace('T', '-').slice(0, 15)
  const file = join(folder, `coder-ssh-${time}-${randomBytes(3).toString('hex')}.log`)
  return (line) => {
    try {
      mkdirSync(folder, { recursive: true })
      appendFileSync(file, `${new Date().toISOString()} ${line}\n`)
    } catch {
      // a full disk or a read-only folder
    }
  }
}

const usageEveryMs = 60_000

async function reportUsage(
  { client }: Connection,
  { workspace, agent }: ReachableAgent,
  app: string,
  signal: AbortSignal,
): Promise<void> {
  const report = { params: { workspace: workspace.id }, body: { agent_id: agent.id, app_name: app } }
  while (!signal.aborted) {
    // An unreachable deployment counts the SSH session again when it is back.
    await client.call(postWorkspaceUsage, report).catch(() => undefined)
    await sleep(usageEveryMs, undefined, { signal }).catch(() => undefined)
  }
}
