// `docker_volume`: a named volume. A volume that another program or workspace created is never taken over, because the
// resource's deletion would delete its data.

import type { OperationContext, Outcome, ResourceType } from '../../provider.ts'
import { computed, optional, optionalComputed, text, textMap } from '../../provider-schema.ts'
import { textField, textMapField, withFields } from '../../values/fields.ts'
import { type ObjectValue, string } from '../../values/value.ts'
import type { DockerContext } from './common/context.ts'
import { isForeign, isOwn, labelsFor } from './common/ownership.ts'
import { failed, labels, planResource, problem, unset } from './common/resource.ts'
import type { EngineClient } from './engine/client.ts'
import { isConflict, isNotFound } from './engine/engine-error.ts'

interface Volume {
  readonly Name: string
  readonly Driver: string
  readonly Mountpoint: string
  readonly Labels?: Readonly<Record<string, string>> | null
}

const schema: ResourceType['schema'] = {
  attributes: {
    id: computed(text),
    name: optionalComputed(text),
    driver: optionalComputed(text),
    driver_opts: optional(textMap),
    mountpoint: computed(text),
  },
  blocks: { labels },
}

export function volumeResource(client: EngineClient, context: DockerContext): ResourceType {
  const find = (name: string, { signal }: OperationContext) => client.find<Volume>(pathOf(name), { signal })
  return {
    schema,
    plan: (request) => planResource(request, schema, {}),
    async read(current, operation) {
      const volume = await find(textField(current, 'id') ?? '', operation)
      return { value: volume ? withVolume(current, volume) : null }
    },
    async create(planned, operation) {
      const name = textField(planned, 'name')
      const existing = name === undefined ? undefined : await find(name, operation)
      if (existing && !isOwn(existing.Labels, context, operation)) return failed(null, inUse(existing.Name))
      const body = {
        Name: name,
        Driver: textField(planned, 'driver') ?? 'local',
        DriverOpts: textMapField(planned, 'driver_opts'),
        Labels: labelsFor(planned, context, operation),
      }
      const volume = await client.call<Volume>('POST', '/volumes/create', { body, signal: operation.signal })
      return { value: withVolume(planned, volume) }
    },
    update: async (_prior, planned) => ({ value: planned }),
    async import(id, operation) {
      const volume = await find(id, operation)
      return { value: volume ? withVolume(unset(schema), volume) : null }
    },
    delete: (prior, operation) => remove(prior, client, context, operation),
  }
}

const pathOf = (name: string) => `/volumes/${encodeURIComponent(name)}`

const withVolume = (value: ObjectValue, { Name, Driver, Mountpoint }: Volume): ObjectValue =>
  withFields(value, { id: string(Name), name: string(Name), driver: string(Driver), mountpoint: string(Mountpoint) })

const inUse = (name: string) =>
  problem(
    'Docker volume exists already',
    `The volume ${JSON.stringify(name)} was not created by this workspace. Choose another name, or mount it with a "volumes" block without declaring it as a resource.`,
    'name',
  )

async function remove(
  prior: ObjectValue,
  client: EngineClient,
  context: DockerContext,
  { signal }: OperationContext,
): Promise<Outcome> {
  const name = textField(prior, 'id') ?? ''
  const existing = await client.find<Volume>(pathOf(name), { signal })
  if (isForeign(existing?.Labels, context))
    return failed(prior, problem('Docker volume not deleted', `The volume ${name} belongs to another workspace.`))
  try {
    await client.call('DELETE', pathOf(name), { signal })
    return { value: null }
  } catch (error) {
    if (isNotFound(error)) return { value: null }
    if (!isConflict(error)) throw error
    return failed(
      prior,
      problem('Docker volume in use', `${(error as Error).message}. Remove the containers that use it.`),
    )
  }
}
