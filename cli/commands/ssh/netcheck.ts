// `coder netcheck`: a report on the connection between this computer and the deployment, in the format of Coder, whose DERP
// regions are replaced by the relay of the deployment.

import { type NetworkInterfaceInfo, networkInterfaces } from 'node:os'
import { checkLatency } from '../../../api/deployment/deployment.ts'
import { type Connection, connect } from '../../connection/connect.ts'
import type { GlobalOptions } from '../../connection/local-deployment.ts'
import { relayRegion } from '../../dial/relay-region.ts'
import { printJson } from '../../output/print.ts'

const regionId = 999
const samples = 5

export async function netcheck(_args: readonly string[], options: GlobalOptions): Promise<void> {
  const connection = await connect(options)
  const measured = await measureLatency(connection).catch((error: Error) => error)
  printJson({ derp: reportDeployment(connection, measured), interfaces: reportInterfaces() })
}

/** @returns the median in ms */
async function measureLatency({ client }: Connection): Promise<number> {
  const times: number[] = []
  for (let index = 0; index < samples; index++) {
    const start = performance.now()
    await client.bytes(checkLatency)
    times.push(performance.now() - start)
  }
  return times.toSorted((a, b) => a - b)[Math.floor(samples / 2)] ?? 0
}

function reportDeployment({ url }: Connection, measured: number | Error) {
  const finding = findingOf(measured)
  const latencyMs = typeof measured === 'number' ? measured : 0
  const { protocol, hostname, port } = new URL(url)
  const node = {
    Name: `${regionId}a`,
    RegionID: regionId,
    HostName: hostname,
    STUNPort: -1,
    DERPPort: Number(port) || (protocol === 'https:' ? 443 : 80),
    ForceHTTP: protocol === 'http:',
  }
  const region = {
    EmbeddedRelay: true,
    RegionID: regionId,
    RegionCode: 'coder-local',
    RegionName: relayRegion,
    Nodes: [node],
  }
  const nodeReport = {
    ...finding,
    node,
    node_info: { TokenBucketBytesPerSecond: 0, TokenBucketBytesBurst: 0 },
    can_exchange_messages: finding.healthy,
    round_trip_ping: `${latencyMs.toFixed(3)}ms`,
    round_trip_ping_ms: Math.round(latencyMs),
    uses_websocket: false,
    client_logs: [],
    client_errs: [],
    stun: { Enabled: false, CanSTUN: false, Error: null },
  }
  return {
    ...finding,
    dismissed: false,
    regions: { [regionId]: { ...finding, region, node_reports: [nodeReport] } },
    netcheck: {
      UDP: false,
      IPv4: hasAddress('IPv4'),
      IPv6: hasAddress('IPv6'),
      PreferredDERP: finding.healthy ? regionId : 0,
      RegionLatency: finding.healthy ? { [regionId]: Math.round(latencyMs * 1e6) } : {},
    },
    netcheck_err: null,
    netcheck_logs: [],
  }
}

const findingOf = (measured: number | Error) => ({
  healthy: typeof measured === 'number',
  severity: typeof measured === 'number' ? 'ok' : 'error',
  warnings: [],
  error: typeof measured === 'number' ? null : measured.message,
})

const reportInterfaces = () => ({
  error: null,
  severity: 'ok',
  warnings: [],
  dismissed: false,
  interfaces: Object.entries(networkInterfaces()).map(([name, addresses = []]) => ({
    name,
    addresses: addresses.map(({ cidr, address }) => cidr ?? address),
  })),
})

const hasAddress = (family: NetworkInterfaceInfo['family']) =>
  Object.values(networkInterfaces())
    .flat()
    .some((address) => address?.family === family && !address.internal)
