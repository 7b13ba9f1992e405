// What a provider is to the engine: a table of resource types and one of data sources, each with its schema and what
// it does. Providers know nothing of graphs, state files or HCL; places in their diagnostics are attribute paths, which
// the engine turns into ranges. A real provider binary can stand behind the same interface.

import type { FunctionTable } from './lang/function.ts'
import type { Type } from './values/type.ts'
import type { ObjectValue } from './values/value.ts'

export interface AttributeSchema {
  readonly type: Type
  /** Must be set in the configuration. */
  readonly required?: boolean
  /** The provider fills it in when the configuration does not. */
  readonly computed?: boolean
  /** May not be set in the configuration at all; goes with `computed`. */
  readonly readOnly?: boolean
  /** What a template is told that sets it none the less. */
  readonly readOnlyMessage?: string
  readonly sensitive?: boolean
  /** Handed over and never kept: it may be ephemeral, and is null afterwards. */
  readonly writeOnly?: boolean
  /** A changed value means a new object. */
  readonly forcesReplacement?: boolean
}

export interface BlockSchema {
  readonly attributes: Readonly<Record<string, AttributeSchema>>
  readonly blocks: Readonly<Record<string, NestedBlockSchema>>
}

export interface NestedBlockSchema {
  /** `list` and `set` give collections of objects even for a single block, `single` one object or null. */
  readonly nesting: 'single' | 'list' | 'set'
  readonly block: BlockSchema
  readonly minItems?: number
  readonly maxItems?: number
}

/** Steps from a resource's body to a value inside: `['metadata', 0, 'script']`. */
export type AttributePath = readonly (string | number)[]

export interface ProviderDiagnostic {
  readonly severity: 'error' | 'warning'
  readonly summary: string
  readonly detail: string
  /** Which argument is to blame; without it the whole block is. */
  readonly path?: AttributePath
}

export interface OperationContext {
  /** The instance at work, such as `host_process.agent[0]`. */
  readonly address: string
  /** The resource's name, the second label of its block. */
  readonly name: string
  /** The template's folder, absolute: relative paths start from it. */
  readonly dir: string
  readonly signal: AbortSignal
  log(level: LogLevel, message: string): void
}

export type LogLevel = 'debug' | 'info' | 'warn' | 'error'

export interface Outcome {
  /** What now exists, also after a failure halfway; null when nothing does. */
  readonly value: ObjectValue | null
  readonly diagnostics?: readonly ProviderDiagnostic[]
}

export interface PlanRequest {
  readonly config: ObjectValue
  /** The object as it is now; null when it is to be created. */
  readonly prior: ObjectValue | null
  /** The configuration with computed attributes kept from `prior`, or unknown when there is none. */
  readonly proposed: ObjectValue
}

export interface PlanOutcome {
  readonly planned: ObjectValue
  /** Attributes whose change needs a new object, beyond those the schema names. */
  readonly requiresReplace?: readonly AttributePath[]
  readonly diagnostics?: readonly ProviderDiagnostic[]
}

export interface ResourceType {
  readonly schema: BlockSchema
  /** Of the attributes in the state; 0 when absent. */
  readonly schemaVersion?: number
  /** Nothing is there that provisioners could work on: its objects are made up. */
  readonly isMock?: boolean
  /** Nobody has said what its objects are like, so that nobody can say whether conditions on them hold. */
  readonly isInferred?: boolean
  /** Checks a configuration whose values may be unknown. */
  validate?(config: ObjectValue): readonly ProviderDiagnostic[]
  plan?(request: PlanRequest): PlanOutcome
  /** The object as it is now; a null value when it is gone. */
  read(current: ObjectValue, context: OperationContext): Promise<Outcome>
  create(planned: ObjectValue, context: OperationContext): Promise<Outcome>
  update(prior: ObjectValue, planned: ObjectValue, context: OperationContext): Promise<Outcome>
  /** Finds what exists already by its id; a null value when there is nothing. Without it nothing can be imported. */
  import?(id: string, context: OperationContext): Promise<Outcome>
  /** A null value means it is gone. */
  delete(prior: ObjectValue, context: OperationContext): Promise<Outcome>
}

export interface DataSourceType {
  readonly schema: BlockSchema
  /** As of a resource type. */
  readonly isInferred?: boolean
  /** Makes something up for what is still not known when it is applied, where that would be an error else. */
  readonly acceptsUnknown?: boolean
  validate?(config: ObjectValue): readonly ProviderDiagnostic[]
  /** What makes it impossible to read it, of a configuration that is valid and may be partly unknown. Whoever only
   *  validates is warned. */
  validateConfig?(config: ObjectValue): readonly ProviderDiagnostic[]
  /** The configuration is wholly known, unless the type fills in what is not. */
  read(config: ObjectValue, context: OperationContext): Promise<Outcome>
}

/** What runs beside the making or the end of an object: `provisioner "local-exec"`. */
export interface ProvisionerType {
  readonly schema: BlockSchema
  /** Of the `connection` block, for one that works on another machine. */
  readonly connection?: BlockSchema
  /** Checks a configuration whose values may be unknown. */
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
  /** The local name that templates use by default, which is also the prefix of its types: `coder`. */
  readonly name: string
  /** As in `required_providers`: `coder/coder`. */
  readonly source: string
  readonly configuration: BlockSchema
  /** The provider as one `provider` block makes it, each alias its own; values may be unknown while planning. Without
   *  it all configurations are the same. */
  configure?(config: ObjectValue): ConfiguredProvider
  readonly resources: Readonly<Record<string, ResourceType>>
  readonly dataSources: Readonly<Record<string, DataSourceType>>
  readonly provisioners?: Readonly<Record<string, ProvisionerType>>
  /** Called as `provider::<name>::<function>`. */
  readonly functions?: FunctionTable
  /** Stands where one is not here: what only the real one knows is neither refused nor known. */
  readonly isStub?: boolean
}
