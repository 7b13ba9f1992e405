// `docker_network`: a network of containers.

import type { OperationContext, Outcome, ResourceType } from '../../provider.ts'
import {
  computed,
  flag,
  optional,
  optionalComputed,
  required,
  text,
  textMap,
  unorderedBlocks,
} from '../../provider-schema.ts'
import { blocksField, boolField, textField, textMapField, withFields } from '../../values/fields.ts'
import { bool, type ObjectValue, string } from '../../values/value.ts'
import type { DockerContext } from './common/context.ts'
import { isOwn, labelsFor } from './common/ownership.ts'
import { failed, labels, planResource, problem, unset } from './common/resource.ts'
import type { EngineClient } from './engine/client.ts'
import { isNotFound } from './engine/engine-error.ts'

interface Network {
  readonly Id: string
  readonly Name: string
  readonly Driver: string
  readonly Scope: string
  readonly Internal: boolean
  readonly EnableIPv6?: boolean
  readonly Attachable?: boolean
  readonly Ingress?: boolean
  readonly Options?: Readonly<Record<string, string>> | null
  readonly Labels?: Readonly<Record<string, string>> | null
}

const schema: ResourceType['schema'] = {
  attributes: {
    id: computed(text),
    name: required(text),
    driver: optionalComputed(text),
    internal: optionalComputed(flag),
    attachable: optional(flag),
    ingress: optional(flag),
    ipv6: optional(flag),
    check_duplicate: optional(flag),
    options: optional(textMap),
    ipam_driver: optional(text),
    ipam_options: optional(textMap),
    scope: computed(text),
  },
  blocks: {
    labels,
    ipam_config: unorderedBlocks({
      attributes: {
        subnet: optional(text),
        ip_range: optional(text),
        gateway: optional(text),
        aux_address: optional(textMap),
      },
      blocks: {},
    }),
  },
}

export function networkResource(client: EngineClient, context: DockerContext): ResourceType {
  const find = (idOrName: string, { signal }: OperationContext) => client.find<Network>(pathOf(idOrName), { signal })
  return {
    schema,
    plan: (request) => planResource(request, schema, { ipam_driver: string('default') }),
    async read(current, operation) {
      const network = await find(textField(current, 'id') ?? '', operation)
      return { value: network ? withNetwork(current, network) : null }
    },
    async create(planned, operation) {
      const name = textField(planned, 'name') ?? ''
      const existing = await find(name, operation)
      if (existing?.Name === name && isOwn(existing.Labels, context, operation))
        await client.call('DELETE', pathOf(existing.Id), { signal: operation.signal })
      else if (existing?.Name === name) return failed(null, inUse(name))
      const body = { ...toRequest(planned), Labels: labelsFor(planned, context, operation) }
      const created = await client.call<Pick<Network, 'Id'>>('POST', '/networks/create', {
        body,
        signal: operation.signal,
      })
      const network = await client.call<Network>('GET', pathOf(created.Id))
      return { value: withNetwork(planned, network) }
    },
    update: async (_prior, planned) => ({ value: planned }),
    async import(id, operation) {
      const network = await find(id, operation)
      return { value: network ? withNetwork(withFields(unset(schema), { name: string(network.Name) }), network) : null }
    },
    delete: (prior, operation) => remove(prior, client, operation),
  }
}

const pathOf = (idOrName: string) => `/networks/${encodeURIComponent(idOrName)}`

function toRequest(planned: ObjectValue) {
  const addressPools = blocksField(planned, 'ipam_config').map((block) => ({
    Subnet: textField(block, 'subnet'),
    IPRange: textField(block, 'ip_range'),
    Gateway: textField(block, 'gateway'),
    AuxiliaryAddresses: textMapField(block, 'aux_address'),
  }))
  return {
    Name: textField(planned, 'name'),
    CheckDuplicate: true,
    Driver: textField(planned, 'driver') ?? 'bridge',
    Internal: boolField(planned, 'internal') ?? false,
    Attachable: boolField(planned, 'attachable') ?? false,
    Ingress: boolField(planned, 'ingress') ?? false,
    EnableIPv6: boolField(planned, 'ipv6') ?? false,
    Options: textMapField(planned, 'options'),
    IPAM: {
      Driver: textField(planned, 'ipam_driver') ?? 'default',
      Options: textMapField(planned, 'ipam_options'),
      ...(addressPools.length > 0 && { Config: addressPools }),
    },
  }
}

const withNetwork = (value: ObjectValue, { Id, Driver, Internal, Scope }: Network): ObjectValue =>
  withFields(value, { id: string(Id), driver: string(Driver), internal: bool(Internal), scope: string(Scope) })

const inUse = (name: string) =>
  problem(
    'Docker network exists already',
    `The network ${JSON.stringify(name)} was not created by this workspace. Choose another name, or attach containers to it without declaring it as a resource.`,
    'name',
  )

/** Disconnects containers first: a stopped workspace's container may still be attached. */
async function remove(prior: ObjectValue, client: EngineClient, { signal }: OperationContext): Promise<Outcome> {
  const path = pathOf(textField(prior, 'id') ?? '')
  try {
    const { Containers } = await client.call<{ Containers?: Readonly<Record<string, unknown>> }>('GET', path, {
      signal,
    })
    for (const Container of Object.keys(Containers ?? {}))
      await client.call('POST', `${path}/disconnect`, { body: { Container, Force: true }, signal })
    await client.call('DELETE', path, { signal })
  } catch (error) {
    if (!isNotFound(error)) throw error
  }
  return { value: null }
}
