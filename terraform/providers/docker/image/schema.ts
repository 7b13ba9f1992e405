// Schema of `docker_image`, compatible with kreuzwerker/docker 3 and 4.

import type { BlockSchema } from '../../../provider.ts'
import {
  blocks,
  computed,
  flag,
  num,
  optional,
  required,
  sensitive,
  text,
  textMap,
  texts,
  unorderedBlocks,
} from '../../../provider-schema.ts'
import { setType, stringType } from '../../../values/type.ts'

const build: BlockSchema = {
  attributes: {
    context: required(text),
    ...Object.fromEntries(
      [
        'build_id',
        'cgroup_parent',
        'cpu_set_cpus',
        'cpu_set_mems',
        'dockerfile',
        'isolation',
        'network_mode',
        'platform',
        'remote_context',
        'session_id',
        'target',
        'version',
        'builder',
      ].map((name) => [name, optional(text)]),
    ),
    ...Object.fromEntries(
      ['force_remove', 'no_cache', 'pull_parent', 'remove', 'squash', 'suppress_output'].map((name) => [
        name,
        optional(flag),
      ]),
    ),
    ...Object.fromEntries(
      ['cpu_period', 'cpu_quota', 'cpu_shares', 'memory', 'memory_swap', 'shm_size'].map((name) => [
        name,
        optional(num),
      ]),
    ),
    ...Object.fromEntries(['cache_from', 'extra_hosts', 'security_opt', 'tag'].map((name) => [name, optional(texts)])),
    build_args: optional(textMap),
    label: optional(textMap),
    labels: optional(textMap),
  },
  blocks: {
    auth_config: blocks({
      attributes: {
        host_name: required(text),
        user_name: optional(text),
        password: sensitive(optional(text)),
        auth: sensitive(optional(text)),
        email: optional(text),
        server_address: optional(text),
        identity_token: sensitive(optional(text)),
        registry_token: sensitive(optional(text)),
      },
      blocks: {},
    }),
    ulimit: blocks({ attributes: { name: required(text), hard: required(num), soft: required(num) }, blocks: {} }),
  },
}

export const imageSchema: BlockSchema = {
  attributes: {
    id: computed(text),
    name: required(text),
    image_id: computed(text),
    repo_digest: computed(text),
    platform: optional(text),
    keep_locally: optional(flag),
    force_remove: optional(flag),
    pull_triggers: optional(setType(stringType)),
    triggers: optional(textMap),
  },
  blocks: { build: unorderedBlocks(build, { maxItems: 1 }) },
}
