// `docker_container`: a container that runs, or that has run to its end (`attach`).

import { join } from 'node:path'
import type { OperationContext, Outcome, ProviderDiagnostic, ResourceType } from '../../../provider.ts'
import { blocksField, boolField, numberField, textField, textsField, withFields } from '../../../values/fields.ts'
import { bool, type ObjectValue, string } from '../../../values/value.ts'
import { type AgentContainer, recordAgentContainer } from '../agent/agent-containers.ts'
import { type AgentFiles, findAgentFiles, runsAgent } from '../agent/agent-files.ts'
import type { DockerContext } from '../common/context.ts'
import { isOwn, labelsFor } from '../common/ownership.ts'
import { failed, planResource, problem, unset } from '../common/resource.ts'
import type { EngineAddress } from '../engine/address.ts'
import { EngineError, isConflict, isNotFound } from '../engine/engine-error.ts'
import { type ImageSource, requireImage } from '../image/pull.ts'
import { toCreateRequest, toEndpoint, toLimits } from './create-request.ts'
import { type Inspection, withInspection } from './inspection.ts'
import { containerSchema, defaults, updatable } from './schema.ts'
import { uploadFiles } from './uploads.ts'
import { readLogs, waitForExit, waitUntilHealthy } from './wait.ts'

export function containerResource(source: ImageSource, context: DockerContext): ResourceType {
  const { client } = source
  const find = (id: string) => client.find<Inspection>(containerPath(id, 'json'))
  return {
    schema: containerSchema,
    schemaVersion: 2,
    validate: validateContainer,
    plan: (request) => planResource(request, containerSchema, defaults, updatable),
    async read(current) {
      const found = await find(textField(current, 'id') ?? '')
      if (!found) return { value: null }
      // A plan that finds false where true is wanted starts the container.
      const isStopped = boolField(current, 'must_run') === true && !found.State.Running && !boolField(current, 'attach')
      return { value: isStopped ? withFields(current, { must_run: bool(false) }) : current }
    },
    create: (planned, operation) => create(planned, source, context, operation),
    async update(prior, planned) {
      const id = textField(prior, 'id') ?? ''
      await client.call('POST', containerPath(id, 'update'), { body: toLimits(planned) })
      if (boolField(planned, 'must_run') && boolField(planned, 'start'))
        await client.call('POST', containerPath(id, 'start'))
      const found = await find(id)
      return { value: found ? withInspection(planned, found) : null }
    },
    async import(id) {
      const found = await find(id)
      if (!found) return { value: null }
      const name = string(found.Name.replace(/^\//, ''))
      return { value: withInspection(withFields(unset(containerSchema), { ...defaults, name }), found) }
    },
    delete: (prior, operation) => remove(prior, source, operation),
  }
}

const containerPath = (id: string, action = '') =>
  `/containers/${encodeURIComponent(id)}${action === '' ? '' : `/${action}`}`

function validateContainer(config: ObjectValue): readonly ProviderDiagnostic[] {
  const gpus = textField(config, 'gpus')
  if (gpus !== undefined && gpus !== 'all')
    return [problem('Unsupported GPUs', `Only "all" is supported; it is ${JSON.stringify(gpus)}.`, 'gpus')]
  return blocksField(config, 'upload').flatMap((upload, index) => {
    const contents = ['content', 'content_base64', 'source'].filter((name) => upload.entries.get(name)?.kind !== 'null')
    if (contents.length === 1) return []
    const detail = 'Exactly one of content, content_base64 and source must be set.'
    return [problem('Invalid upload', detail, 'upload', index)]
  })
}

async function create(
  planned: ObjectValue,
  source: ImageSource,
  context: DockerContext,
  operation: OperationContext,
): Promise<Outcome> {
  let id: string
  let agent: AgentFiles | undefined
  try {
    const image = await requireImage(source, textField(planned, 'image') ?? '', operation)
    if (context.agentBinDir && runsAgent(planned))
      agent = await findAgentFiles(join(context.agentBinDir, '..'), image, operation)
    id = await createContainer(planned, source, context, operation, agent)
  } catch (error) {
    if (!(error instanceof EngineError)) throw error
    return failed(null, problem('Container not created', error.message))
  }
  // From here on the container exists, so failures keep it in the state.
  const diagnostics: ProviderDiagnostic[] = []
  let logs = ''
  try {
    if (agent) {
      await agent.provide(source.client, id, planned, operation)
      if (context.dataDir) recordAgentContainer(context.dataDir, toAgentContainer(planned, id, source.client.address))
    }
    logs = await start(planned, source, id, operation)
  } catch (error) {
    diagnostics.push(problem('Container not started', (error as Error).message))
  }
  const found = await source.client.find<Inspection>(containerPath(id, 'json'))
  // `rm` removes a container that has ended.
  if (!found) return { value: null, diagnostics }
  return { value: withInspection(withFields(planned, { container_logs: string(logs) }), found), diagnostics }
}

/** @returns the id. An abort does not interrupt the request, because its outcome would be unknown. */
async function createContainer(
  planned: ObjectValue,
  { client }: ImageSource,
  context: DockerContext,
  operation: OperationContext,
  agent: AgentFiles | undefined,
): Promise<string> {
  const name = textField(planned, 'name') ?? ''
  const body = toCreateRequest(planned, labelsFor(planned, context, operation), agent)
  const post = () => client.call<{ Id: string }>('POST', '/containers/create', { query: { name }, body })
  try {
    return (await post()).Id
  } catch (error) {
    if (!isConflict(error)) throw error
    const existing = await client.find<Inspection>(containerPath(name, 'json'))
    if (!existing) return (await post()).Id
    if (!isOwn(existing.Config.Labels, context, operation))
      throw new EngineError(
        409,
        `The name ${JSON.stringify(name)} is used by a container that this workspace did not create. Choose another name, or remove the container.`,
      )
    await client.call('DELETE', containerPath(existing.Id), { query: { force: true, v: true } })
    return (await post()).Id
  }
}

function toAgentContainer(planned: ObjectValue, id: string, engine: EngineAddress): AgentContainer {
  const texts = ['entrypoint', 'command', 'env'].flatMap((name) => textsField(planned, name))
  // As assigned in the init script, in which a template may have replaced the host name.
  const [, agentUrl] = /CODER_AGENT_URL='?(https?:\/\/[^'\s]+)/.exec(texts.join('\n')) ?? []
  return { id, engine, agentUrl }
}

/** @returns the logs of a container that was attached to */
async function start(
  planned: ObjectValue,
  { client }: ImageSource,
  id: string,
  operation: OperationContext,
): Promise<string> {
  for (const network of blocksField(planned, 'networks_advanced').slice(1)) {
    const path = `/networks/${encodeURIComponent(textField(network, 'name') ?? '')}/connect`
    await client.call('POST', path, { body: { Container: id, EndpointConfig: toEndpoint(network) } })
  }
  await uploadFiles(planned, client, id, operation)
  if (boolField(planned, 'start') === false) return ''
  await client.call('POST', containerPath(id, 'start'))
  if (boolField(planned, 'wait'))
    await waitUntilHealthy(client, id, (numberField(planned, 'wait_timeout') ?? 60) * 1000, operation)
  if (!boolField(planned, 'attach')) return ''
  await waitForExit(client, id, operation)
  return boolField(planned, 'logs') ? await readLogs(client, id, boolField(planned, 'tty') ?? false) : ''
}

async function remove(prior: ObjectValue, { client }: ImageSource, { signal }: OperationContext): Promise<Outcome> {
  const path = containerPath(textField(prior, 'id') ?? '')
  const grace = numberField(prior, 'destroy_grace_seconds')
  try {
    if (grace) await client.call('POST', `${path}/stop`, { query: { t: grace }, signal })
    await client.call('DELETE', path, { query: { force: true, v: boolField(prior, 'remove_volumes') ?? true } })
  } catch (error) {
    // The engine is removing a container that has ended if it was created with `rm`.
    const isRemoved = isNotFound(error) || (isConflict(error) && boolField(prior, 'rm') === true)
    if (!isRemoved) throw error
  }
  return { value: null }
}
