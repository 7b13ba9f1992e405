// The engine's provider interface: tables of resource types, data sources and provisioners, each with a schema and operations.
// Providers do not know graphs, state files or HCL; their diagnostics have attribute paths, which the engine maps to source
// ranges. An adapter to a provider binary can implement the same interface.

import type { FunctionTable } from './lang/function.ts'
import type { Type } from './values/type.ts'
import type { ObjectValue } from './values/value.ts'

export interface AttributeSchema {
  readonly type: Type
  /** Must be set in the configuration. */
  readonly required?: boolean
  /** The provider fills it in when the configuration does not. */
  readonly computed?: boolean
  /** Must not be set in the configuration; only with `computed`. */
  readonly readOnly?: boolean
  /** The error message if a template sets a read-only attribute. */
  readonly readOnlyMessage?: string
  readonly sensitive?: boolean
  /** Passed to the provider and never stored: it may be ephemeral, and is null afterwards. */
  readonly writeOnly?: boolean
  /** A changed value requires a replacement. */
  readonly forcesReplacement?: boolean
}

export interface BlockSchema {
  readonly attributes: Readonly<Record<string, AttributeSchema>>
  readonly blocks: Readonly<Record<string, NestedBlockSchema>>
}

export interface NestedBlockSchema {
  /** `list` and `set`: a collection of objects, even for one block. `single`: one object or null. */
  readonly nesting: 'single' | 'list' | 'set'
  readonly block: BlockSchema
  readonly minItems?: number
  readonly maxItems?: number
}

/** The steps from a resource's body to a nested value: `['metadata', 0, 'script']`. */
export type AttributePath = readonly (string | number)[]

export interface ProviderDiagnostic {
  readonly severity: 'error' | 'warning'
  readonly summary: string
  readonly detail: string
  /** The invalid argument. Default: the whole block. */
  readonly path?: AttributePath
}

export interface OperationContext {
  /** The instance's address, such as `host_process.agent[0]`. */
  readonly address: string
  /** The resource's name, the second label of its block. */
  readonly name: string
  /** The template's absolute folder, the base of relative paths. */
  readonly dir: string
  readonly signal: AbortSignal
  log(level: LogLevel, message: string): void
}

export type LogLevel = 'debug' | 'info' | 'warn' | 'error'

export interface Outcome {
  /** The object that exists now, also after a partial failure; null if none exists. */
  readonly value: ObjectValue | null
  readonly diagnostics?: readonly ProviderDiagnostic[]
}

export interface ResourcePlanRequest {
  readonly config: ObjectValue
  /** The current object; null for a creation. */
  readonly prior: ObjectValue | null
  /** The configuration with the computed attributes of `prior`; unknown if there is none. */
  readonly proposed: ObjectValue
}

export interface ResourcePlanOutcome {
  readonly planned: ObjectValue
  /** Changed attributes that require a replacement, in addition to those with `forcesReplacement`. */
  readonly requiresReplace?: readonly AttributePath[]
  readonly diagnostics?: readonly ProviderDiagnostic[]
}

export interface ResourceType {
  readonly schema: BlockSchema
  /** The version of the attributes in the state. Default: 0. */
  readonly schemaVersion?: number
  /** The type has no real objects, so provisioners do not run. */
  readonly isMock?: boolean
  /** The schema is inferred from the template, so conditions on its objects cannot be checked. */
  readonly isInferred?: boolean
  /** Validates a configuration, whose values may be unknown. */
  validate?(config: ObjectValue): readonly ProviderDiagnostic[]
  plan?(request: ResourcePlanRequest): ResourcePlanOutcome
  /** Reads the current object; a null value if it no longer exists. */
  read(current: ObjectValue, context: OperationContext): Promise<Outcome>
  create(planned: ObjectValue, context: OperationContext): Promise<Outcome>
  update(prior: ObjectValue, planned: ObjectValue, context: OperationContext): Promise<Outcome>
  /** Finds an existing object by its id; a null value if there is none. Undefined if the type does not support imports. */
  import?(id: string, context: OperationContext): Promise<Outcome>
  /** Returns a null value if the object was deleted. */
  delete(prior: ObjectValue, context: OperationContext): Promise<Outcome>
}

export interface DataSourceType {
  readonly schema: BlockSchema
  /** See `ResourceType.isInferred`. */
  readonly isInferred?: boolean
  /** Mocks replace unknown values with generated ones; for other types they are an error during apply. */
  readonly acceptsUnknown?: boolean
  validate?(config: ObjectValue): readonly ProviderDiagnostic[]
  /** Checks that a valid configuration can be read; values may be unknown. Errors in a plan, warnings in a validation. */
  validateConfig?(config: ObjectValue): readonly ProviderDiagnostic[]
  /** The configuration is wholly known, unless `acceptsUnknown` is set. */
  read(config: ObjectValue, context: OperationContext): Promise<Outcome>
}

/** Runs after the creation or before the destruction of an object: `provisioner "local-exec"`. */
export interface ProvisionerType {
  readonly schema: BlockSchema
  /** The schema of the `connection` block, for provisioners on remote machines. */
  readonly connection?: BlockSchema
  /** Validates a configuration, whose values may be unknown. */
  validate?(config: ObjectValue): readonly ProviderDiagnostic[]
  run(
    config: ObjectValue,
    context: OperationContext,
    connection: ObjectValue | undefined,
  ): Promise<readonly ProviderDiagnostic[]>
}

export interface ConfiguredProvider {
  readonly provider: Provider
  readonly diagnostics?: readonly ProviderDiagnostic[]
}

export interface Provider {
  /** The default local name, also the prefix of its types: `coder`. */
  readonly name: string
  /** As in `required_providers`: `coder/coder`. */
  readonly source: string
  /** The release of the real provider that has the same schema and behavior. Undefined for providers of our own. */
  readonly compatibleVersion?: string
  readonly configuration: BlockSchema
  /** Returns the provider for one `provider` block; values may be unknown during planning. Undefined if the provider has
   *  no configuration. */
  configure?(config: ObjectValue): ConfiguredProvider
  readonly resources: Readonly<Record<string, ResourceType>>
  readonly dataSources: Readonly<Record<string, DataSourceType>>
  readonly provisioners?: Readonly<Record<string, ProvisionerType>>
  /** Called as `provider::<name>::<function>`. */
  readonly functions?: FunctionTable
  /** Replaces a provider that is not bundled: its types are inferred, and values that only the real provider knows are unknown. */
  readonly isStub?: boolean
}
