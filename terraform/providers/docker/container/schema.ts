// Schema of `docker_container`, compatible with kreuzwerker/docker 3 and 4.

import type { AttributeSchema, BlockSchema } from '../../../provider.ts'
import {
  blocks,
  computed,
  flag,
  num,
  optional,
  optionalComputed,
  required,
  text,
  textMap,
  texts,
  unorderedBlocks,
} from '../../../provider-schema.ts'
import { listType, numberType, objectType, setType, stringType } from '../../../values/type.ts'
import { bool, int, string, type Value } from '../../../values/value.ts'
import { labels } from '../common/resource.ts'

const textSet = setType(stringType)

const attributesOf = (attribute: AttributeSchema, ...names: string[]): Record<string, AttributeSchema> =>
  Object.fromEntries(names.map((name) => [name, attribute]))

const block = (attributes: BlockSchema['attributes'], nested: BlockSchema['blocks'] = {}): BlockSchema => ({
  attributes,
  blocks: nested,
})

/** Attributes of the elements of `network_data`. */
export const networkDataType = objectType({
  network_name: stringType,
  ip_address: stringType,
  ip_prefix_length: numberType,
  gateway: stringType,
  global_ipv6_address: stringType,
  global_ipv6_prefix_length: numberType,
  ipv6_gateway: stringType,
  mac_address: stringType,
})

/** Arguments that the engine changes in an existing container, or that only this provider reads. */
export const updatable = [
  'attach',
  'container_read_refresh_timeout_milliseconds',
  'cpu_set',
  'cpu_shares',
  'destroy_grace_seconds',
  'logs',
  'max_retry_count',
  'memory',
  'memory_reservation',
  'memory_swap',
  'must_run',
  'remove_volumes',
  'restart',
  'start',
  'wait',
  'wait_timeout',
]

export const defaults: Readonly<Record<string, Value>> = {
  attach: bool(false),
  container_read_refresh_timeout_milliseconds: int(15_000),
  logs: bool(false),
  must_run: bool(true),
  read_only: bool(false),
  remove_volumes: bool(true),
  restart: string('no'),
  rm: bool(false),
  start: bool(true),
  stdin_open: bool(false),
  tty: bool(false),
  wait: bool(false),
  wait_timeout: int(60),
}

const mounts = block(
  { target: required(text), type: required(text), source: optional(text), read_only: optional(flag) },
  {
    bind_options: blocks(block({ propagation: optional(text) }), { maxItems: 1 }),
    tmpfs_options: blocks(block(attributesOf(optional(num), 'mode', 'size_bytes')), { maxItems: 1 }),
    volume_options: blocks(
      block(
        {
          driver_name: optional(text),
          driver_options: optional(textMap),
          no_copy: optional(flag),
          subpath: optional(text),
        },
        { labels },
      ),
      { maxItems: 1 },
    ),
  },
)

const healthcheck = block({
  test: required(texts),
  ...attributesOf(optional(text), 'interval', 'timeout', 'start_period', 'start_interval'),
  retries: optional(num),
})

export const containerSchema: BlockSchema = {
  attributes: {
    id: computed(text),
    name: required(text),
    image: required(text),
    ...attributesOf(optionalComputed(texts), 'command', 'entrypoint'),
    ...attributesOf(
      optionalComputed(text),
      'hostname',
      'ipc_mode',
      'log_driver',
      'network_mode',
      'runtime',
      'stop_signal',
      'cgroupns_mode',
    ),
    ...attributesOf(optionalComputed(num), 'shm_size', 'stop_timeout'),
    ...attributesOf(optionalComputed(textSet), 'env', 'security_opts'),
    init: optionalComputed(flag),
    ...attributesOf(
      optional(text),
      'cgroup_parent',
      'cpu_set',
      'cpus',
      'domainname',
      'gpus',
      'pid_mode',
      'restart',
      'user',
      'userns_mode',
      'working_dir',
    ),
    ...attributesOf(
      optional(num),
      'container_read_refresh_timeout_milliseconds',
      'cpu_period',
      'cpu_quota',
      'cpu_shares',
      'destroy_grace_seconds',
      'max_retry_count',
      'memory',
      'memory_reservation',
      'memory_swap',
      'wait_timeout',
    ),
    ...attributesOf(
      optional(flag),
      'attach',
      'logs',
      'must_run',
      'privileged',
      'publish_all_ports',
      'read_only',
      'remove_volumes',
      'rm',
      'start',
      'stdin_open',
      'tty',
      'wait',
    ),
    ...attributesOf(optional(textSet), 'dns', 'dns_opts', 'dns_search', 'group_add'),
    ...attributesOf(optional(textMap), 'log_opts', 'storage_opts', 'sysctls', 'tmpfs'),
    bridge: computed(text),
    container_logs: computed(text),
    exit_code: computed(num),
    network_data: computed(listType(networkDataType)),
  },
  blocks: {
    capabilities: unorderedBlocks(block(attributesOf(optional(textSet), 'add', 'drop')), { maxItems: 1 }),
    devices: unorderedBlocks(
      block({ host_path: required(text), ...attributesOf(optional(text), 'container_path', 'permissions') }),
    ),
    healthcheck: blocks(healthcheck, { maxItems: 1 }),
    host: unorderedBlocks(block({ host: required(text), ip: required(text) })),
    labels,
    mounts: unorderedBlocks(mounts),
    networks_advanced: unorderedBlocks(
      block({
        name: required(text),
        aliases: optional(textSet),
        ...attributesOf(optional(text), 'ipv4_address', 'ipv6_address', 'mac_address'),
      }),
    ),
    ports: blocks(
      block({
        internal: required(num),
        external: optionalComputed(num),
        ...attributesOf(optional(text), 'ip', 'protocol'),
      }),
    ),
    ulimit: unorderedBlocks(block({ name: required(text), hard: required(num), soft: required(num) })),
    upload: unorderedBlocks(
      block({
        file: required(text),
        ...attributesOf(optional(text), 'content', 'content_base64', 'permissions', 'source', 'source_hash'),
        executable: optional(flag),
      }),
    ),
    volumes: unorderedBlocks(
      block({
        ...attributesOf(optional(text), 'container_path', 'from_container', 'host_path', 'volume_name'),
        ...attributesOf(optional(flag), 'read_only'),
      }),
    ),
  },
}
