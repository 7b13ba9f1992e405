// Opens connections to a Docker engine: a Unix socket or named pipe, TCP with or without TLS, or the standard streams of
// `docker system dial-stdio` over SSH.

import { spawn } from 'node:child_process'
import { Agent } from 'node:http'
import { connect } from 'node:net'
import { Duplex } from 'node:stream'
import type { EngineAddress } from './address.ts'
import { EngineUnreachableError } from './engine-error.ts'

const dockerPort = 2375
const dockerTlsPort = 2376

/** @throws EngineUnreachableError for an unsupported address */
export async function createAgent(address: EngineAddress): Promise<Agent> {
  const open = await opener(address)
  // A container's log or a build keeps a connection for long, so connections are not limited.
  const agent = new Agent({ keepAlive: true, timeout: 0 })
  agent.createConnection = open as typeof agent.createConnection
  return agent
}

async function opener(address: EngineAddress): Promise<() => Duplex> {
  const { protocol, pathname, hostname, port } = parseAddress(address.url)
  switch (protocol) {
    case 'unix:':
    case 'npipe:': {
      const path = protocol === 'unix:' ? decodeURIComponent(pathname) : pathname.replace(/^\/+/, '//')
      return () => connect({ path })
    }
    case 'tcp:':
    case 'http:':
    case 'https:': {
      const host = hostname.replace(/^\[(.*)\]$/, '$1')
      if (!address.tls && protocol !== 'https:') return () => connect({ host, port: Number(port || dockerPort) })
      const tls = await import('node:tls')
      return () => tls.connect({ host, port: Number(port || dockerTlsPort), servername: host, ...address.tls })
    }
    case 'ssh:':
      return () => openSsh(address)
    default:
      throw new EngineUnreachableError(address.url, `The protocol ${JSON.stringify(protocol)} is not supported`)
  }
}

function parseAddress(url: string): URL {
  try {
    return new URL(url)
  } catch (error) {
    throw new EngineUnreachableError(url, 'The address is not a URL', { cause: error })
  }
}

/** Like Docker's command line: OpenSSH with the user's configuration, and the engine's own address on the other machine. */
function openSsh({ url, sshOptions = [] }: EngineAddress): Duplex {
  const { hostname, port, username } = new URL(url)
  const target = [...(port ? ['-p', port] : []), ...(username ? ['-l', username] : []), '--', hostname]
  const program = spawn('ssh', [...sshOptions, '-o', 'BatchMode=yes', '-T', ...target, 'docker system dial-stdio'])
  const stream = Duplex.from({ writable: program.stdin, readable: program.stdout })
  let messages = ''
  program.stderr.on('data', (text: Buffer) => {
    messages = (messages + text).slice(-2000)
  })
  program.on('error', (error) => stream.destroy(error))
  program.on('exit', (status) => {
    if (status !== 0) stream.destroy(new Error(`ssh ended with status ${status}: ${messages.trim()}`))
  })
  stream.on('close', () => program.kill())
  // http.Agent calls these methods of net.Socket.
  return Object.assign(stream, {
    setKeepAlive: () => stream,
    setNoDelay: () => stream,
    setTimeout: () => stream,
    ref: () => stream,
    unref: () => stream,
  })
}
