// Runs a task of the embedded engine in its thread: reads the template, plans, applies, and writes progress and
// errors to the log. Caches evaluation results of template parts.

import { counted } from '../../../lib/counted.ts'
import { type Diagnostic, withoutDuplicates } from '../../../terraform/diagnostics/diagnostic.ts'
import { formatForLog } from '../../../terraform/diagnostics/log-format.ts'
import { applyPlan } from '../../../terraform/engine/apply/apply.ts'
import { EvaluationCache } from '../../../terraform/engine/evaluation/evaluation-cache.ts'
import { moduleNodes } from '../../../terraform/engine/modules/module-nodes.ts'
import { type Plan, planTemplate } from '../../../terraform/engine/plan/plan.ts'
import type { Snapshot } from '../../../terraform/engine/plan/snapshot.ts'
import { isEmptyState, readState, type State, writeState } from '../../../terraform/engine/state/state.ts'
import type { Template } from '../../../terraform/engine/template/template.ts'
import { checkCoderBlocks } from '../../../terraform/extraction/check-coder-blocks.ts'
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
  type EngineRunOptions,
  type EngineTask,
  type EngineTiming,
  type FormOutcome,
  type FormTask,
  type ImportOutcome,
  type ImportTask,
  type OutcomeOf,
  type ProviderTask,
  stages,
} from '../../jobs/engine.ts'
import { agentInitScript } from '../init-script.ts'
import { type BuildLogWriter, createBuildLogWriter } from './build-log-writer.ts'
import {
  checkBuildHostAccess,
  checkCanceled,
  checkExternalAuth,
  checkHostAccess,
  checkHostChanges,
  checkQuota,
  checkVariables,
  formatPosition,
  toFailure,
} from './failures.ts'
import { findHostAccess, findOutsideSources } from './host-access.ts'
import { logBuildInputs } from './log-build-inputs.ts'
import { readTemplate } from './read-template.ts'
import { reportEvents } from './report-events.ts'

/** Runs a task to completion. Throws only on bugs of the engine. */
export async function runEmbeddedTask(task: EngineTask, options: EngineRunOptions): Promise<OutcomeOf<EngineTask>> {
  switch (task.kind) {
    case 'import':
      return await importTemplate(task, options)
    case 'build':
      return await build(task, options)
    case 'dry-run':
      return await dryRun(task, options)
    case 'form':
      return await evaluateFormTask(task)
  }
}

async function importTemplate(task: ImportTask, options: EngineRunOptions): Promise<ImportOutcome> {
  const { template, createLog } = openTask(task, options, stages.parse)
  const outcome = {
    variables: extractVariables(template),
    parameters: [],
    presets: [],
    startResources: [],
    stopResources: [],
    hostResources: findHostAccess(template),
    outsidePaths: findOutsideSources(template),
    hasAiTask: declaresResource(template, 'managed', 'coder_ai_task'),
    hasExternalAgent: declaresResource(template, 'managed', 'coder_external_agent'),
    hasWorkspaceTags: declaresResource(template, 'data', 'coder_workspace_tags'),
  }
  const rejection =
    toFailure(template.diagnostics, template) ??
    checkVariables(task, outcome.variables) ??
    checkHostAccess(task, outcome.hostResources)
  if (rejection) return { ...outcome, failure: rejection }

  const start = await plan(task, template, 'start', null, createLog(stages.persistent), options)
  if (start.failure) return { ...outcome, failure: start.failure }
  const stop = await plan(task, template, 'stop', null, createLog(stages.ephemeral), options)
  if (stop.failure) return { ...outcome, failure: stop.failure }

  const graphLog = createLog(stages.graph)
  const parameters = extractParameters(start.plan.snapshot)
  const presets = extractPresets(start.plan.snapshot)
  const startResources = extractResources(start.plan.snapshot)
  const stopResources = extractResources(stop.plan.snapshot)
  const diagnostics = withoutDuplicates([
    ...[parameters, presets, startResources].flatMap((extracted) => extracted.diagnostics),
    ...checkCoderBlocks(template),
  ])
  graphLog.writeDiagnostics(diagnostics)
  return {
    ...outcome,
    outsidePaths: [...outcome.outsidePaths, ...outsidePathsOf(start.plan), ...outsidePathsOf(stop.plan)],
    failure: toFailure(diagnostics, template) ?? checkExternalAuth(extractExternalAuth(start.plan.snapshot)),
    parameters: parameters.items,
    presets: presets.items,
    startResources: startResources.items,
    stopResources: stopResources.items,
  }
}

const outsidePathsOf = ({ evaluation }: Plan): readonly string[] => [...evaluation.outsidePaths]

const declaresResource = ({ root }: Template, mode: 'managed' | 'data', type: string): boolean =>
  moduleNodes(root).some(({ module }) =>
    [...module.resources.values()].some(({ address }) => address.mode === mode && address.type === type),
  )

async function dryRun(task: DryRunTask, options: EngineRunOptions): Promise<DryRunOutcome> {
  const { template, createLog } = openTask(task, options, stages.init)
  const rejection = toFailure(template.diagnostics, template) ?? checkHostAccess(task, findHostAccess(template))
  if (rejection) return { failure: rejection, resources: [] }
  const planned = await plan(task, template, 'start', null, createLog(stages.plan), options)
  if (planned.failure) return { failure: planned.failure, resources: [] }
  return readResources(planned.plan.snapshot, template, createLog(stages.graph), options)
}

async function evaluateFormTask(task: FormTask): Promise<FormOutcome> {
  const template = readTemplate(task)
  const form = await evaluateForm({
    template,
    variables: task.variables,
    coder: { ...task.coder, transition: 'start', agentInitScript: () => '' },
    mayReadOutsideModule: task.mayReadOutsideModule,
    cache: evaluationCache,
  })
  const toFormDiagnostic = (diagnostic: Diagnostic) => ({
    severity: diagnostic.severity,
    summary: diagnostic.summary,
    detail: `${diagnostic.detail}${formatPosition(diagnostic, template)}`,
    formatted: formatForLog(diagnostic, template.sources),
  })
  return {
    ...form,
    parameters: form.parameters.map((parameter) => ({
      ...parameter,
      diagnostics: parameter.diagnostics.map(toFormDiagnostic),
    })),
    diagnostics: form.diagnostics.map(toFormDiagnostic),
  }
}

async function build(task: BuildTask, options: EngineRunOptions): Promise<BuildOutcome> {
  const prior = task.state === null ? null : readState(task.state)
  if (prior && 'problem' in prior) return { failure: { message: prior.problem }, state: task.state, resources: [] }
  const state = prior?.state ?? null
  const { template, createLog } = openTask(task, options, stages.init)
  await terminateUnrecordedProcesses(task, state, createLog(stages.init), options)
  if (task.transition === 'delete' && (!state || isEmptyState(state))) {
    createLog(stages.delete).write('info', 'There are no resources to destroy.')
    removeWorkspaceFiles(task.host)
    return { failure: null, state: null, resources: [] }
  }
  const rejection = toFailure(template.diagnostics, template) ?? checkBuildHostAccess(task, template)
  if (rejection) return { failure: rejection, state: task.state, resources: [] }
  if (task.isVerbose) logBuildInputs(task, template, state, createLog(stages.init))

  const planned = await plan(task, template, task.transition, state, createLog(stages.plan), options)
  if (planned.failure) return { failure: planned.failure, state: task.state, resources: [] }
  const refusal = checkHostChanges(task, template, planned.plan) ?? checkQuota(task, planned.plan)
  if (refusal) return { failure: refusal, state: task.state, resources: [] }

  const applyLog = createLog(stages[task.transition])
  const applied = await applyPlan(planned.plan, {
    signal: options.signal,
    onEvent: reportEvents('apply', applyLog, options, task.isVerbose),
    onStep: createStepLogger(task, applyLog),
    onState: (changed: State) => options.onState(writeState(changed)),
  })
  applyLog.writeDiagnostics(applied.diagnostics)
  const written = writeState(applied.state)
  const hasReadOutside = outsidePathsOf(planned.plan).length + findOutsideSources(template).length > 0
  const failure = toFailure(applied.diagnostics, template) ?? checkCanceled(options.signal)
  if (failure) return { failure, state: written, hasReadOutside, resources: [] }
  if (task.transition === 'delete') removeWorkspaceFiles(task.host)
  return {
    ...readResources(applied.snapshot, template, createLog(stages.graph), options),
    state: written,
    hasReadOutside,
  }
}

/** Terminates processes that an interrupted build started but did not record in the state. */
async function terminateUnrecordedProcesses(
  task: BuildTask,
  state: State | null,
  log: BuildLogWriter,
  options: EngineRunOptions,
): Promise<void> {
  const processes = state?.resources.filter(({ type }) => type === 'host_process') ?? []
  const ids = processes.flatMap(({ instances }) => instances.map(({ attributes }) => String(attributes.id)))
  const terminated = await terminateOrphanProcesses(task.host, new Set(ids), options.signal)
  if (terminated.length > 0)
    log.write('info', `Terminated processes of an interrupted build: process ${terminated.join(', ')}.`)
}

function readResources(
  snapshot: Snapshot,
  template: Template,
  log: BuildLogWriter,
  options: EngineRunOptions,
): Pick<BuildOutcome, 'failure' | 'resources'> {
  const { items, diagnostics } = timed(options, { stage: 'graph', action: 'read', resource: 'resources' }, () =>
    extractResources(snapshot),
  )
  log.writeDiagnostics(diagnostics)
  const agents = items.reduce((sum, resource) => sum + resource.agents.length, 0)
  log.write('info', `${counted(items.length, 'resource')}, ${counted(agents, 'agent')}.`)
  return { failure: toFailure(diagnostics, template), resources: items }
}

// Enough for all cached templates: one with 200 parameters needs less than 1 MB.
const evaluationCache = new EvaluationCache(64 * 1024 * 1024)

function openTask(task: EngineTask, options: EngineRunOptions, stage: BuildStage) {
  const template = timed(options, { stage: 'init', action: 'read', resource: 'template' }, () => readTemplate(task))
  const createLog = (logStage: BuildStage) => createBuildLogWriter(logStage, template, options)
  const log = createLog(stage)
  log.write('info', `The embedded engine reads ${counted(template.sources.length, 'file')}.`)
  log.writeDiagnostics(template.diagnostics)
  return { template, createLog }
}

/** Measures a step of the engine outside of providers. */
function timed<T>(
  options: EngineRunOptions,
  step: Pick<EngineTiming, 'stage' | 'action' | 'resource'>,
  run: () => T,
): T {
  const startedAt = Date.now()
  const result = run()
  options.onTiming({ ...step, source: 'embedded engine', startedAt, endedAt: Date.now() })
  return result
}

type Planned = { readonly plan: Plan; readonly failure: null } | { readonly failure: EngineFailure }

async function plan(
  task: Exclude<EngineTask, FormTask>,
  template: Template,
  transition: 'start' | 'stop' | 'delete',
  state: State | null,
  log: BuildLogWriter,
  options: EngineRunOptions,
): Promise<Planned> {
  const { plan: planned, diagnostics } = await planTemplate({
    template,
    variables: task.variables,
    providers: createProviders(task, transition),
    state,
    mode: transition === 'delete' ? 'destroy' : 'apply',
    signal: options.signal,
    onEvent: reportEvents('plan', log, options, isVerbose(task)),
    onStep: createStepLogger(task, log),
    mayReadOutsideModule: task.mayReadOutsideModule,
    cache: evaluationCache,
  })
  log.writeDiagnostics(diagnostics)
  const failure = toFailure(diagnostics, template) ?? checkCanceled(options.signal)
  if (failure) return { failure }
  log.write('info', summary(planned))
  return { plan: planned, failure: null }
}

const isVerbose = (task: EngineTask) => task.kind === 'build' && task.isVerbose

/** Undefined without debug output, which disables the measurement. */
const createStepLogger = (task: EngineTask, log: BuildLogWriter) =>
  isVerbose(task) ? (message: string) => log.write('debug', message) : undefined

function summary({ changes }: Plan): string {
  const count = (...actions: string[]) => changes.filter(({ action }) => actions.includes(action)).length
  return `Plan: ${count('create', 'replace')} to add, ${count('update')} to change, ${count('delete', 'replace')} to destroy.`
}

/** Deletions evaluate the template with the stop transition, so that no processes are started. */
function createProviders(task: ProviderTask, transition: 'start' | 'stop' | 'delete'): Provider[] {
  const coder: CoderContext = {
    ...task.coder,
    transition: transition === 'start' ? 'start' : 'stop',
    agentInitScript: (os, arch) => agentInitScript(task.coder.accessUrl, os, arch),
  }
  return bundledProviders(coder, task.host)
}
