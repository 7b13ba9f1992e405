// The mutable state of a run: one entry per object.

import {
  formatInstance,
  formatModulePath,
  formatResource,
  type InstanceKey,
  parseModulePath,
  type ResourceAddress,
} from '../../addresses.ts'
import { emptyState, type State, type StateInstance, type StateOutput, type StateResource } from './state.ts'

export interface StateObject {
  readonly address: ResourceAddress
  readonly provider: string
  readonly instance: StateInstance
  /** The previous address, if this plan moved the object. */
  readonly movedFrom?: string
}

export class WorkingState {
  readonly #base: State
  readonly #objects = new Map<string, StateObject>()
  /** Resources with invalid module addresses; preserved unchanged. */
  readonly unreadable: readonly StateResource[]
  outputs: Readonly<Record<string, StateOutput>>
  checkResults: unknown = null

  constructor(state: State | null) {
    this.#base = state ?? emptyState()
    this.outputs = this.#base.outputs
    this.unreadable = this.#base.resources.filter((resource) => addressOf(resource) === undefined)
    for (const resource of this.#base.resources) {
      const address = addressOf(resource)
      // Data sources are read again in each run.
      if (resource.mode === 'data' || !address) continue
      for (const { provider = resource.provider, ...instance } of resource.instances)
        this.put({ address, provider, instance })
    }
  }

  put(object: StateObject): void {
    this.#objects.set(idOf(object.address, object.instance.indexKey, object.instance.deposed), object)
  }

  remove(address: ResourceAddress, key: InstanceKey, deposed?: string): void {
    this.#objects.delete(idOf(address, key, deposed))
  }

  /** Changes the object's address. */
  move(object: StateObject, address: ResourceAddress, key: InstanceKey): void {
    this.remove(object.address, object.instance.indexKey, object.instance.deposed)
    const { indexKey, ...instance } = object.instance
    const movedFrom = object.movedFrom ?? formatInstance(object.address, indexKey)
    this.put({ ...object, address, movedFrom, instance: { ...(key !== undefined && { indexKey: key }), ...instance } })
  }

  get(address: ResourceAddress, key: InstanceKey): StateObject | undefined {
    return this.#objects.get(idOf(address, key, undefined))
  }

  objects(): readonly StateObject[] {
    return [...this.#objects.values()]
  }

  /** @param keepsSerialIfUnchanged Whether the serial stays the same if the content does. */
  toState(keepsSerialIfUnchanged = false): State {
    const resources = new Map<string, StateResource & { instances: StateInstance[] }>()
    const sorted = [...this.#objects].sort(([a], [b]) => (a < b ? -1 : 1))
    for (const [, { address, provider, instance }] of sorted) {
      const name = formatResource(address)
      const existing = resources.get(name)
      // A configuration of a provider block with for_each: instances may have different ones.
      const hasInstanceProvider = /"\]\.[^."[\]]+\[/.test(provider)
      const stored = hasInstanceProvider ? { provider, ...instance } : instance
      if (existing) existing.instances.push(stored)
      else
        resources.set(name, {
          ...(address.module.length > 0 && { module: formatModulePath(address.module) }),
          mode: address.mode,
          type: address.type,
          name: address.name,
          provider: hasInstanceProvider ? '' : provider,
          instances: [stored],
        })
    }
    const content = {
      outputs: this.outputs,
      checkResults: this.checkResults,
      resources: [...this.unreadable, ...[...resources.values()].map(sortInstances)],
    }
    const isSame = keepsSerialIfUnchanged && contentOf(content) === contentOf(this.#base)
    return { ...this.#base, ...content, serial: this.#base.serial + (isSame ? 0 : 1) }
  }
}

const contentOf = ({ outputs, checkResults, resources }: Pick<State, 'outputs' | 'checkResults' | 'resources'>) =>
  JSON.stringify([outputs, checkResults ?? null, resources], (_, value) =>
    isPlainObject(value) ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1))) : value,
  )

const isPlainObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype

const idOf = (address: ResourceAddress, key: InstanceKey, deposed: string | undefined) =>
  deposed === undefined ? formatInstance(address, key) : `${formatInstance(address, key)} (deposed ${deposed})`

function addressOf({ module, mode, type, name }: StateResource): ResourceAddress | undefined {
  const path = parseModulePath(module ?? '')
  return path && { module: path, mode, type, name }
}

function sortInstances(resource: StateResource): StateResource {
  const instances = [...resource.instances].sort((a, b) =>
    typeof a.indexKey === 'number' && typeof b.indexKey === 'number' ? a.indexKey - b.indexKey : 0,
  )
  return { ...resource, instances }
}
