// Chooses the port and listens on it.

import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { FastifyInstance } from 'fastify'
import type { Config } from '../config.ts'

/** File with the port of the last run. It is reused because agents and bookmarks refer to it. */
const portFile = (dataDir: string) => join(dataDir, 'port')

/** Listens on the configured address. Without a setting it tries the port of the last run, the default port, then any
 *  free port.
 *  @returns the URL at which this machine reaches the server
 *  @throws Error that names the address and the cause */
export async function listen(app: FastifyInstance, config: Config): Promise<string> {
  const { host, port, isDefault } = config.httpAddress
  const candidates = isDefault ? [...new Set([lastPort(config.dataDir) ?? port, port, 0])] : [port]
  for (const candidate of candidates) {
    try {
      await app.listen({ host, port: candidate })
      break
    } catch (error) {
      const isLast = candidate === candidates.at(-1)
      if (isLast || (error as NodeJS.ErrnoException).code !== 'EADDRINUSE')
        throw explainListenError(error, host, candidate)
    }
  }
  const address = app.server.address()
  if (address === null || typeof address === 'string') throw new Error('the server has no TCP address')
  if (isDefault) writeFileSync(portFile(config.dataDir), String(address.port))
  const reachable = host === '0.0.0.0' || host === '::' ? '127.0.0.1' : host
  return `http://${reachable.includes(':') ? `[${reachable}]` : reachable}:${address.port}`
}

function lastPort(dataDir: string): number | null {
  try {
    const port = Number(readFileSync(portFile(dataDir), 'utf8'))
    return Number.isInteger(port) && port > 0 && port < 65536 ? port : null
  } catch {
    return null // first run
  }
}

const listenErrors: Readonly<Record<string, string>> = {
  EADDRINUSE: 'another program uses it',
  EACCES: 'this user is not allowed to listen on it',
  EADDRNOTAVAIL: 'this machine does not have that address',
}

function explainListenError(error: unknown, host: string, port: number): Error {
  const { code, message } = error as NodeJS.ErrnoException
  return new Error(
    `Could not listen on port ${port} of ${host}: ${listenErrors[code ?? ''] ?? message}. Choose another address with CODER_HTTP_ADDRESS, for example ${host}:${port + 1}.`,
    { cause: error },
  )
}
