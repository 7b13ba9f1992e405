// The state in Terraform's JSON format, version 4. Attributes stay JSON here: decoding them needs the schema, see
// attributes-json.ts. Immutable.

import { randomUUID } from 'node:crypto'
import type { InstanceKey, ResourceMode } from '../../addresses.ts'
import { parseExactly } from '../../values/exact-json.ts'

export interface State {
  readonly version: 4
  readonly terraformVersion: string
  readonly serial: number
  readonly lineage: string
  readonly outputs: Readonly<Record<string, StateOutput>>
  readonly resources: readonly StateResource[]
  /** Results of conditions in Terraform's form; null without conditions. */
  readonly checkResults?: unknown
}

export interface StateOutput {
  readonly value: unknown
  readonly type: unknown
  readonly sensitive?: boolean
  readonly deprecated?: string
}

export interface StateResource {
  /** `module.a["x"].module.b`; absent for the root module. */
  readonly module?: string
  readonly mode: ResourceMode
  readonly type: string
  readonly name: string
  /** `provider["registry.terraform.io/coder/coder"]` */
  readonly provider: string
  readonly instances: readonly StateInstance[]
}

export interface StateInstance {
  readonly indexKey?: InstanceKey
  /** Overrides the resource's, if its instances have different ones: `provider["…"].by["key"]`. */
  readonly provider?: string
  /** The random id of a replaced object that still has to be destroyed. */
  readonly deposed?: string
  readonly status?: 'tainted'
  readonly schemaVersion: number
  readonly attributes: Readonly<Record<string, unknown>>
  /** Attribute paths in Terraform's form. */
  readonly sensitiveAttributes?: readonly unknown[]
  readonly private?: string
  /** Resource addresses without instance keys. */
  readonly dependencies: readonly string[]
  readonly createBeforeDestroy?: boolean
  /** Forget the object instead of destroying it when its block is removed. */
  readonly skipDestroy?: boolean
}

export type ReadStateResult = { readonly state: State } | { readonly problem: string }

/** The Terraform version with this state format, so that the real tool reads it without an upgrade. */
const writtenTerraformVersion = '1.11.4'

export function emptyState(): State {
  return {
    version: 4,
    terraformVersion: writtenTerraformVersion,
    serial: 0,
    lineage: randomUUID(),
    outputs: {},
    resources: [],
  }
}

/** Reads state JSON. An unsupported version or form is a problem, never a partial state. */
export function readState(json: string): ReadStateResult {
  const parsed = parseJson(json)
  if (!isRecord(parsed)) return { problem: 'The state is not a JSON object. Restore it from the last good build.' }
  if (parsed.version !== 4) {
    return {
      problem: `The state has format version ${JSON.stringify(parsed.version ?? null)}; this program supports version 4 only. Use the program that wrote the state.`,
    }
  }
  const resources = asArray(parsed.resources)
  if (!resources.every(isRecord))
    return {
      problem: 'The state is invalid: one of its resources is not a JSON object. Restore it from the last good build.',
    }
  return {
    state: {
      version: 4,
      terraformVersion: text(parsed.terraform_version) ?? writtenTerraformVersion,
      serial: typeof parsed.serial === 'number' ? parsed.serial : 0,
      lineage: text(parsed.lineage) ?? randomUUID(),
      outputs: readOutputs(parsed.outputs),
      resources: resources.map(readResource),
      checkResults: parsed.check_results ?? null,
    },
  }
}

/** Terraform's state JSON, version 4. */
export function writeState(state: State): string {
  const document = {
    version: 4,
    terraform_version: state.terraformVersion,
    serial: state.serial,
    lineage: state.lineage,
    outputs: state.outputs,
    resources: state.resources.map(writeResource),
    check_results: state.checkResults ?? null,
  }
  return `${JSON.stringify(document, null, 2)}\n`
}

/** Whether no managed object is left. */
export const isEmptyState = (state: State): boolean =>
  state.resources.every((resource) => resource.mode === 'data' || resource.instances.length === 0)

type JsonRecord = Readonly<Record<string, unknown>>

const isRecord = (value: unknown): value is JsonRecord =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
const asRecord = (value: unknown): JsonRecord => (isRecord(value) ? value : {})
const asArray = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : [])
const text = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined)

function parseJson(json: string): unknown {
  try {
    return parseExactly(json)
  } catch {
    return undefined
  }
}

function readOutputs(value: unknown): Record<string, StateOutput> {
  const outputs: Record<string, StateOutput> = {}
  for (const [name, output] of Object.entries(asRecord(value))) {
    const { value, type, sensitive, deprecated } = asRecord(output)
    outputs[name] = {
      value,
      type,
      ...(sensitive === true && { sensitive }),
      ...(typeof deprecated === 'string' && { deprecated }),
    }
  }
  return outputs
}

function readResource(resource: JsonRecord): StateResource {
  const module = text(resource.module)
  return {
    ...(module !== undefined && { module }),
    mode: resource.mode === 'data' ? 'data' : 'managed',
    type: text(resource.type) ?? '',
    name: text(resource.name) ?? '',
    provider: text(resource.provider) ?? '',
    instances: asArray(resource.instances).map((instance) => readInstance(asRecord(instance))),
  }
}

function readInstance(instance: JsonRecord): StateInstance {
  const key = instance.index_key
  const deposed = text(instance.deposed)
  const opaque = text(instance.private)
  return {
    ...((typeof key === 'string' || typeof key === 'number') && { indexKey: key }),
    ...(typeof instance.provider === 'string' && { provider: instance.provider }),
    ...(deposed !== undefined && { deposed }),
    ...(instance.status === 'tainted' && { status: 'tainted' as const }),
    schemaVersion: typeof instance.schema_version === 'number' ? instance.schema_version : 0,
    attributes: asRecord(instance.attributes),
    sensitiveAttributes: asArray(instance.sensitive_attributes),
    ...(opaque !== undefined && { private: opaque }),
    dependencies: asArray(instance.dependencies).filter((name) => typeof name === 'string'),
    ...(instance.create_before_destroy === true && { createBeforeDestroy: true }),
    ...(instance.skip_destroy === true && { skipDestroy: true }),
  }
}

function writeResource(resource: StateResource): JsonRecord {
  return {
    ...(resource.module !== undefined && { module: resource.module }),
    mode: resource.mode,
    type: resource.type,
    name: resource.name,
    ...(resource.provider !== '' && { provider: resource.provider }),
    instances: resource.instances.map(writeInstance),
  }
}

function writeInstance(instance: StateInstance): JsonRecord {
  return {
    ...(instance.indexKey !== undefined && { index_key: instance.indexKey }),
    ...(instance.provider !== undefined && { provider: instance.provider }),
    ...(instance.status && { status: instance.status }),
    ...(instance.deposed !== undefined && { deposed: instance.deposed }),
    schema_version: instance.schemaVersion,
    attributes: instance.attributes,
    sensitive_attributes: instance.sensitiveAttributes ?? [],
    ...(instance.private !== undefined && { private: instance.private }),
    ...(instance.dependencies.length > 0 && { dependencies: instance.dependencies }),
    ...(instance.createBeforeDestroy && { create_before_destroy: true }),
    ...(instance.skipDestroy && { skip_destroy: true }),
  }
}
