// Plans and applies a module in this engine, step by step. The outcomes have the same form as those of modules-in-tofu.ts.

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { formatInstance } from '../addresses.ts'
import { type Diagnostic, hasErrors } from '../diagnostics/diagnostic.ts'
import { positionAt, type Source } from '../diagnostics/source.ts'
import { applyPlan } from '../engine/apply/apply.ts'
import { type Plan, planTemplate } from '../engine/plan/plan.ts'
import { readState, type State, writeState } from '../engine/state/state.ts'
import { openTemplate } from '../engine/template/template.ts'
import { coderProvider } from '../providers/coder/provider.ts'
import { terraformProvider } from '../providers/terraform/provider.ts'
import { timeProvider } from '../providers/time/provider.ts'
import { parseWithRawNumbers } from '../values/exact-json.ts'
import { deepMarks, sensitiveMark, type Value } from '../values/value.ts'
import { coderBuild } from './coder-build.ts'
import { knownPart } from './expressions-in-engine.ts'
import { type ModuleCase, type ModuleStep, stepMark } from './module-cases.ts'
import { describeChange, describeStep, hideIds, type ReportedDiagnostic, type StepOutcome } from './module-outcome.ts'
import { writeModule } from './modules-in-tofu.ts'
import { writeSorted } from './sorted-json.ts'

export async function runModuleInEngine({ steps }: ModuleCase): Promise<string[]> {
  const dir = mkdtempSync(join(tmpdir(), 'conformance-'))
  try {
    const lines: string[] = []
    let state: State | null = null
    for (const [index, step] of steps.entries()) {
      if (index > 0) lines.push(stepMark)
      writeModule(dir, step, steps[index - 1])
      const run = await runStep(dir, step, state)
      state = run.state
      lines.push(...describeStep(run.outcome))
    }
    return hideIds(lines)
  } finally {
    rmSync(dir, { recursive: true })
  }
}

async function runStep(
  dir: string,
  step: ModuleStep,
  state: State | null,
): Promise<{ outcome: StepOutcome; state: State | null }> {
  const template = openTemplate(dir)
  const signal = new AbortController().signal
  const onEvent = () => undefined
  const { plan, diagnostics } = await planTemplate({
    template,
    variables: step.variables,
    providers: [coderProvider(coderBuild), terraformProvider({ commandEnvironment: process.env }), timeProvider],
    state,
    mode: step.destroys ? 'destroy' : 'apply',
    signal,
    onEvent,
  })
  const variableSources = Object.entries(step.variables).map(([name, text]) => ({
    file: `<value for var.${name}>`,
    text,
  }))
  const sources = [...template.sources, ...variableSources]
  const toReport = (found: readonly Diagnostic[]) => found.map((one) => toReported(one, sources))
  if (hasErrors(diagnostics)) {
    return { state, outcome: { diagnostics: toReport(diagnostics), changes: [], outputs: [], state: undefined } }
  }
  const changes = changesOf(plan)
  const outputs = step.destroys ? [] : outputsOf(plan)
  const applied = await applyPlan(plan, { signal, onEvent })
  // Serializes the state, as between builds.
  const written = writeState(applied.state)
  const read = readState(written)
  if (!('state' in read)) throw new Error(read.problem)
  const reported = toReport([...diagnostics, ...applied.diagnostics])
  return {
    state: read.state,
    outcome: { diagnostics: reported, changes, outputs, state: parseWithRawNumbers(written) },
  }
}

function toReported({ severity, summary, range }: Diagnostic, sources: readonly Source[]): ReportedDiagnostic {
  const text = range && sources.find(({ file }) => file === range.file)?.text
  if (!range || text === undefined) return { severity, summary }
  return {
    severity,
    summary,
    range: { file: range.file, start: positionAt(text, range.start), end: positionAt(text, range.end) },
  }
}

function replaceAction(createsFirst: boolean, forgets: boolean | undefined): string {
  const removal = forgets ? 'forget' : 'delete'
  return createsFirst ? `create+${removal}` : `${removal}+create`
}

function changesOf({ instances }: Plan): string[] {
  return instances.flatMap((instance) => {
    const { action, address, key, planned, deposed, createBeforeDestroy, forgets, data, movedFrom } = instance
    // Data sources that were read during planning are not changes.
    if (action === 'no-op' && (data || movedFrom === undefined)) return []
    const word = action === 'replace' ? replaceAction(createBeforeDestroy, forgets) : action
    const name = formatInstance(address, key) + (deposed === undefined ? '' : ' (deposed)')
    const from = movedFrom === undefined ? '' : ` from ${movedFrom}`
    const after = planned ? writeSorted(parseWithRawNumbers(knownPart(planned))) : undefined
    return [describeChange(word, name + from, after, planned ? markedPaths(planned) : [])]
  })
}

function outputsOf({ evaluation }: Plan): string[] {
  return [...evaluation.outputs()].flatMap(([name, value]) => {
    const marks = (deepMarks(value) & sensitiveMark) !== 0 ? ' sensitive' : ''
    const after = value.kind === 'unknown' ? 'unknown' : writeSorted(parseWithRawNumbers(knownPart(value)))
    return [`plan output ${name} ${after}${marks}`]
  })
}

function markedPaths(value: Value, path = ''): string[] {
  if ((value.marks & sensitiveMark) !== 0) return [path === '' ? '.' : path]
  if ('elements' in value) return value.elements.flatMap((inner, index) => markedPaths(inner, `${path}.${index}`))
  if ('entries' in value) return [...value.entries].flatMap(([key, inner]) => markedPaths(inner, `${path}.${key}`))
  return []
}
