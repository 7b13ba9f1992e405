// The model of a `*.tftest.hcl` file. decode-test-file.ts decodes it.

import type { ModuleNames, ResourceMode } from '../addresses.ts'
import type { Condition, ProviderBlock, ProviderReference } from '../config/module.ts'
import type { Diagnostic } from '../diagnostics/diagnostic.ts'
import type { Range, Source } from '../diagnostics/source.ts'
import type { Expression } from '../hcl/ast.ts'
import type { Value } from '../values/value.ts'

export interface TestFile extends Source {
  readonly variables: ReadonlyMap<string, Expression>
  readonly providers: readonly ProviderBlock[]
  readonly mocks: readonly MockProvider[]
  readonly overrides: Overrides
  readonly runs: readonly TestRun[]
  readonly diagnostics: readonly Diagnostic[]
}

export type Fields = ReadonlyMap<string, Value>

/** Objects and modules replaced by fixed values. */
export interface Overrides {
  readonly resources: readonly ResourceOverride[]
  readonly modules: readonly ModuleOverride[]
}

export interface ResourceOverride {
  /** The block's address: `module.a.data.coder_workspace.me`. */
  readonly block: string
  readonly mode: ResourceMode
  readonly values: Fields
  readonly range: Range
}

export interface ModuleOverride {
  readonly names: ModuleNames
  readonly outputs: Fields
  readonly range: Range
}

/** A mocked provider: its computed attributes are generated. */
export interface MockProvider {
  readonly name: string
  readonly alias: string | undefined
  /** Values of computed attributes by type: `docker_image` or `data.docker_image`. */
  readonly defaults: ReadonlyMap<string, Fields>
  readonly overrides: readonly ResourceOverride[]
  readonly range: Range
}

export interface TestRun {
  readonly name: string
  readonly command: 'plan' | 'apply'
  readonly variables: ReadonlyMap<string, Expression>
  readonly assertions: readonly Condition[]
  readonly expectedFailures: readonly ExpectedFailure[]
  /** From the module's configuration name to the test file's; undefined if all are passed by name. */
  readonly providers: ReadonlyMap<string, ProviderReference> | undefined
  /** The tested module, if it is not the main one. */
  readonly module: { readonly source: string; readonly range: Range } | undefined
  /** Runs with the same key share a state, even with different modules. */
  readonly stateKey: string | undefined
  readonly options: PlanOptions
  readonly overrides: Overrides
  readonly range: Range
}

export interface ExpectedFailure {
  /** `var.x`, `output.x`, `check.x`, or a resource's address with or without a key. */
  readonly address: string
  readonly range: Range
}

export interface PlanOptions {
  readonly mode: 'normal' | 'refresh-only'
  readonly refreshes: boolean
  /** Instances to replace. */
  readonly replace: readonly string[]
  /** Plan only these and their dependencies; empty for all. */
  readonly target: readonly string[]
}
