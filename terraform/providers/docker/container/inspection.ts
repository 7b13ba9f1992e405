// The state of a container as the engine reports it, as attributes of `docker_container`.

import { blocksField, withFields } from '../../../values/fields.ts'
import { stringType } from '../../../values/type.ts'
import { bool, int, list, type ObjectValue, objectFrom, set, string, type Value } from '../../../values/value.ts'
import { portsOf } from './create-request.ts'
import { networkDataType } from './schema.ts'

interface EndpointSettings {
  readonly IPAddress?: string
  readonly IPPrefixLen?: number
  readonly Gateway?: string
  readonly GlobalIPv6Address?: string
  readonly GlobalIPv6PrefixLen?: number
  readonly IPv6Gateway?: string
  readonly MacAddress?: string
}

/** Parts of GET /containers/{id}/json. */
export interface Inspection {
  readonly Id: string
  readonly Name: string
  readonly State: {
    readonly Running: boolean
    readonly ExitCode: number
    readonly Error?: string
    readonly Health?: { readonly Status: string; readonly Log?: readonly { readonly Output: string }[] | null }
  }
  readonly Config: {
    readonly Cmd?: readonly string[] | null
    readonly Entrypoint?: readonly string[] | null
    readonly Env?: readonly string[] | null
    readonly Hostname?: string
    readonly StopSignal?: string
    readonly StopTimeout?: number
    readonly Labels?: Readonly<Record<string, string>> | null
  }
  readonly HostConfig: {
    readonly IpcMode?: string
    readonly NetworkMode?: string
    readonly Runtime?: string
    readonly CgroupnsMode?: string
    readonly ShmSize?: number
    readonly Init?: boolean | null
    readonly SecurityOpt?: readonly string[] | null
    readonly LogConfig?: { readonly Type?: string }
  }
  readonly NetworkSettings: {
    readonly Bridge?: string
    readonly Networks?: Readonly<Record<string, EndpointSettings>> | null
    readonly Ports?: Readonly<Record<string, readonly { readonly HostPort: string }[] | null>> | null
  }
}

const texts = (values: readonly string[] | null | undefined): Value => list(stringType, (values ?? []).map(string))
const textSet = (values: readonly string[] | null | undefined): Value => set(stringType, (values ?? []).map(string))

/** The planned object with its computed attributes. */
export function withInspection(planned: ObjectValue, found: Inspection): ObjectValue {
  const { Config, HostConfig, State, NetworkSettings } = found
  const mode = HostConfig.NetworkMode
  const optional: Record<string, Value> = {
    command: texts(Config.Cmd),
    entrypoint: texts(Config.Entrypoint),
    env: textSet(Config.Env),
    security_opts: textSet(HostConfig.SecurityOpt),
    hostname: string(Config.Hostname ?? ''),
    stop_signal: string(Config.StopSignal ?? ''),
    stop_timeout: int(Config.StopTimeout ?? 0),
    ipc_mode: string(HostConfig.IpcMode ?? ''),
    cgroupns_mode: string(HostConfig.CgroupnsMode ?? ''),
    log_driver: string(HostConfig.LogConfig?.Type ?? ''),
    network_mode: string(mode === undefined || mode === 'default' ? 'bridge' : mode),
    runtime: string(HostConfig.Runtime ?? ''),
    shm_size: int(Math.round((HostConfig.ShmSize ?? 0) / (1024 * 1024))),
    init: bool(HostConfig.Init ?? false),
  }
  const unset = Object.entries(optional).filter(([name]) => isUnset(planned.entries.get(name)))
  return withFields(planned, {
    ...Object.fromEntries(unset),
    id: string(found.Id),
    bridge: string(NetworkSettings.Bridge ?? ''),
    exit_code: int(State.ExitCode),
    container_logs:
      planned.entries.get('container_logs')?.kind === 'string'
        ? (planned.entries.get('container_logs') as Value)
        : string(''),
    network_data: toNetworkData(found),
    ports: withExternalPorts(planned, found),
  })
}

const isUnset = (value: Value | undefined) => value === undefined || value.kind === 'null' || value.kind === 'unknown'

const toNetworkData = ({ NetworkSettings }: Inspection): Value =>
  list(
    networkDataType,
    Object.entries(NetworkSettings.Networks ?? {}).map(([name, endpoint]) =>
      objectFrom({
        network_name: string(name),
        ip_address: string(endpoint.IPAddress ?? ''),
        ip_prefix_length: int(endpoint.IPPrefixLen ?? 0),
        gateway: string(endpoint.Gateway ?? ''),
        global_ipv6_address: string(endpoint.GlobalIPv6Address ?? ''),
        global_ipv6_prefix_length: int(endpoint.GlobalIPv6PrefixLen ?? 0),
        ipv6_gateway: string(endpoint.IPv6Gateway ?? ''),
        mac_address: string(endpoint.MacAddress ?? ''),
      }),
    ),
  )

function withExternalPorts(planned: ObjectValue, { NetworkSettings }: Inspection): Value {
  const current = planned.entries.get('ports') as Value
  if (current.kind !== 'list') return current
  const keys = portsOf(planned).map(({ key }) => key)
  const elements = blocksField(planned, 'ports').map((port, index) => {
    if (!isUnset(port.entries.get('external'))) return port
    const published = NetworkSettings.Ports?.[keys[index] ?? '']?.[0]?.HostPort
    return withFields(port, { external: int(Number(published ?? 0)) })
  })
  return list(current.elementType, elements)
}
