// Plans a template in a local folder like a workspace start or stop, without a deployment. Providers that are not bundled
// are replaced by stubs.

import { type Diagnostic, hasErrors } from '../../terraform/diagnostics/diagnostic.ts'
import type { Source } from '../../terraform/diagnostics/source.ts'
import type { InputValue } from '../../terraform/engine/evaluation/variables.ts'
import { type Plan, planTemplate } from '../../terraform/engine/plan/plan.ts'
import type { Template } from '../../terraform/engine/template/template.ts'
import { bundledProviders } from '../../terraform/providers/bundled.ts'
import { defaultCoderContext } from '../../terraform/providers/coder/default-context.ts'
import { inferProviders } from '../../terraform/stubs/inferred-providers.ts'
import { parsePairs } from '../arguments/name-value-pairs.ts'
import { readInputVariables, undeclaredVariables, type VariableFlags } from './input-variables.ts'
import { createDetachedHost } from './local-template.ts'

export interface PlanFlags extends VariableFlags {
  /** `name=value` pairs of parameters. */
  readonly param?: readonly string[]
}

export interface LocalPlan {
  readonly plan: Plan
  readonly diagnostics: readonly Diagnostic[]
  /** Files other than those of the template. */
  readonly sources: readonly Source[]
  /** Source addresses of providers that are not bundled. */
  readonly inferred: readonly string[]
}

export async function planLocalTemplate(
  template: Template,
  flags: PlanFlags,
  transition: 'start' | 'stop',
  fallbacks: ReadonlyMap<string, InputValue> = new Map(),
): Promise<LocalPlan> {
  const parameters = toRecord(flags.param ?? [], '--param')
  const bundled = bundledProviders(defaultCoderContext({ transition, parameters }), createDetachedHost())
  const inferred = inferProviders(template, bundled)
  const given = readInputVariables(template, flags)
  const undeclared = undeclaredVariables(template, flags)
  const { plan, diagnostics } = await planTemplate({
    template,
    variables: {},
    variableValues: new Map([...fallbacks, ...given.values]),
    providers: [...bundled, ...inferred],
    state: null,
    mode: 'apply',
    signal: new AbortController().signal,
    onEvent: () => undefined,
    mayReadOutsideModule: true,
  })
  const found = [...given.diagnostics, ...undeclared]
  return {
    plan,
    diagnostics: hasErrors(found) ? found : [...found, ...diagnostics],
    sources: given.sources,
    inferred: inferred.map(({ source }) => source),
  }
}

const toRecord = (pairs: readonly string[], flag: string) =>
  Object.fromEntries(parsePairs(pairs, flag).map(({ name, value }) => [name, value]))
