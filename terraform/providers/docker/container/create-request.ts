// Translates a `docker_container` into the request of the Engine API that creates it.

import {
  blocksField,
  boolField,
  listField,
  numberField,
  textField,
  textMapField,
  textsField,
} from '../../../values/fields.ts'
import type { ObjectValue } from '../../../values/value.ts'
import type { AgentFiles } from '../agent/agent-files.ts'
import { labelBlocks } from '../common/ownership.ts'

/** The Engine API counts bytes, the resource megabytes. */
const bytesPerMegabyte = 1024 * 1024
const megabytes = (value: ObjectValue, name: string): number | undefined => {
  const amount = numberField(value, name)
  // -1 is no limit.
  return amount === undefined || amount < 0 ? amount : amount * bytesPerMegabyte
}

const nonEmpty = (texts: string[]): string[] | undefined => (texts.length === 0 ? undefined : texts)

/** JSON of POST /containers/create. @param agentFiles mounted in addition */
export function toCreateRequest(
  planned: ObjectValue,
  labels: Readonly<Record<string, string>>,
  agentFiles?: AgentFiles,
) {
  const [firstNetwork] = blocksField(planned, 'networks_advanced')
  return {
    Image: textField(planned, 'image'),
    Cmd: nonEmpty(textsField(planned, 'command')),
    Entrypoint: nonEmpty(textsField(planned, 'entrypoint')),
    Env: textsField(planned, 'env'),
    Hostname: textField(planned, 'hostname'),
    Domainname: textField(planned, 'domainname'),
    User: textField(planned, 'user'),
    WorkingDir: textField(planned, 'working_dir'),
    Labels: labels,
    Tty: boolField(planned, 'tty') ?? false,
    OpenStdin: boolField(planned, 'stdin_open') ?? false,
    AttachStdin: false,
    StopSignal: textField(planned, 'stop_signal'),
    StopTimeout: numberField(planned, 'stop_timeout'),
    ExposedPorts: Object.fromEntries(portsOf(planned).map(({ key }) => [key, {}])),
    Volumes: Object.fromEntries(anonymousVolumes(planned).map((path) => [path, {}])),
    Healthcheck: toHealthcheck(planned),
    HostConfig: {
      ...toHostConfig(planned),
      Mounts: [...blocksField(planned, 'mounts').map(toMount), ...(agentFiles ? [agentFiles.mount(true)] : [])],
      ...toLimits(planned),
      NetworkMode: firstNetwork ? textField(firstNetwork, 'name') : textField(planned, 'network_mode'),
    },
    NetworkingConfig: {
      EndpointsConfig: firstNetwork ? { [textField(firstNetwork, 'name') ?? '']: toEndpoint(firstNetwork) } : {},
    },
  }
}

function toHostConfig(planned: ObjectValue) {
  const [capabilities] = blocksField(planned, 'capabilities')
  const logDriver = textField(planned, 'log_driver')
  return {
    Binds: bindsOf(planned),
    VolumesFrom: blocksField(planned, 'volumes').flatMap((volume) => textField(volume, 'from_container') ?? []),
    Tmpfs: textMapField(planned, 'tmpfs'),
    PortBindings: portBindings(planned),
    PublishAllPorts: boolField(planned, 'publish_all_ports') ?? false,
    Privileged: boolField(planned, 'privileged') ?? false,
    ReadonlyRootfs: boolField(planned, 'read_only') ?? false,
    AutoRemove: boolField(planned, 'rm') ?? false,
    Init: boolField(planned, 'init'),
    Runtime: textField(planned, 'runtime'),
    CapAdd: capabilities && textsField(capabilities, 'add'),
    CapDrop: capabilities && textsField(capabilities, 'drop'),
    Devices: blocksField(planned, 'devices').map((device) => ({
      PathOnHost: textField(device, 'host_path'),
      PathInContainer: textField(device, 'container_path') ?? textField(device, 'host_path'),
      CgroupPermissions: textField(device, 'permissions') ?? 'rwm',
    })),
    DeviceRequests: toDeviceRequests(textField(planned, 'gpus')),
    Dns: textsField(planned, 'dns'),
    DnsOptions: textsField(planned, 'dns_opts'),
    DnsSearch: textsField(planned, 'dns_search'),
    ExtraHosts: blocksField(planned, 'host').map((entry) => `${textField(entry, 'host')}:${textField(entry, 'ip')}`),
    GroupAdd: textsField(planned, 'group_add'),
    IpcMode: textField(planned, 'ipc_mode'),
    PidMode: textField(planned, 'pid_mode'),
    UsernsMode: textField(planned, 'userns_mode'),
    CgroupnsMode: textField(planned, 'cgroupns_mode'),
    CgroupParent: textField(planned, 'cgroup_parent'),
    SecurityOpt: nonEmpty(textsField(planned, 'security_opts')),
    Sysctls: textMapField(planned, 'sysctls'),
    StorageOpt: textMapField(planned, 'storage_opts'),
    LogConfig: logDriver === undefined ? undefined : { Type: logDriver, Config: textMapField(planned, 'log_opts') },
    ShmSize: megabytes(planned, 'shm_size'),
    Ulimits: blocksField(planned, 'ulimit').map((limit) => ({
      Name: textField(limit, 'name'),
      Hard: numberField(limit, 'hard'),
      Soft: numberField(limit, 'soft'),
    })),
    CpuPeriod: numberField(planned, 'cpu_period'),
    CpuQuota: numberField(planned, 'cpu_quota'),
    NanoCpus: toNanoCpus(textField(planned, 'cpus')),
  }
}

/** The limits that can also be changed in a running container. */
export function toLimits(planned: ObjectValue) {
  const policy = textField(planned, 'restart') ?? 'no'
  return {
    RestartPolicy: {
      Name: policy,
      MaximumRetryCount: policy === 'on-failure' ? (numberField(planned, 'max_retry_count') ?? 0) : 0,
    },
    CpuShares: numberField(planned, 'cpu_shares'),
    CpusetCpus: textField(planned, 'cpu_set'),
    Memory: megabytes(planned, 'memory'),
    MemoryReservation: megabytes(planned, 'memory_reservation'),
    MemorySwap: megabytes(planned, 'memory_swap'),
  }
}

const toNanoCpus = (cpus: string | undefined): number | undefined =>
  cpus === undefined || cpus === '' ? undefined : Math.round(Number(cpus) * 1e9)

const toDeviceRequests = (gpus: string | undefined) => (gpus === 'all' ? [{ Count: -1, Capabilities: [['gpu']] }] : [])

function bindsOf(planned: ObjectValue): string[] {
  return blocksField(planned, 'volumes').flatMap((volume) => {
    const source = textField(volume, 'volume_name') || textField(volume, 'host_path')
    if (!source) return []
    return `${source}:${textField(volume, 'container_path')}:${boolField(volume, 'read_only') ? 'ro' : 'rw'}`
  })
}

function anonymousVolumes(planned: ObjectValue): string[] {
  return blocksField(planned, 'volumes').flatMap((volume) => {
    const hasSource = ['volume_name', 'host_path', 'from_container'].some((name) => textField(volume, name))
    return hasSource ? [] : (textField(volume, 'container_path') ?? [])
  })
}

function toMount(mount: ObjectValue) {
  const [bind] = blocksField(mount, 'bind_options')
  const [tmpfs] = blocksField(mount, 'tmpfs_options')
  const [volume] = blocksField(mount, 'volume_options')
  const driver = volume && textField(volume, 'driver_name')
  return {
    Target: textField(mount, 'target'),
    Type: textField(mount, 'type'),
    Source: textField(mount, 'source'),
    ReadOnly: boolField(mount, 'read_only') ?? false,
    BindOptions: bind && { Propagation: textField(bind, 'propagation') },
    TmpfsOptions: tmpfs && { SizeBytes: numberField(tmpfs, 'size_bytes'), Mode: numberField(tmpfs, 'mode') },
    VolumeOptions: volume && {
      NoCopy: boolField(volume, 'no_copy') ?? false,
      Labels: labelBlocks(volume),
      Subpath: textField(volume, 'subpath'),
      DriverConfig:
        driver === undefined ? undefined : { Name: driver, Options: textMapField(volume, 'driver_options') },
    },
  }
}

interface Port {
  /** For example `80/tcp`. */
  readonly key: string
  readonly external: number | undefined
  readonly ip: string
}

export const portsOf = (planned: ObjectValue): Port[] =>
  blocksField(planned, 'ports').map((port) => ({
    key: `${numberField(port, 'internal')}/${textField(port, 'protocol') ?? 'tcp'}`,
    external: numberField(port, 'external'),
    ip: textField(port, 'ip') ?? '0.0.0.0',
  }))

function portBindings(planned: ObjectValue) {
  const bindings: Record<string, { HostIp: string; HostPort: string }[]> = {}
  for (const { key, external, ip } of portsOf(planned)) {
    bindings[key] ??= []
    // An empty port is a free one.
    bindings[key].push({ HostIp: ip, HostPort: external ? String(external) : '' })
  }
  return bindings
}

/** An attachment to a network. */
export const toEndpoint = (network: ObjectValue) => ({
  Aliases: textsField(network, 'aliases'),
  MacAddress: textField(network, 'mac_address'),
  IPAMConfig: {
    IPv4Address: textField(network, 'ipv4_address'),
    IPv6Address: textField(network, 'ipv6_address'),
  },
})

function toHealthcheck(planned: ObjectValue) {
  const [check] = blocksField(planned, 'healthcheck')
  if (!check) return undefined
  return {
    Test: listField(check, 'test').length > 0 ? textsField(check, 'test') : undefined,
    Interval: nanoseconds(textField(check, 'interval')),
    Timeout: nanoseconds(textField(check, 'timeout')),
    StartPeriod: nanoseconds(textField(check, 'start_period')),
    StartInterval: nanoseconds(textField(check, 'start_interval')),
    Retries: numberField(check, 'retries'),
  }
}

const nanosecondsPer: Readonly<Record<string, number>> = { ms: 1e6, s: 1e9, m: 60e9, h: 3600e9 }

/** A duration of Go, for example `1m30s`. Zero inherits the image's value. */
function nanoseconds(duration: string | undefined): number | undefined {
  if (duration === undefined) return undefined
  const parts = [...duration.matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h)/g)]
  return parts.reduce((sum, [, amount, unit = '']) => sum + Math.round(Number(amount) * (nanosecondsPer[unit] ?? 0)), 0)
}
