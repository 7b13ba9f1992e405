// The declarations of a module: names, types and unevaluated expressions. Built by decode-module.ts, used by the
// engine.

import type { InstanceKey, ModuleNames, ModulePath, ResourceAddress } from '../addresses.ts'
import type { Diagnostic } from '../diagnostics/diagnostic.ts'
import type { Range } from '../diagnostics/source.ts'
import type { Attribute, Block, Body, Expression } from '../hcl/ast.ts'
import type { Reference } from '../lang/scope.ts'
import type { Type } from '../values/type.ts'
import type { Value } from '../values/value.ts'

export interface Module {
  /** The value of `path.module`: relative to the template's folder, or absolute outside of it. */
  readonly dir: string
  readonly variables: ReadonlyMap<string, InputVariable>
  readonly locals: ReadonlyMap<string, LocalValue>
  readonly outputs: ReadonlyMap<string, OutputValue>
  /** By address without key: `coder_agent.main`, `data.coder_workspace.me`. */
  readonly resources: ReadonlyMap<string, ResourceBlock>
  readonly calls: ReadonlyMap<string, ModuleCall>
  readonly checks: ReadonlyMap<string, CheckBlock>
  /** By address without key: `ephemeral.random_password.db`. */
  readonly ephemerals: ReadonlyMap<string, EphemeralBlock>
  readonly moved: readonly MovedBlock[]
  readonly removed: readonly RemovedBlock[]
  readonly imports: readonly ImportBlock[]
  readonly providerBlocks: readonly ProviderBlock[]
  readonly requiredProviders: ReadonlyMap<string, RequiredProvider>
  /** The `backend` or `cloud` block, if present. */
  readonly storage: Block | undefined
  /** From terraform.tfvars and *.auto.tfvars. */
  readonly variableValues: ReadonlyMap<string, { readonly value: Value; readonly range: Range }>
  readonly diagnostics: readonly Diagnostic[]
}

export interface InputVariable {
  readonly name: string
  readonly type: Type
  /** As written: `list(string)`; `any` if omitted. */
  readonly typeText: string
  readonly defaultValue: Value | undefined
  readonly description: string
  readonly sensitive: boolean
  /** Ephemeral: the value is never part of a plan, state or output. */
  readonly ephemeral: boolean
  readonly nullable: boolean
  /** `const`: whether the value must be known before planning, or must not be used where that is required. */
  readonly isStatic: boolean | undefined
  /** The deprecation message. */
  readonly deprecated: string | undefined
  readonly validations: readonly Condition[]
  readonly range: Range
}

/** A condition and its error message. */
export interface Condition {
  readonly kind: 'validation' | 'precondition' | 'postcondition' | 'assert'
  readonly condition: Expression
  readonly errorMessage: Expression
  readonly range: Range
}

export interface LocalValue {
  readonly name: string
  readonly expression: Expression
  readonly range: Range
}

export interface OutputValue {
  readonly name: string
  readonly expression: Expression
  readonly sensitive: boolean
  readonly ephemeral: boolean
  readonly deprecated: string | undefined
  readonly dependsOn: readonly Reference[]
  readonly preconditions: readonly Condition[]
  readonly range: Range
}

/** A `module` block. */
export interface ModuleCall {
  readonly name: string
  /** Undefined if it has references; the loader then evaluates `sourceExpression`. */
  readonly source: string | undefined
  readonly sourceExpression: Expression
  readonly version: string | undefined
  readonly count: Expression | undefined
  readonly forEach: Expression | undefined
  /** `lifecycle.enabled`: when false there is no instance at all. */
  readonly enabled: Expression | undefined
  readonly dependsOn: readonly Reference[]
  /** From the child's provider configuration name, `aws` or `aws.west`, to that of the calling module. */
  readonly providers: ReadonlyMap<string, PassedProvider>
  /** Values for the child's variables. */
  readonly inputs: ReadonlyMap<string, Attribute>
  /** The range for missing arguments. */
  readonly openingRange: Range
  readonly range: Range
}

/** A module at its position in the module tree. Several calls may use the same folder. */
export interface ModuleNode {
  readonly names: ModuleNames
  readonly module: Module
  readonly parent: ModuleNode | undefined
  /** The calling `module` block; undefined for the root. */
  readonly call: ModuleCall | undefined
  readonly children: ReadonlyMap<string, ModuleNode>
}

/** The address of a provider configuration: `aws`, `aws.west`. */
export interface ProviderReference {
  readonly name: string
  readonly alias: string | undefined
  /** The instance key of a configuration with `for_each`. */
  readonly key: Expression | undefined
  readonly range: Range
}

export interface PassedProvider {
  /** Relative to the module with the block. */
  readonly reference: ProviderReference
  /** The range of the child's configuration name. */
  readonly inner: Range
}

export interface ResourceBlock {
  readonly address: ResourceAddress
  readonly typeRange: Range
  /** The whole body; `metaArguments` lists its meta-arguments. */
  readonly body: Body
  readonly count: Expression | undefined
  readonly forEach: Expression | undefined
  /** `lifecycle.enabled`: when false there is no instance at all. */
  readonly enabled: Expression | undefined
  /** From `provider = …`, otherwise from the type's prefix. */
  readonly provider: ProviderReference
  readonly dependsOn: readonly Reference[]
  readonly lifecycle: Lifecycle
  readonly provisioners: readonly Provisioner[]
  /** The enclosing `check` block, which turns errors into warnings. */
  readonly isInCheck?: boolean
  readonly range: Range
}

/** An ephemeral resource, which exists for one run only. Bundled providers have none. */
export interface EphemeralBlock {
  readonly type: string
  readonly typeRange: Range
  readonly provider: ProviderReference
  readonly body: Body
  readonly count: Expression | undefined
  readonly forEach: Expression | undefined
  readonly range: Range
}

export interface CheckBlock {
  readonly name: string
  readonly assertions: readonly Condition[]
  /** Its scoped data source, which is among the module's resources. */
  readonly data: string | undefined
  readonly range: Range
}

/** The address of a resource or, without one, a module, relative to the module with the block. */
export interface TargetAddress {
  readonly module: ModulePath
  readonly resource: Omit<ResourceAddress, 'module'> | undefined
  readonly key: InstanceKey
}

export interface MovedBlock {
  readonly from: TargetAddress
  readonly to: TargetAddress
  readonly range: Range
}

export interface RemovedBlock {
  readonly from: TargetAddress
  /** If false, the object is removed from the state without being destroyed. */
  readonly destroys: boolean
  readonly provisioners: readonly Provisioner[]
  readonly range: Range
}

export interface ImportBlock {
  readonly to: TargetAddress
  /** The target's instance key, which may reference each.key. */
  readonly key: Expression | undefined
  readonly id: Expression
  readonly forEach: Expression | undefined
  readonly range: Range
}

/** `input.x[0]`: attribute steps differ from map keys. */
export interface IgnoredPath {
  readonly steps: readonly ({ readonly attribute: string } | { readonly index: string | number })[]
  /** The range of the first step. */
  readonly range: Range
}

export interface Lifecycle {
  readonly createBeforeDestroy: boolean
  readonly preventDestroy: Expression | undefined
  /** `destroy = false`: removes the object from the state instead of destroying it. */
  readonly skipsDestroy: boolean
  readonly ignoreChanges: readonly IgnoredPath[] | 'all'
  readonly replaceTriggeredBy: readonly Expression[]
  readonly preconditions: readonly Condition[]
  readonly postconditions: readonly Condition[]
}

export interface Provisioner {
  readonly type: string
  readonly when: 'create' | 'destroy'
  readonly onFailure: 'fail' | 'continue'
  readonly body: Body
  readonly range: Range
}

export interface ProviderBlock {
  readonly name: string
  readonly alias: string | undefined
  readonly forEach: Expression | undefined
  readonly body: Body
  readonly range: Range
}

export interface RequiredProvider {
  readonly name: string
  /** As written, `coder/coder`; a name without a slash means `hashicorp/name`. */
  readonly source: string
  /** Configurations that the calling module must pass. */
  readonly aliases: readonly ProviderReference[]
  readonly range: Range
}

export const configurationName = ({ name, alias }: Pick<ProviderReference, 'name' | 'alias'>): string =>
  alias === undefined ? name : `${name}.${alias}`

/** Meta-arguments: arguments and blocks that the language defines, not the provider. */
export const metaArguments: ReadonlySet<string> = new Set(['count', 'for_each', 'provider', 'depends_on'])
export const metaBlocks: ReadonlySet<string> = new Set(['lifecycle', 'provisioner', 'connection'])
export const metaProvisionerArguments: ReadonlySet<string> = new Set(['when', 'on_failure'])
export const metaProviderArguments: ReadonlySet<string> = new Set(['alias', 'version', 'for_each'])
