// Parses `8080`, `8080:80`, `8000-8010:9000-9010`, `0.0.0.0:8080:80` and `[::1]:8080`: a local port or range, and the port
// or range in the workspace if it differs.

import { CommandError } from '../output/errors.ts'

export type ForwardProtocol = 'tcp' | 'udp'

export interface PortForward {
  readonly protocol: ForwardProtocol
  /** Undefined for loopback. */
  readonly localHost: string | undefined
  readonly localPort: number
  readonly remotePort: number
}

const notation = /^(?:(?:\[([\da-fA-F:.%]+)\]|([^:[\]]+)):(?=[^:]+))??(\d+(?:-\d+)?)(?::(\d+(?:-\d+)?))?$/

/** @throws CommandError for an invalid or repeated port */
export function parsePortForwards(protocol: ForwardProtocol, texts: readonly string[]): PortForward[] {
  const forwards = texts.flatMap((text) => parsePortForward(protocol, text.trim()))
  const seen = new Set<string>()
  for (const { localHost = '', localPort } of forwards) {
    const address = `${localHost}:${localPort}`
    if (seen.has(address))
      throw new CommandError(`The local ${protocol.toUpperCase()} port ${localPort} is listed twice.`)
    seen.add(address)
  }
  return forwards
}

function parsePortForward(protocol: ForwardProtocol, text: string): PortForward[] {
  const [, ipv6, host, local, remote = local] = notation.exec(text) ?? []
  if (local === undefined || remote === undefined) throw invalid(protocol, text)
  const [localPorts, remotePorts] = [parseRange(local), parseRange(remote)]
  if (localPorts.length === 0 || remotePorts.length === 0) throw invalid(protocol, text)
  if (localPorts.length !== remotePorts.length)
    throw new CommandError(`--${protocol} "${text}" has ranges of different lengths.`)
  const localHost = ipv6 ?? host
  return localPorts.map((localPort, index) => ({
    protocol,
    localHost,
    localPort,
    remotePort: remotePorts[index] ?? localPort,
  }))
}

/** Empty if invalid. */
function parseRange(text: string): number[] {
  const [first = 0, last = first] = text.split('-').map(Number)
  if (first < 1 || last > 65_535 || last < first) return []
  return Array.from({ length: last - first + 1 }, (_, index) => first + index)
}

const invalid = (protocol: ForwardProtocol, text: string) =>
  new CommandError(`--${protocol} "${text}" is not a port.`, {
    hint: 'use 8080, 8080:80 (local:workspace), 8000-8010 or 127.0.0.1:8080:80.',
  })
