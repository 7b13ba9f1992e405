// A plan with an evaluation cache equals a plan without it: for each module case, with inputs that change and change
// back.

import { globSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { hasErrors } from '../diagnostics/diagnostic.ts'
import { applyPlan } from '../engine/apply/apply.ts'
import { EvaluationCache } from '../engine/evaluation/evaluation-cache.ts'
import { planTemplate } from '../engine/plan/plan.ts'
import type { State } from '../engine/state/state.ts'
import { openTemplate, type Template } from '../engine/template/template.ts'
import type { CoderContext } from '../providers/coder/context.ts'
import { coderProvider } from '../providers/coder/provider.ts'
import { terraformProvider } from '../providers/terraform/provider.ts'
import { coderBuild } from './coder-build.ts'
import { type ModuleStep, readModuleCases } from './module-cases.ts'
import { hideIds } from './module-outcome.ts'
import { writeModule } from './modules-in-tofu.ts'

interface Inputs {
  readonly variables: Readonly<Record<string, string>>
  readonly coder: CoderContext
  readonly state: State | null
}

// Makes plantimestamp() return the same in all plans.
beforeAll(() => void vi.useFakeTimers({ toFake: ['Date'] }))
afterAll(() => void vi.useRealTimers())

for (const file of globSync(join(import.meta.dirname, 'modules/*.cases')).sort()) {
  describe(basename(file, '.cases'), () => {
    for (const { title, steps } of readModuleCases(readFileSync(file, 'utf8')).cases) {
      test(title, async () => {
        const dir = mkdtempSync(join(tmpdir(), 'cache-'))
        try {
          const cache = new EvaluationCache(16 * 1024 * 1024)
          for (const [index, step] of steps.entries()) {
            writeModule(dir, step, steps[index - 1])
            await comparePlans(openTemplate(dir), step, cache)
          }
        } finally {
          rmSync(dir, { recursive: true })
        }
      })
    }
  })
}

async function comparePlans(template: Template, step: ModuleStep, cache: EvaluationCache): Promise<void> {
  const first = { variables: step.variables, coder: coderBuild, state: null }
  const other = { ...first, variables: changed(step.variables), coder: anotherBuild }
  const built = { ...first, state: await apply(template, first) }
  for (const inputs of [first, other, first, built, other, built]) {
    const [cached, fresh] = [await plan(template, inputs, cache), await plan(template, inputs)]
    expect(describePlan(cached)).toEqual(describePlan(fresh))
  }
}

const changed = (variables: Readonly<Record<string, string>>) =>
  Object.fromEntries(
    Object.entries(variables).map(([name, text]) => [name, /^\d+$/.test(text) ? `${text}1` : `${text}x`]),
  )

const anotherBuild: CoderContext = {
  ...coderBuild,
  transition: coderBuild.transition === 'start' ? 'stop' : 'start',
  owner: { ...coderBuild.owner, name: 'another', sessionToken: 'another' },
  workspace: { ...coderBuild.workspace, name: 'another' },
}

async function plan(template: Template, { variables, coder, state }: Inputs, cache?: EvaluationCache) {
  const providers = [coderProvider(coder), terraformProvider({ commandEnvironment: process.env })]
  const signal = new AbortController().signal
  const onEvent = () => undefined
  return await planTemplate({ template, variables, providers, state, cache, mode: 'apply', signal, onEvent })
}

async function apply(template: Template, inputs: Inputs): Promise<State | null> {
  const planned = await plan(template, inputs)
  if (hasErrors(planned.diagnostics)) return null
  const signal = new AbortController().signal
  return (await applyPlan(planned.plan, { signal, onEvent: () => undefined })).state
}

/** The whole result of a plan: values with types and marks, and the consumed evaluation steps. */
function describePlan({ plan: { evaluation, instances, changes }, diagnostics }: Awaited<ReturnType<typeof plan>>) {
  const planned = instances.map(({ address, key, action, prior, planned }) => ({
    address,
    key,
    action,
    prior,
    planned,
  }))
  const description = {
    diagnostics,
    changes,
    planned,
    outputs: evaluation.outputs(),
    checks: evaluation.checks.toJson(),
    steps: evaluation.limits.steps,
  }
  return hideIds(JSON.stringify(description, encode, 1).split('\n'))
}

function encode(_: string, value: unknown): unknown {
  if (typeof value === 'bigint') return `${value}n`
  return value instanceof Map || value instanceof Set ? [...value] : value
}
