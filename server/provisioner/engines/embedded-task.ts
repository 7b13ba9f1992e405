// Runs a task of the embedded engine in its thread: reads the template, plans, applies, and writes progress and
// errors to the log. Caches evaluation results of template parts.

import { counted } from '../../../lib/counted.ts'
import type { Diagnostic } from '../../../terraform/diagnostics/diagnostic.ts'
import { formatDiagnostic } from '../../../terraform/diagnostics/format-diagnostic.ts'
import { applyPlan } from '../../../terraform/engine/apply/apply.ts'
import { EvaluationCache } from '../../../terraform/engine/evaluation/evaluation-cache.ts'
import { moduleNodes } from '../../../terraform/engine/modules/module-nodes.ts'
import { type Plan, planTemplate } from '../../../terraform/engine/plan/plan.ts'
import type { Snapshot } from '../../../terraform/engine/plan/snapshot.ts'
import { isEmptyState, readState, type State, writeState } from '../../../terraform/engine/state/state.ts'
import type { Template } from '../../../terraform/engine/template/template.ts'
import { extractResources } from '../../../terraform/extraction/extract-resources.ts'
import {
  extractExternalAuth,
  extractParameters,
  extractPresets,
  extractVariables,
} from '../../../terraform/extraction/extract-template-data.ts'
import { evaluateForm } from '../../../terraform/extraction/parameter-form.ts'
import type { Provider } from '../../../terraform/provider.ts'
import { bundledProviders } from '../../../terraform/providers/bundled.ts'
import type { CoderContext } from '../../../terraform/providers/coder/context.ts'
import { terminateOrphanProcesses } from '../../../terraform/providers/host/process-record.ts'
import { removeWorkspaceFiles } from '../../../terraform/providers/host/workspace-dir.ts'
import {
  type BuildOutcome,
  type BuildStage,
  type BuildTask,
  type DryRunOutcome,
  type DryRunTask,
  type EngineFailure,
  type EngineTask,
  type EngineTiming,
  type EngineWatch,
  type FormOutcome,
  type FormTask,
  type ImportOutcome,
  type ImportTask,
  type OutcomeOf,
  type ProviderTask,
  stages,
} from '../../jobs/engine.ts'
import { agentInitScript } from '../init-script.ts'
import { type Say, saying } from './build-log-writer.ts'
import { executesHere } from './executes-here.ts'
import {
  buildRefusal,
  canceled,
  failureOf,
  missingVariables,
  overQuota,
  placeOf,
  refusal,
  unlinkable,
} from './failures.ts'
import { sayGiven } from './log-build-inputs.ts'
import { readTemplate } from './read-template.ts'
import { reportEvents } from './report-events.ts'

/** Runs a task until it ends. Throws only for bugs of the engine. */
export async function runEmbeddedTask(task: EngineTask, watch: EngineWatch): Promise<OutcomeOf<EngineTask>> {
  switch (task.kind) {
    case 'import':
      return await importTemplate(task, watch)
    case 'build':
      return await build(task, watch)
    case 'dry-run':
      return await dryRun(task, watch)
    case 'form':
      return await fillForm(task)
  }
}

async function importTemplate(task: ImportTask, watch: EngineWatch): Promise<ImportOutcome> {
  const { template, say } = open(task, watch, stages.parse)
  const outcome = {
    variables: extractVariables(template),
    parameters: [],
    presets: [],
    startResources: [],
    stopResources: [],
    executesHere: executesHere(template),
    hasAiTask: declares(template, 'managed', 'coder_ai_task'),
    hasExternalAgent: declares(template, 'managed', 'coder_external_agent'),
    hasWorkspaceTags: declares(template, 'data', 'coder_workspace_tags'),
  }
  const unfit =
    failureOf(template.diagnostics, template) ??
    missingVariables(task, outcome.variables) ??
    refusal(task, outcome.executesHere)
  if (unfit) return { ...outcome, failure: unfit }

  const start = await plan(task, template, 'start', null, say(stages.persistent), watch)
  if (start.failure) return { ...outcome, failure: start.failure }
  const stop = await plan(task, template, 'stop', null, say(stages.ephemeral), watch)
  if (stop.failure) return { ...outcome, failure: stop.failure }

  const sayGraph = say(stages.graph)
  const parameters = extractParameters(start.plan.snapshot)
  const presets = extractPresets(start.plan.snapshot)
  const startResources = extractResources(start.plan.snapshot)
  const stopResources = extractResources(stop.plan.snapshot)
  const diagnostics = [parameters, presets, startResources].flatMap((extracted) => [...extracted.diagnostics])
  sayGraph.diagnostics(diagnostics)
  return {
    ...outcome,
    failure: failureOf(diagnostics, template) ?? unlinkable(extractExternalAuth(start.plan.snapshot)),
    parameters: parameters.items,
    presets: presets.items,
    startResources: startResources.items,
    stopResources: stopResources.items,
  }
}

const declares = ({ root }: Template, mode: 'managed' | 'data', type: string): boolean =>
  moduleNodes(root).some(({ module }) =>
    [...module.resources.values()].some(({ address }) => address.mode === mode && address.type === type),
  )

async function dryRun(task: DryRunTask, watch: EngineWatch): Promise<DryRunOutcome> {
  const { template, say } = open(task, watch, stages.init)
  const unfit = failureOf(template.diagnostics, template) ?? refusal(task, executesHere(template))
  if (unfit) return { failure: unfit, resources: [] }
  const planned = await plan(task, template, 'start', null, say(stages.plan), watch)
  if (planned.failure) return { failure: planned.failure, resources: [] }
  return resourcesOf(planned.plan.snapshot, template, say(stages.graph), watch)
}

async function fillForm(task: FormTask): Promise<FormOutcome> {
  const template = readTemplate(task)
  const form = await evaluateForm({
    template,
    variables: task.variables,
    coder: { ...task.coder, transition: 'start', agentInitScript: () => '' },
    mayReadOutsideModule: task.mayExecuteHere,
    cache: evaluationCache,
  })
  const readable = (diagnostic: Diagnostic) => ({
    severity: diagnostic.severity,
    summary: diagnostic.summary,
    detail: `${diagnostic.detail}${placeOf(diagnostic, template)}`,
    inFull: formatDiagnostic(diagnostic, template.sources),
  })
  return {
    ...form,
    parameters: form.parameters.map((parameter) => ({
      ...parameter,
      diagnostics: parameter.diagnostics.map(readable),
    })),
    diagnostics: form.diagnostics.map(readable),
  }
}

async function build(task: BuildTask, watch: EngineWatch): Promise<BuildOutcome> {
  const prior = task.state === null ? null : readState(task.state)
  if (prior && 'problem' in prior) return { failure: { message: prior.problem }, state: task.state, resources: [] }
  const state = prior?.state ?? null
  const { template, say } = open(task, watch, stages.init)
  await endForgottenProcesses(task, state, say(stages.init), watch)
  if (task.transition === 'delete' && (!state || isEmptyState(state))) {
    say(stages.delete).line('info', 'Nothing exists, so there is nothing to destroy.')
    removeWorkspaceFiles(task.host)
    return { failure: null, state: null, resources: [] }
  }
  const unfit = failureOf(template.diagnostics, template) ?? buildRefusal(task, template)
  if (unfit) return { failure: unfit, state: task.state, resources: [] }
  if (task.isVerbose) sayGiven(task, template, state, say(stages.init))

  const planned = await plan(task, template, task.transition, state, say(stages.plan), watch)
  if (planned.failure) return { failure: planned.failure, state: task.state, resources: [] }
  const tooCostly = overQuota(task, planned.plan)
  if (tooCostly) return { failure: tooCostly, state: task.state, resources: [] }

  const sayApply = say(stages[task.transition])
  const applied = await applyPlan(planned.plan, {
    signal: watch.signal,
    onEvent: reportEvents('apply', sayApply, watch, task.isVerbose),
    onStep: stepsOf(task, sayApply),
    onState: (changed: State) => watch.onState(writeState(changed)),
  })
  sayApply.diagnostics(applied.diagnostics)
  const written = writeState(applied.state)
  const failure = failureOf(applied.diagnostics, template) ?? canceled(watch.signal)
  if (failure) return { failure, state: written, resources: [] }
  if (task.transition === 'delete') removeWorkspaceFiles(task.host)
  return { ...resourcesOf(applied.snapshot, template, say(stages.graph), watch), state: written }
}

/** Ends processes that a coderd killed during a build started without recording them in the state. */
async function endForgottenProcesses(
  task: BuildTask,
  state: State | null,
  say: Say,
  watch: EngineWatch,
): Promise<void> {
  const processes = state?.resources.filter(({ type }) => type === 'host_process') ?? []
  const ids = processes.flatMap(({ instances }) => instances.map(({ attributes }) => String(attributes.id)))
  const ended = await terminateOrphanProcesses(task.host, new Set(ids), watch.signal)
  if (ended.length > 0) say.line('info', `Stopped the remains of an interrupted build: process ${ended.join(', ')}.`)
}

function resourcesOf(
  snapshot: Snapshot,
  template: Template,
  say: Say,
  watch: EngineWatch,
): Pick<BuildOutcome, 'failure' | 'resources'> {
  const { items, diagnostics } = timed(watch, { stage: 'graph', action: 'read', resource: 'resources' }, () =>
    extractResources(snapshot),
  )
  say.diagnostics(diagnostics)
  const agents = items.reduce((sum, resource) => sum + resource.agents.length, 0)
  say.line('info', `${counted(items.length, 'resource')}, ${counted(agents, 'agent')}.`)
  return { failure: failureOf(diagnostics, template), resources: items }
}

// Covers all cached templates: one with 200 parameters needs less than 1 MB.
const evaluationCache = new EvaluationCache(64 * 1024 * 1024)

function open(task: EngineTask, watch: EngineWatch, stage: BuildStage) {
  const template = timed(watch, { stage: 'init', action: 'read', resource: 'template' }, () => readTemplate(task))
  const say = (of: BuildStage) => saying(of, template, watch)
  const said = say(stage)
  said.line('info', `The embedded engine reads ${counted(template.sources.length, 'file')}.`)
  said.diagnostics(template.diagnostics)
  return { template, say }
}

/** Measures a step of the engine itself, outside of providers. */
function timed<T>(watch: EngineWatch, step: Pick<EngineTiming, 'stage' | 'action' | 'resource'>, run: () => T): T {
  const startedAt = Date.now()
  const result = run()
  watch.onTiming({ ...step, source: 'embedded engine', startedAt, endedAt: Date.now() })
  return result
}

type Planned = { readonly plan: Plan; readonly failure: null } | { readonly failure: EngineFailure }

async function plan(
  task: Exclude<EngineTask, FormTask>,
  template: Template,
  transition: 'start' | 'stop' | 'delete',
  state: State | null,
  say: Say,
  watch: EngineWatch,
): Promise<Planned> {
  const { plan: planned, diagnostics } = await planTemplate({
    template,
    variables: task.variables,
    providers: providersOf(task, transition),
    state,
    mode: transition === 'delete' ? 'destroy' : 'apply',
    signal: watch.signal,
    onEvent: reportEvents('plan', say, watch, isVerbose(task)),
    onStep: stepsOf(task, say),
    mayReadOutsideModule: task.mayExecuteHere,
    cache: evaluationCache,
  })
  say.diagnostics(diagnostics)
  const failure = failureOf(diagnostics, template) ?? canceled(watch.signal)
  if (failure) return { failure }
  say.line('info', summary(planned))
  return { plan: planned, failure: null }
}

const isVerbose = (task: EngineTask) => task.kind === 'build' && task.isVerbose

/** Undefined without debug output, which disables the measurement. */
const stepsOf = (task: EngineTask, say: Say) =>
  isVerbose(task) ? (message: string) => say.line('debug', message) : undefined

function summary({ changes }: Plan): string {
  const count = (...actions: string[]) => changes.filter(({ action }) => actions.includes(action)).length
  return `Plan: ${count('create', 'replace')} to add, ${count('update')} to change, ${count('delete', 'replace')} to destroy.`
}

/** Deletions evaluate the template with the stop transition, so that no processes are started. */
function providersOf(task: ProviderTask, transition: 'start' | 'stop' | 'delete'): Provider[] {
  const coder: CoderContext = {
    ...task.coder,
    transition: transition === 'start' ? 'start' : 'stop',
    agentInitScript: (os, arch) => agentInitScript(task.coder.accessUrl, os, arch),
  }
  return bundledProviders(coder, task.host)
}
