// `coder port-forward` compared with `ssh -L` of a local sshd: one stream, and small requests.

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Server } from 'node:net'
import { type Figure, median } from './figures.ts'
import type { Fixture } from './fixture.ts'
import { connections, requestRepeatedly, startBareServer } from './http-load.ts'
import { coderProgram, openSshHosts, type SshHosts } from './ssh-hosts.ts'

const transferMB = 256
const rounds = 3
const minRequestsPerSecond = 8_000
const chunk = Buffer.alloc(64 * 1024)

export async function measurePortForward(fixture: Fixture): Promise<Figure[]> {
  const hosts = await openSshHosts(fixture)
  const source = await startSource()
  const web = await startBareServer('ok')
  const ports = [(source.address() as AddressInfo).port, Number(new URL(web.url).port)]
  const forwards = [await startForward(hosts, 'ours', ports), await startForward(hosts, 'ssh -L', ports)] as const
  const [ours, ssh] = forwards
  try {
    const speeds: [number[], number[]] = [[], []]
    for (let round = 0; round < rounds; round++)
      for (const [index, { local }] of [ours, ssh].entries()) speeds[index]?.push(await download(local[0] ?? 0))
    const reference = median(speeds[1])
    const request = (port: number) => requestRepeatedly(`http://127.0.0.1:${port}/`, '')
    const requests = await request(ours.local[1] ?? 0)
    const sshRequests = await request(ssh.local[1] ?? 0)
    return [
      {
        name: 'port-forward, one stream',
        value: median(speeds[0]),
        limit: reference,
        isAtLeast: true,
        unit: 'MB/s',
        basis: `ssh -L ${reference.toFixed(0)}`,
      },
      {
        name: `port-forward, small requests, ${connections} connections`,
        value: requests.perSecond,
        limit: minRequestsPerSecond,
        isAtLeast: true,
        unit: '/s',
        basis: `${minRequestsPerSecond}; ssh -L ${sshRequests.perSecond.toFixed(0)}`,
      },
    ]
  } finally {
    for (const { stop } of forwards) stop()
    source.close()
    web.stop()
    hosts.close()
  }
}

/** Sends a fixed number of bytes to each client. */
async function startSource(): Promise<Server> {
  const server = createServer((socket) => {
    let remaining = transferMB * 1e6
    socket.on('error', () => undefined).resume()
    const send = () => {
      while (remaining > 0) {
        const part = chunk.subarray(0, Math.min(chunk.length, remaining))
        remaining -= part.length
        if (!socket.write(part)) return
      }
      socket.end()
    }
    socket.on('drain', send)
    send()
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  return server
}

/** @returns MB/s */
async function download(port: number): Promise<number> {
  const startedAt = performance.now()
  const socket = connect(port, '127.0.0.1')
  let received = 0
  socket.on('data', (bytes: Buffer) => {
    received += bytes.length
  })
  await once(socket, 'end')
  if (received !== transferMB * 1e6) throw new Error(`Received ${received} bytes.`)
  return transferMB / ((performance.now() - startedAt) / 1000)
}

async function startForward(
  { options, env }: SshHosts,
  kind: 'ours' | 'ssh -L',
  remote: readonly number[],
): Promise<{ local: readonly number[]; stop: () => void }> {
  const local = await Promise.all(remote.map(unusedPort))
  const pairs = remote.map((port, index) => [local[index], port] as const)
  const child =
    kind === 'ours'
      ? spawn(
          process.execPath,
          [coderProgram, 'port-forward', 'bench', ...pairs.flatMap((pair) => ['-p', pair.join(':')])],
          { env },
        )
      : spawn(
          'ssh',
          [
            ...options,
            ...pairs.flatMap(([from, to]) => ['-L', `127.0.0.1:${from}:127.0.0.1:${to}`]),
            'sshd',
            'echo Ready.; exec cat',
          ],
          { env },
        )
  let output = ''
  await new Promise<void>((resolve, reject) => {
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (text: Buffer) => {
        output += text
        if (output.includes('Ready.')) resolve()
      })
    child.once('exit', () => reject(new Error(output)))
  })
  return { local, stop: () => void child.kill() }
}

async function unusedPort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  return port
}
