// Executes the run blocks of one test file in order, each with the state of the earlier ones, and finally destroys all
// objects.

import { join } from 'node:path'
import type { Module } from '../config/module.ts'
import { type Diagnostic, hasErrors } from '../diagnostics/diagnostic.ts'
import type { Source } from '../diagnostics/source.ts'
import { applyPlan } from '../engine/apply/apply.ts'
import type { Evaluation } from '../engine/evaluation/evaluation.ts'
import type { InputValue } from '../engine/evaluation/variables.ts'
import { type Plan, planTemplate } from '../engine/plan/plan.ts'
import type { PlanRequest } from '../engine/plan/plan-request.ts'
import type { OnEvent } from '../engine/providers/events.ts'
import type { State } from '../engine/state/state.ts'
import type { Template } from '../engine/template/template.ts'
import type { Provider } from '../provider.ts'
import type { ObjectValue, Value } from '../values/value.ts'
import { evaluateAssertion } from './assertions.ts'
import { findExpectedVariableFailures, isFailedCheck, matchExpectedFailures } from './expected-failures.ts'
import { type ModuleUnderTest, prepareModule } from './module-under-test.ts'
import { planWithOptions } from './plan-options.ts'
import type { TestFile, TestRun } from './test-file.ts'
import { evaluateVariables, scopeOfValues, type TestNames } from './test-scope.ts'

export type TestStatus = 'pass' | 'fail' | 'error' | 'skip'

export interface RunOutcome {
  readonly run: TestRun
  readonly status: TestStatus
  readonly diagnostics: readonly Diagnostic[]
  /** The sources of the diagnostics' ranges. */
  readonly sources: readonly Source[]
  /** The plan and the final values; undefined if the run failed earlier. */
  readonly result?: { readonly plan: Plan; readonly evaluation: Evaluation; readonly state: State | null }
}

export interface FileOutcome {
  readonly file: TestFile
  readonly status: TestStatus
  readonly runs: readonly RunOutcome[]
  /** Failed cleanups. */
  readonly cleanup: readonly CleanupOutcome[]
  /** Missing modules and providers that were replaced by stubs. */
  readonly notes: readonly string[]
}

export interface CleanupOutcome {
  readonly run: TestRun
  readonly diagnostics: readonly Diagnostic[]
  /** Addresses of remaining objects. */
  readonly left: readonly string[]
}

export interface TestOptions {
  /** The main module of the tests. */
  readonly template: Template
  readonly providers: readonly Provider[]
  /** Values from the command line and variable files; the test file's override them. */
  readonly globals: ReadonlyMap<string, InputValue>
  /** Opens the module of a run; `dir` is absolute. */
  readonly openModule: (dir: string) => Template
  /** Checked before each run: if true, skips the remaining runs and cleans up. */
  readonly isStopped: () => boolean
  /** Cancels the current run; objects may be left behind. */
  readonly signal: AbortSignal
  readonly onEvent: OnEvent
}

export async function runTestFile(file: TestFile, options: TestOptions): Promise<FileOutcome> {
  const runner = new FileRunner(file, options)
  const runs: RunOutcome[] = []
  let status: TestStatus = hasErrors(file.diagnostics) ? 'error' : 'pass'
  for (const run of file.runs) {
    const isSkipped = status === 'error' || options.isStopped() || options.signal.aborted
    const outcome: RunOutcome = isSkipped
      ? { run, status: 'skip', diagnostics: [], sources: [] }
      : await runner.execute(run)
    runs.push(outcome)
    status = worse(status, outcome.status)
  }
  const cleanup = await runner.cleanUp()
  return { file, status, runs, cleanup, notes: [...runner.notes] }
}

const severities: Readonly<Record<TestStatus, number>> = { skip: 0, pass: 1, fail: 2, error: 3 }
export const worse = (a: TestStatus, b: TestStatus): TestStatus => (severities[a] >= severities[b] ? a : b)

/** A state shared by runs, with the data to destroy its objects. */
interface SharedState {
  state: State | null
  last:
    | { readonly run: TestRun; readonly prepared: ModuleUnderTest; readonly values: Values; readonly at: number }
    | undefined
}

type Values = ReadonlyMap<string, InputValue>

class FileRunner {
  readonly notes = new Set<string>()
  readonly #file: TestFile
  readonly #options: TestOptions
  readonly #states = new Map<string, SharedState>()
  readonly #outputs = new Map<string, ObjectValue>()
  #count = 0

  constructor(file: TestFile, options: TestOptions) {
    this.#file = file
    this.#options = options
  }

  async execute(run: TestRun): Promise<RunOutcome> {
    const template = this.#templateOf(run)
    const sources = [...template.sources, this.#file]
    const failed = (diagnostics: readonly Diagnostic[]): RunOutcome => ({ run, status: 'error', diagnostics, sources })
    const prepared = prepareModule(template, this.#file, run, this.#options.providers)
    for (const note of prepared.missingParts) this.notes.add(note)
    const { values, names, diagnostics } = this.#variables(run, template.module)
    const before = [...prepared.diagnostics, ...diagnostics]
    if (hasErrors(before)) return failed(before)
    const shared = this.#stateOf(run)
    const { plan, diagnostics: planned } = await planWithOptions(
      this.#request(prepared, values, shared.state),
      run.options,
    )
    const { module } = prepared.template
    if (run.command === 'plan') {
      const matched = [...before, ...matchExpectedFailures(planned, run.expectedFailures, module)]
      if (hasErrors(matched)) return failed(matched)
      const result = { plan, evaluation: plan.evaluation, state: null }
      return { ...this.#evaluateAssertions(run, prepared, names, matched, plan.evaluation), sources, result }
    }
    if (hasErrors(planned)) return failed([...before, ...planned, ...warnOfVariableFailures(planned, run, module)])
    const warnings = [...before, ...planned.filter((found) => !isFailedCheck(found, module))]
    const { signal, onEvent } = this.#options
    const applied = await applyPlan(plan, { signal, onEvent })
    shared.state = applied.state
    shared.last = { run, prepared, values, at: this.#count++ }
    const matched = [...warnings, ...matchExpectedFailures(applied.diagnostics, run.expectedFailures, module)]
    if (hasErrors(matched)) return failed(matched)
    const result = { plan, evaluation: applied.evaluation, state: applied.state }
    return { ...this.#evaluateAssertions(run, prepared, names, matched, applied.evaluation), sources, result }
  }

  #templateOf(run: TestRun): Template {
    const { template, openModule } = this.#options
    return run.module ? openModule(join(template.dir, run.module.source)) : template
  }

  #stateOf({ stateKey, module }: TestRun): SharedState {
    const key = stateKey === undefined ? `module ${module?.source ?? ''}` : `key ${stateKey}`
    const shared = this.#states.get(key) ?? { state: null, last: undefined }
    this.#states.set(key, shared)
    return shared
  }

  #request(prepared: ModuleUnderTest, variableValues: Values, state: State | null): PlanRequest {
    const { template, providers, substitute } = prepared
    const { signal, onEvent } = this.#options
    const shared = { variables: {}, mode: 'apply' as const, mayReadOutsideModule: true, signal, onEvent }
    return { ...shared, template, providers, substitute, variableValues, state }
  }

  /** The run's values override the file's, which override the globals. */
  #variables(run: TestRun, module: Module): { values: Values; names: TestNames; diagnostics: readonly Diagnostic[] } {
    const { globals, template } = this.#options
    const defaults = new Map<string, Value>([...globals].map(([name, { value }]) => [name, value]))
    for (const { name, defaultValue } of module.variables.values())
      if (defaultValue && !defaults.has(name)) defaults.set(name, defaultValue)
    const runs = this.#outputs
    const ofFile = evaluateVariables(this.#file.variables, scopeOfValues({ runs, variables: defaults }, template.dir))
    const withFile = new Map([...defaults, ...ofFile.values])
    const ofRun = evaluateVariables(run.variables, scopeOfValues({ runs, variables: withFile }, template.dir))
    const expressions = new Map([...this.#file.variables, ...run.variables])
    const values = new Map(globals)
    for (const [name, value] of [...ofFile.values, ...ofRun.values]) {
      const range = expressions.get(name)?.range
      if (range) values.set(name, { value, range })
    }
    const names: TestNames = { runs, variables: new Map([...withFile, ...ofRun.values]) }
    return { values, names, diagnostics: [...ofFile.diagnostics, ...ofRun.diagnostics] }
  }

  #evaluateAssertions(
    run: TestRun,
    prepared: ModuleUnderTest,
    names: TestNames,
    before: readonly Diagnostic[],
    evaluation: Evaluation,
  ): Pick<RunOutcome, 'run' | 'status' | 'diagnostics'> {
    const { root: node } = prepared.template
    this.#outputs.set(run.name, evaluation.outputsValue())
    const module = {
      node,
      evaluation,
      names,
      hasMissingParts: prepared.missingParts.length > 0,
      isInferred: prepared.isInferred,
    }
    const results = run.assertions.map((rule) => evaluateAssertion(rule, module))
    const status = results.map((result) => result.status).reduce<TestStatus>(worse, 'pass')
    return { run, status, diagnostics: [...before, ...results.flatMap(({ diagnostics }) => diagnostics)] }
  }

  /** Destroys all remaining objects, in reverse order of their runs. */
  async cleanUp(): Promise<CleanupOutcome[]> {
    const applied = [...this.#states.values()].flatMap(({ state, last }) => (state && last ? [{ state, last }] : []))
    const outcomes: CleanupOutcome[] = []
    for (const { state, last } of applied.sort((a, b) => b.last.at - a.last.at)) {
      const { signal, onEvent } = this.#options
      const request = this.#request(last.prepared, last.values, state)
      const { plan, diagnostics } = await planTemplate({ ...request, mode: 'destroy' })
      const destroyed = await applyPlan(plan, { signal, onEvent })
      const left = destroyed.state.resources.filter(({ mode }) => mode === 'managed').map(addressOf)
      const found = [...diagnostics, ...destroyed.diagnostics]
      if (left.length > 0 || hasErrors(found)) outcomes.push({ run: last.run, diagnostics: found, left })
    }
    return outcomes
  }
}

const addressOf = ({ module, type, name }: State['resources'][number]) =>
  [...(module === undefined ? [] : [module]), type, name].join('.')

function warnOfVariableFailures(planned: readonly Diagnostic[], run: TestRun, module: Module): Diagnostic[] {
  return findExpectedVariableFailures(planned, run.expectedFailures, module).map((address) => ({
    severity: 'warning',
    summary: 'Invalid Variable in test file',
    detail: `Variable ${address}, has an invalid value within the test. Although this was an expected failure, it has meant the apply stage was unable to run so the overall test will fail.`,
  }))
}
