// What a provisioner asks of a Terraform engine, and what it gets back. All of it is plain data: the embedded engine
// lives in another thread, a command engine in another process. An engine knows no database; run-job.ts writes what it
// reports.

import type { JobErrorCode, LogLevel } from '../../api/organizations/provisioner-jobs.ts'
import type { WorkspaceTransition } from '../../api/workspaces/builds.ts'
import type {
  ExtractedParameter,
  ExtractedPreset,
  ExtractedResource,
  ExtractedVariable,
} from '../../terraform/extraction/extracted-types.ts'
import type { EvaluatedParameter } from '../../terraform/extraction/parameter-form.ts'
import type { CoderContext } from '../../terraform/providers/coder/context.ts'
import type { HostContext } from '../../terraform/providers/host/context.ts'
import type { JobTimingStage } from '../database/schema.ts'

export interface Engine {
  /** As the build log names it. */
  readonly name: string
  /** Pays what the first task would otherwise wait for. */
  warm(): Promise<void>
  /** Runs one task to its end; several may run at once. What is wrong with the template or its resources is in the
   *  outcome. Rejects only when the engine itself broke. */
  run<T extends EngineTask>(task: T, watch: EngineWatch): Promise<OutcomeOf<T>>
  /** Ends it, with whatever it still runs. */
  close(): Promise<void>
}

export interface EngineWatch {
  /** Aborting asks for an early end; the outcome is still awaited, because it tells what exists by then. */
  readonly signal: AbortSignal
  onLog(line: EngineLine): void
  onTiming(timing: EngineTiming): void
  /** The state as of now, told after every resource that changed: what is lost when coderd dies is what was not told. */
  onState(state: string): void
}

export interface EngineLine {
  readonly stage: BuildStage
  readonly level: LogLevel
  /** One line. */
  readonly output: string
}

export interface EngineTiming {
  readonly stage: JobTimingStage
  /** The provider. */
  readonly source: string
  readonly action: string
  /** The address of the instance. */
  readonly resource: string
  /** Milliseconds since the epoch. */
  readonly startedAt: number
  readonly endedAt: number
}

/** The names that clients of Coder know and show. */
export const stages = {
  setUp: 'Setting up',
  parse: 'Parsing template parameters',
  persistent: 'Detecting persistent resources',
  ephemeral: 'Detecting ephemeral resources',
  init: 'Initializing Terraform Directory',
  plan: 'Planning Infrastructure',
  start: 'Starting workspace',
  stop: 'Stopping workspace',
  delete: 'Destroying workspace',
  graph: 'Graphing Infrastructure',
  cleanUp: 'Cleaning Up',
} as const
export type BuildStage = (typeof stages)[keyof typeof stages]

/** What every task needs to read a template. */
interface TemplateTask {
  /** The unpacked template. */
  readonly dir: string
  /** Same hash, same files: an engine may keep what it parsed. */
  readonly fileHash: string
  /** Input variables, as `-var` takes them. */
  readonly variables: Readonly<Record<string, string>>
  readonly coder: CoderFacts
  /** Whether what the template executes on the provisioner's own computer may run. */
  readonly mayExecuteHere: boolean
}

/** What every task needs that asks providers. */
export interface ProviderTask extends TemplateTask {
  readonly host: HostContext
}

/** What the `coder` provider is told; the transition is the task's. */
export type CoderFacts = Omit<CoderContext, 'agentInitScript' | 'transition'>

export interface ImportTask extends ProviderTask {
  readonly kind: 'import'
}
export interface BuildTask extends ProviderTask {
  readonly kind: 'build'
  readonly transition: WorkspaceTransition
  /** Terraform state JSON; null before anything was made. */
  readonly state: string | null
  /** Whether the log says what the engine does step by step. */
  readonly isVerbose: boolean
  /** What the workspace may cost a day; null where nothing limits it. */
  readonly quota: { readonly left: number; readonly budget: number } | null
}
/** What a build with these answers would make, without making it. */
export interface DryRunTask extends ProviderTask {
  readonly kind: 'dry-run'
}
/** What the template asks for, given the answers in `coder.parameters`. Logs nothing, touches nothing. */
export interface FormTask extends TemplateTask {
  readonly kind: 'form'
}
export type EngineTask = ImportTask | BuildTask | DryRunTask | FormTask

export interface ImportOutcome {
  readonly failure: EngineFailure | null
  readonly variables: readonly ExtractedVariable[]
  readonly parameters: readonly ExtractedParameter[]
  readonly presets: readonly ExtractedPreset[]
  readonly startResources: readonly ExtractedResource[]
  readonly stopResources: readonly ExtractedResource[]
  /** What it executes on the provisioner's own computer, by address; empty when it is safe for everybody. */
  readonly executesHere: readonly string[]
  /** Whether it asks for things of Coder's that versions and pages tell apart. */
  readonly hasAiTask: boolean
  readonly hasExternalAgent: boolean
  readonly hasWorkspaceTags: boolean
}
export interface BuildOutcome {
  readonly failure: EngineFailure | null
  /** True to what exists, also after a failure; null when nothing was touched. */
  readonly state: string | null
  /** Empty after a failure. */
  readonly resources: readonly ExtractedResource[]
}
export interface DryRunOutcome {
  readonly failure: EngineFailure | null
  readonly resources: readonly ExtractedResource[]
}
export interface FormOutcome {
  readonly parameters: readonly FormParameter[]
  /** Of no parameter in particular. */
  readonly diagnostics: readonly FormDiagnostic[]
  /** Tags that a provisioner must have for a build with these answers. */
  readonly tags: Readonly<Record<string, string>>
}
/** A parameter as it is to be shown, with its diagnostics ready to read. */
export type FormParameter = Omit<EvaluatedParameter, 'diagnostics'> & {
  readonly diagnostics: readonly FormDiagnostic[]
}
export interface FormDiagnostic {
  readonly severity: 'error' | 'warning'
  readonly summary: string
  readonly detail: string
  /** As logs have it: with the line of the template that is meant. */
  readonly inFull: string
}

interface Outcomes {
  readonly import: ImportOutcome
  readonly build: BuildOutcome
  readonly 'dry-run': DryRunOutcome
  readonly form: FormOutcome
}
export type OutcomeOf<T extends EngineTask> = Outcomes[T['kind']]

/** Why a task ended without what was asked for. Its whole story is in the log. */
export interface EngineFailure {
  /** What is wrong and where, for a page to show: `Unknown resource type "foo" (main.tf:3:10)`. */
  readonly message: string
  readonly code?: JobErrorCode
}
