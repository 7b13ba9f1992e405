// The deployment's agent in containers: a read-only mount of a volume that the engine keeps for each version of the agent,
// so that a container has the `coder` command without a download and without a network.

import { basename } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { isAgentInstalled, packAgent } from '../../../../lib/agent-archive.ts'
import { agentFolder } from '../../../../lib/container-bridge.ts'
import type { OperationContext } from '../../../provider.ts'
import { textField, textsField } from '../../../values/fields.ts'
import type { ObjectValue } from '../../../values/value.ts'
import type { EngineClient } from '../engine/client.ts'
import { isConflict, isNotFound } from '../engine/engine-error.ts'
import type { Image } from '../image/pull.ts'

const agentLabel = 'com.coder-local.agent'
/** Written last. */
const completeFile = 'complete'

const uploadPollMs = 100
/** An upload takes a second on this computer; after this time, its process was killed. */
const uploadTimeoutMs = 120_000

/** Whether a container runs an agent: the templates of Coder pass the agent's token in its environment. */
export const runsAgent = (container: ObjectValue): boolean =>
  textsField(container, 'env').some((variable) => variable.startsWith('CODER_AGENT_TOKEN='))

const goArchitectures: Readonly<Record<string, string>> = { x64: 'amd64', arm64: 'arm64' }

/** @param installed folder of the agent that is installed on this computer
 *  @returns undefined if there is none for the image's platform: the container then downloads it, or contains one */
export async function findAgentFiles(
  installed: string,
  image: Image,
  { log }: OperationContext,
): Promise<AgentFiles | undefined> {
  if (!(await isAgentInstalled(installed))) return undefined
  const own = `${process.platform}/${goArchitectures[process.arch]}`
  const target = `${image.Os}/${image.Architecture}`
  if (own === target) return new AgentFiles(installed)
  log('warn', `The image is for ${target}, and this deployment has an agent for ${own} only.`)
  return undefined
}

export class AgentFiles {
  readonly #installed: string
  readonly #volume: string

  constructor(installed: string) {
    this.#installed = installed
    this.#volume = `coder-local-agent-${basename(installed)}`
  }

  /** For HostConfig.Mounts. */
  mount(isReadOnly: boolean) {
    const VolumeOptions = { NoCopy: true, Labels: { [agentLabel]: basename(this.#installed) } }
    return { Type: 'volume', Source: this.#volume, Target: agentFolder, ReadOnly: isReadOnly, VolumeOptions }
  }

  /** Fills the volume unless it is complete. @param id of a container with the mount, which need not run */
  async provide(client: EngineClient, id: string, container: ObjectValue, operation: OperationContext): Promise<void> {
    const deadline = performance.now() + uploadTimeoutMs
    while (!(await isComplete(client, id))) {
      const isForced = performance.now() > deadline
      const isUploaded = await this.#upload(client, textField(container, 'image') ?? '', operation, isForced)
      if (!isUploaded) await sleep(uploadPollMs, undefined, { signal: operation.signal })
    }
  }

  /** Copies the files through a container that never starts. Its name is a lock across builds and deployments.
   *  @returns false while another build copies them */
  async #upload(
    client: EngineClient,
    Image: string,
    { log, signal }: OperationContext,
    isForced: boolean,
  ): Promise<boolean> {
    const name = `${this.#volume}-upload`
    if (isForced) await remove(client, name)
    const HostConfig = { Mounts: [this.mount(false)] }
    const body = { Image, Entrypoint: [agentFolder], Labels: { [agentLabel]: '' }, HostConfig }
    try {
      await client.call('POST', '/containers/create', { query: { name }, body, signal })
    } catch (error) {
      if (isConflict(error)) return false
      throw error
    }
    try {
      log('info', 'Copying the agent to the Docker engine, once for each version of it')
      const archive = packAgent(this.#installed, completeFile)
      await client.call('PUT', `/containers/${name}/archive`, { query: { path: agentFolder }, archive, signal })
    } finally {
      await remove(client, name)
    }
    await removeUnusedVolumes(client, this.#volume)
    return true
  }
}

async function isComplete(client: EngineClient, id: string): Promise<boolean> {
  try {
    const query = { path: `${agentFolder}/${completeFile}` }
    ;(await client.open('HEAD', `/containers/${id}/archive`, { query })).resume()
    return true
  } catch (error) {
    if (isNotFound(error)) return false
    throw error
  }
}

async function remove(client: EngineClient, name: string): Promise<void> {
  await client.call('DELETE', `/containers/${name}`, { query: { force: true } }).catch((error: unknown) => {
    if (!isNotFound(error)) throw error
  })
}

/** Those of earlier versions. The engine keeps volumes that a container uses. */
async function removeUnusedVolumes(client: EngineClient, current: string): Promise<void> {
  const filters = JSON.stringify({ label: [agentLabel] })
  const { Volumes } = await client.call<{ Volumes: { Name: string }[] | null }>('GET', '/volumes', {
    query: { filters },
  })
  for (const { Name } of Volumes ?? []) {
    if (Name === current) continue
    await client.call('DELETE', `/volumes/${Name}`).catch((error: unknown) => {
      if (!isConflict(error) && !isNotFound(error)) throw error
    })
  }
}
