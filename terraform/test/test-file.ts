// A `*.tftest.hcl` file as it declares itself: what is run in which order, and what is to hold then. Read from its text
// by decode-test-file.ts.

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

/** Objects and modules that are not asked: they give what stands here. */
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

/** A provider that is not asked: what it would compute is made up. */
export interface MockProvider {
  readonly name: string
  readonly alias: string | undefined
  /** What computed attributes of a type get, by `docker_image` or `data.docker_image`. */
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
  /** From the module's name of a configuration to that of the test file; undefined where all are handed on. */
  readonly providers: ReadonlyMap<string, ProviderReference> | undefined
  /** Another module than the one under test. */
  readonly module: { readonly source: string; readonly range: Range } | undefined
  /** Runs with one key share a state, whatever their module. */
  readonly stateKey: string | undefined
  readonly options: PlanOptions
  readonly overrides: Overrides
  readonly range: Range
}

export interface ExpectedFailure {
  /** `var.x`, `output.x`, `check.x`, or the address of a resource with or without its key. */
  readonly address: string
  readonly range: Range
}

export interface PlanOptions {
  readonly mode: 'normal' | 'refresh-only'
  readonly refreshes: boolean
  /** Instances to be replaced in any case. */
  readonly replace: readonly string[]
  /** Only these and what they need. */
  readonly target: readonly string[]
}
