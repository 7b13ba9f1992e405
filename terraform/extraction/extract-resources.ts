// Extracts resources with their agents from a plan or an applied state. An agent belongs to its nearest dependent resource.
// Apps, scripts and variables belong to the agent with their `agent_id`; in a plan, where ids are unknown, to the nearest
// agent among their dependencies.

import { formatBlock, formatInstance, formatModulePath } from '../addresses.ts'
import { type Diagnostic, errorAt } from '../diagnostics/diagnostic.ts'
import { dependentsOf, type Graph } from '../engine/graph/graph.ts'
import type { Snapshot, SnapshotInstance } from '../engine/plan/snapshot.ts'
import { blocksField, boolField, numberField, textField, textMapField } from '../values/fields.ts'
import { type ObjectValue, primitiveText } from '../values/value.ts'
import { toAgentScripts, toApp, toDisplayApps, toMonitors, toScript } from './agent-blocks.ts'
import type {
  Extracted,
  ExtractedAgent,
  ExtractedApp,
  ExtractedMetadataItem,
  ExtractedResource,
} from './extracted-types.ts'
import { listInstances, reportDuplicates } from './snapshot-instances.ts'

// They describe other resources and are shown with them.
const unlistedTypes: ReadonlySet<string> = new Set([
  'coder_agent',
  'coder_agent_instance',
  'coder_app',
  'coder_metadata',
  'coder_script',
])

/** Resources with their agents. Use a plan's snapshot for an import, an apply's snapshot for a build. */
export function extractResources(snapshot: Snapshot): Extracted<ExtractedResource> {
  const extraction = new ResourceExtraction(snapshot)
  return { items: extraction.resources(), diagnostics: extraction.diagnostics }
}

/** The similarity of two instances' keys: first those of their modules, then their own. */
function keySimilarity(a: SnapshotInstance, b: SnapshotInstance): number {
  const shared = a.address.module.findIndex((step, index) => {
    const other = b.address.module[index]
    return step.name !== other?.name || step.key !== other.key
  })
  return 2 * (shared === -1 ? a.address.module.length : shared) + (a.key === b.key ? 1 : 0)
}

class ResourceExtraction {
  readonly diagnostics: Diagnostic[] = []
  readonly #snapshot: Snapshot
  readonly #managed: readonly SnapshotInstance[]
  readonly #dependents: ReadonlyMap<string, Iterable<string>>
  readonly #dependencies: Graph['dependencies']
  readonly #instancesOfApps = new Map<ExtractedApp, SnapshotInstance>()

  constructor(snapshot: Snapshot) {
    this.#snapshot = snapshot
    this.#managed = snapshot.instances.filter(({ address }) => address.mode === 'managed')
    this.#dependencies = snapshot.graph.dependencies
    this.#dependents = dependentsOf(snapshot.graph)
  }

  resources(): ExtractedResource[] {
    const agents = this.#assignAgents()
    const metadata = this.#assignMetadata()
    return this.#managed
      .filter(({ address }) => !unlistedTypes.has(address.type))
      .map((instance) => toResource(instance, agents.get(instance) ?? [], metadata.get(instance)))
  }

  #assignAgents(): Map<SnapshotInstance, ExtractedAgent[]> {
    const assigned = new Map<SnapshotInstance, ExtractedAgent[]>()
    const found: { item: ExtractedAgent; instance: SnapshotInstance }[] = []
    for (const instance of listInstances(this.#snapshot, 'managed', 'coder_agent')) {
      const host = this.#nearest(instance, this.#dependents, canHostAgent)
      // Without a resource, nothing would start the agent.
      if (!host) continue
      const agent = this.#toAgent(instance)
      found.push({ item: agent, instance })
      assigned.set(host, [...(assigned.get(host) ?? []), agent])
    }
    this.diagnostics.push(...reportDuplicates(found, (agent) => agent.name.toLowerCase(), 'agent'))
    for (const { item, instance } of found) this.#checkAgentName(item.name, instance)
    this.#checkSlugs(found.flatMap(({ item }) => item.apps))
    return assigned
  }

  #checkAgentName(name: string, instance: SnapshotInstance): void {
    if (/^[a-z0-9](-?[a-z0-9])*$/i.test(name)) return
    const detail = `The name of an agent must have only letters, digits and single hyphens; it is "${name}".`
    this.diagnostics.push(errorAt(instance.range, 'Invalid agent name', detail))
  }

  #checkSlugs(apps: readonly ExtractedApp[]): void {
    const found = apps.flatMap((item) => {
      const instance = this.#instancesOfApps.get(item)
      return instance ? [{ item, instance }] : []
    })
    this.diagnostics.push(...reportDuplicates(found, (app) => app.slug, 'app slug'))
  }

  /** The nearest instance along the edges, then by name; of one resource's instances, the one with the most similar keys. */
  #nearest(
    from: SnapshotInstance,
    edges: ReadonlyMap<string, Iterable<string>>,
    fits: (instance: SnapshotInstance) => boolean,
  ): SnapshotInstance | undefined {
    const visited = new Set([formatBlock(from.address)])
    for (let frontier = [...visited]; frontier.length > 0; ) {
      const next = [...new Set(frontier.flatMap((node) => [...(edges.get(node) ?? [])]))]
        .filter((node) => !visited.has(node))
        .sort()
      for (const node of next) {
        visited.add(node)
        const candidates = this.#managed.filter((instance) => formatBlock(instance.address) === node && fits(instance))
        const found = candidates.toSorted((a, b) => keySimilarity(b, from) - keySimilarity(a, from))[0]
        if (found) return found
      }
      frontier = next
    }
    return undefined
  }

  /** Resources of the type that belong to the agent. */
  #resourcesOf(type: string, agent: SnapshotInstance): readonly SnapshotInstance[] {
    const id = textField(agent.value, 'id')
    return listInstances(this.#snapshot, 'managed', type).filter((instance) => {
      const named = textField(instance.value, 'agent_id')
      if (named !== undefined && id !== undefined) return named === id
      return this.#nearest(instance, this.#dependencies, ({ address }) => address.type === 'coder_agent') === agent
    })
  }

  #toAgent(instance: SnapshotInstance): ExtractedAgent {
    const { value, address } = instance
    const usesToken = (textField(value, 'auth') ?? 'token') === 'token'
    const [instanceId] = this.#resourcesOf('coder_agent_instance', instance)
    return {
      id: textField(value, 'id') ?? '',
      name: address.name,
      token: usesToken ? (textField(value, 'token') ?? '') : '',
      auth: usesToken ? 'token' : 'instance-identity',
      instanceId: (instanceId && textField(instanceId.value, 'instance_id')) ?? '',
      operatingSystem: textField(value, 'os') ?? '',
      architecture: textField(value, 'arch') ?? '',
      directory: textField(value, 'dir') ?? '',
      environment: this.#environment(instance),
      connectionTimeoutSeconds: numberField(value, 'connection_timeout') ?? 120,
      motdFile: textField(value, 'motd_file') ?? '',
      troubleshootingUrl: textField(value, 'troubleshooting_url') ?? '',
      order: numberField(value, 'order') ?? 0,
      apiKeyScope: textField(value, 'api_key_scope') === 'no_user_data' ? 'no_user_data' : 'all',
      displayApps: toDisplayApps(value),
      metadata: blocksField(value, 'metadata').map((item) => ({
        key: textField(item, 'key') ?? '',
        displayName: textField(item, 'display_name') ?? '',
        script: textField(item, 'script') ?? '',
        intervalSeconds: numberField(item, 'interval') ?? 0,
        timeoutSeconds: numberField(item, 'timeout') ?? 0,
        order: numberField(item, 'order') ?? 0,
      })),
      apps: this.#resourcesOf('coder_app', instance).map((app) => this.#toApp(app)),
      scripts: [
        ...toAgentScripts(value),
        ...this.#resourcesOf('coder_script', instance).map(({ value: script }) => toScript(script)),
      ],
      monitors: toMonitors(value),
    }
  }

  #toApp(instance: SnapshotInstance): ExtractedApp {
    const app = { ...toApp(instance.value), ...(this.#isTaskApp(instance.value) && { isTask: true as const }) }
    this.#instancesOfApps.set(app, instance)
    return app
  }

  #isTaskApp(app: ObjectValue): boolean {
    const id = textField(app, 'id')
    return (
      id !== undefined &&
      listInstances(this.#snapshot, 'managed', 'coder_ai_task').some(({ value }) => textField(value, 'app_id') === id)
    )
  }

  #environment(agent: SnapshotInstance): Readonly<Record<string, string>> {
    const merged = textMapField(agent.value, 'env')
    for (const instance of this.#resourcesOf('coder_env', agent)) {
      const name = textField(instance.value, 'name') ?? ''
      const added = textField(instance.value, 'value') ?? ''
      const before = Object.hasOwn(merged, name) ? merged[name] : undefined
      switch (textField(instance.value, 'merge_strategy')) {
        case 'append':
          merged[name] = before === undefined ? added : `${before}:${added}`
          break
        case 'prepend':
          merged[name] = before === undefined ? added : `${added}:${before}`
          break
        case 'error':
          if (before !== undefined) this.#reportConflict(name, instance)
          merged[name] = added
          break
        default:
          merged[name] = added
      }
    }
    return merged
  }

  #reportConflict(name: string, instance: SnapshotInstance): void {
    const detail = `The agent's environment variable "${name}" is set more than once, which merge_strategy = "error" does not allow.`
    this.diagnostics.push(errorAt(instance.range, 'Conflicting environment variable', detail))
  }

  #assignMetadata(): Map<SnapshotInstance, SnapshotInstance> {
    const assigned = new Map<SnapshotInstance, SnapshotInstance>()
    for (const instance of listInstances(this.#snapshot, 'managed', 'coder_metadata')) {
      const target = this.#metadataTarget(instance)
      if (!target) continue
      if (assigned.has(target)) {
        const detail = `${formatInstance(target.address, target.key)} has more than one coder_metadata. Move all items into one.`
        this.diagnostics.push(errorAt(instance.range, 'Duplicate metadata', detail))
      } else {
        assigned.set(target, instance)
      }
    }
    return assigned
  }

  #metadataTarget(instance: SnapshotInstance): SnapshotInstance | undefined {
    const id = textField(instance.value, 'resource_id')
    const named =
      id === undefined
        ? undefined
        : this.#managed.find((other) => other !== instance && textField(other.value, 'id') === id)
    return named ?? this.#nearest(instance, this.#dependencies, isInfrastructure)
  }
}

// An external agent is started manually; its coder_external_agent represents its machine.
const canHostAgent = (instance: SnapshotInstance) =>
  isInfrastructure(instance) || instance.address.type === 'coder_external_agent'

const isInfrastructure = ({ address }: SnapshotInstance) => !address.type.startsWith('coder_')

function toResource(
  { address, key, value }: SnapshotInstance,
  agents: readonly ExtractedAgent[],
  metadata: SnapshotInstance | undefined,
): ExtractedResource {
  const details = metadata?.value
  return {
    type: address.type,
    name: address.name,
    address: formatInstance(address, key),
    modulePath: formatModulePath(address.module),
    instanceType: textField(value, 'instance_type') ?? '',
    icon: (details && textField(details, 'icon')) ?? '',
    hide: (details && boolField(details, 'hide')) ?? false,
    dailyCost: (details && numberField(details, 'daily_cost')) ?? 0,
    metadata: details ? blocksField(details, 'item').map(toMetadataItem) : [],
    agents,
  }
}

function toMetadataItem(item: ObjectValue): ExtractedMetadataItem {
  const value = item.entries.get('value')
  return {
    key: textField(item, 'key') ?? '',
    value: primitiveText(value) ?? '',
    sensitive: boolField(item, 'sensitive') ?? false,
    isNull: value === undefined || value.kind === 'null',
  }
}
