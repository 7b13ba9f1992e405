// Plans a template of a folder as a start or a stop would, without a deployment: what is not here is stood in for.

import { type Diagnostic, hasErrors } from '../terraform/diagnostics.ts'
import { type Plan, planTemplate } from '../terraform/engine/plan.ts'
import type { Template } from '../terraform/engine/template.ts'
import { readTexts } from '../terraform/engine/values-file.ts'
import type { GivenValue } from '../terraform/engine/variables.ts'
import { bundledProviders } from '../terraform/providers/bundled.ts'
import { contextOfNoBuild } from '../terraform/providers/coder/no-build.ts'
import { inferProviders } from '../terraform/stand-ins/inferred-providers.ts'
import { hostOfNoBuild } from './local-template.ts'
import { parsePairs } from './parameters.ts'

export interface PlanFlags {
  /** `name=value` of variables and of parameters. */
  readonly var?: readonly string[]
  readonly param?: readonly string[]
}

export interface LocalPlan {
  readonly plan: Plan
  readonly diagnostics: readonly Diagnostic[]
  /** Sources of providers that are not bundled. */
  readonly inferred: readonly string[]
}

export async function planLocally(
  template: Template,
  { var: variables = [], param = [] }: PlanFlags,
  transition: 'start' | 'stop',
  fallbacks: ReadonlyMap<string, GivenValue> = new Map(),
): Promise<LocalPlan> {
  const parameters = toRecord(param, '--param')
  const bundled = bundledProviders(contextOfNoBuild({ transition, parameters }), hostOfNoBuild())
  const inferred = inferProviders(template, bundled)
  const given = readTexts(template.module, toRecord(variables, '--var'), template.dir)
  const undeclared = Object.fromEntries(
    [...given.values.keys()].filter((name) => !template.module.variables.has(name)).map((name) => [name, '']),
  )
  const { plan, diagnostics } = await planTemplate({
    template,
    variables: undeclared,
    variableValues: new Map([...fallbacks, ...given.values]),
    providers: [...bundled, ...inferred],
    state: null,
    mode: 'apply',
    signal: new AbortController().signal,
    onEvent: () => undefined,
    mayReadOutsideModule: true,
  })
  const all = hasErrors(given.diagnostics) ? given.diagnostics : [...given.diagnostics, ...diagnostics]
  return { plan, diagnostics: all, inferred: inferred.map(({ source }) => source) }
}

const toRecord = (pairs: readonly string[], flag: string) =>
  Object.fromEntries(parsePairs(pairs, flag).map(({ name, value }) => [name, value]))
