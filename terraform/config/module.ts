// A module as its files declare it: names, types and unevaluated expressions. Built by decode-module.ts, read by the
// engine.

import type { InstanceKey, ModuleNames, ModulePath, ResourceAddress } from '../addresses.ts'
import type { Diagnostic } from '../diagnostics/diagnostic.ts'
import type { Range } from '../diagnostics/source.ts'
import type { Attribute, Block, Body, Expression } from '../hcl/ast.ts'
import type { Reference } from '../lang/scope.ts'
import type { Type } from '../values/type.ts'
import type { Value } from '../values/value.ts'

export interface Module {
  /** As `path.module` gives it: relative to the template's folder, or absolute outside of it. */
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
  /** The `backend` or `cloud` block, if there is one. */
  readonly storage: Block | undefined
  /** From terraform.tfvars and *.auto.tfvars. */
  readonly variableValues: ReadonlyMap<string, { readonly value: Value; readonly range: Range }>
  readonly diagnostics: readonly Diagnostic[]
}

export interface InputVariable {
  readonly name: string
  readonly type: Type
  /** As written: `list(string)`; `any` when it was left out. */
  readonly typeText: string
  readonly defaultValue: Value | undefined
  readonly description: string
  readonly sensitive: boolean
  /** Its value must not outlive a run: no plan, state or output holds it. */
  readonly ephemeral: boolean
  readonly nullable: boolean
  /** `const`: whether its value must be known before anything is planned, or must not be used as if it were. */
  readonly isStatic: boolean | undefined
  /** What whoever still sets it is told. */
  readonly deprecated: string | undefined
  readonly validations: readonly Condition[]
  readonly range: Range
}

/** A rule and what to say when it is broken. */
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
  /** Undefined where it refers to something; then the loader evaluates `sourceExpression`. */
  readonly source: string | undefined
  readonly sourceExpression: Expression
  readonly version: string | undefined
  readonly count: Expression | undefined
  readonly forEach: Expression | undefined
  /** `lifecycle.enabled`: when false there is no instance at all. */
  readonly enabled: Expression | undefined
  readonly dependsOn: readonly Reference[]
  /** From the child's name of a configuration, `aws` or `aws.west`, to that of the module with this block. */
  readonly providers: ReadonlyMap<string, PassedProvider>
  /** Values for the child's variables. */
  readonly inputs: ReadonlyMap<string, Attribute>
  /** Where an argument that is missing would be. */
  readonly openingRange: Range
  readonly range: Range
}

/** A module where it stands in the template. The same folder may stand in several places. */
export interface ModuleNode {
  readonly names: ModuleNames
  readonly module: Module
  readonly parent: ModuleNode | undefined
  /** The block in the parent that asks for this module; undefined for the root. */
  readonly call: ModuleCall | undefined
  readonly children: ReadonlyMap<string, ModuleNode>
}

/** Which configuration of a provider is meant: `aws`, `aws.west`. */
export interface ProviderReference {
  readonly name: string
  readonly alias: string | undefined
  /** Which of the configurations that its `for_each` makes. */
  readonly key: Expression | undefined
  readonly range: Range
}

export interface PassedProvider {
  /** In the module with the block. */
  readonly reference: ProviderReference
  /** Where the child's name of it stands. */
  readonly inner: Range
}

export interface ResourceBlock {
  readonly address: ResourceAddress
  readonly typeRange: Range
  /** The whole body; the meta-arguments in it are named in `metaArguments`. */
  readonly body: Body
  readonly count: Expression | undefined
  readonly forEach: Expression | undefined
  /** `lifecycle.enabled`: when false there is no instance at all. */
  readonly enabled: Expression | undefined
  /** From `provider = …` or else the type's prefix. */
  readonly provider: ProviderReference
  readonly dependsOn: readonly Reference[]
  readonly lifecycle: Lifecycle
  readonly provisioners: readonly Provisioner[]
  /** Where it stands in a `check` block what is wrong with it is a warning. */
  readonly isInCheck?: boolean
  readonly range: Range
}

/** What a provider makes for one run only. None that is bundled has any. */
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
  /** Its own data source, which is among the module's resources. */
  readonly data: string | undefined
  readonly range: Range
}

/** A resource or, without one, a module, seen from the module with the block. */
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
  /** Otherwise the object is left alone and forgotten. */
  readonly destroys: boolean
  readonly provisioners: readonly Provisioner[]
  readonly range: Range
}

export interface ImportBlock {
  readonly to: TargetAddress
  /** The target's instance key, which may use each.key. */
  readonly key: Expression | undefined
  readonly id: Expression
  readonly forEach: Expression | undefined
  readonly range: Range
}

/** `input.x[0]`: an attribute is named in another way than the key of a map. */
export interface IgnoredPath {
  readonly steps: readonly ({ readonly attribute: string } | { readonly index: string | number })[]
  /** Of its first step. */
  readonly range: Range
}

export interface Lifecycle {
  readonly createBeforeDestroy: boolean
  readonly preventDestroy: Expression | undefined
  /** `destroy = false`: instead of being destroyed the object is left alone and forgotten. */
  readonly keepsObject: boolean
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
  /** As written, `coder/coder`; a name without a slash stands for `hashicorp/name`. */
  readonly source: string
  /** Configurations that whoever calls the module must hand over. */
  readonly aliases: readonly ProviderReference[]
  readonly range: Range
}

export const configurationName = ({ name, alias }: Pick<ProviderReference, 'name' | 'alias'>): string =>
  alias === undefined ? name : `${name}.${alias}`

/** Arguments and blocks of a resource that are the language's and not the provider's. */
export const metaArguments: ReadonlySet<string> = new Set(['count', 'for_each', 'provider', 'depends_on'])
export const metaBlocks: ReadonlySet<string> = new Set(['lifecycle', 'provisioner', 'connection'])
export const metaProvisionerArguments: ReadonlySet<string> = new Set(['when', 'on_failure'])
export const metaProviderArguments: ReadonlySet<string> = new Set(['alias', 'version', 'for_each'])
