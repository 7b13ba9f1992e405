// Interface between the provisioner and a Terraform engine. Tasks and outcomes are plain data, because the embedded
// engine runs in another thread and a command engine in another process. Engines have no database access: run-job.ts
// stores what they report.

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
  /** Name shown in the build log. */
  readonly name: string
  /** Loads the engine before the first task. */
  warm(): Promise<void>
  /** Runs one task to completion; tasks may run concurrently. Errors of the template or its resources are part of the
   *  outcome; the promise rejects only on a failure of the engine itself. */
  run<T extends EngineTask>(task: T, options: EngineRunOptions): Promise<OutcomeOf<T>>
  /** Stops the engine and its running tasks. */
  close(): Promise<void>
}

export interface EngineRunOptions {
  /** Aborting cancels the task. Its outcome must still be awaited, because it lists the resources created so far. */
  readonly signal: AbortSignal
  onLog(line: EngineLogLine): void
  onTiming(timing: EngineTiming): void
  /** Reports the Terraform state after each changed resource. A crash of coderd loses only unreported changes. */
  onState(state: string): void
}

export interface EngineLogLine {
  readonly stage: BuildStage
  readonly level: LogLevel
  /** One line. */
  readonly output: string
}

export interface EngineTiming {
  readonly stage: JobTimingStage
  /** Name of the provider. */
  readonly source: string
  readonly action: string
  /** Address of the resource instance. */
  readonly resource: string
  /** Milliseconds since the epoch. */
  readonly startedAt: number
  readonly endedAt: number
}

/** Stage names of the build log; Coder's clients display them. */
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

/** Input of all tasks. */
interface TemplateTask {
  /** Folder of the unpacked template. */
  readonly dir: string
  /** Hash of the template's files; engines may cache parsed files by it. */
  readonly fileHash: string
  /** Input variables in the syntax of `-var`. */
  readonly variables: Readonly<Record<string, string>>
  readonly coder: CoderTaskContext
  /** Whether the template is allowed to execute code on the provisioner's computer. */
  readonly mayAccessHost: boolean
  /** Whether the template may read files outside its folder. Implies `mayAccessHost`. */
  readonly mayReadOutsideModule: boolean
}

/** Input of tasks that call providers. */
export interface ProviderTask extends TemplateTask {
  readonly host: HostContext
}

/** Context of the `coder` provider; the transition comes from the task. */
export type CoderTaskContext = Omit<CoderContext, 'agentInitScript' | 'transition'>

export interface ImportTask extends ProviderTask {
  readonly kind: 'import'
}
export interface BuildTask extends ProviderTask {
  readonly kind: 'build'
  readonly transition: WorkspaceTransition
  /** Terraform state as JSON; null before the first build. */
  readonly state: string | null
  /** Whether the engine logs each step. */
  readonly isVerbose: boolean
  /** Daily cost limit of the workspace; null without a quota. */
  readonly quota: { readonly left: number; readonly budget: number } | null
}
/** Plans a build with these parameters without applying it. */
export interface DryRunTask extends ProviderTask {
  readonly kind: 'dry-run'
}
/** Evaluates the parameter form for the values in `coder.parameters`. No logs, no side effects. */
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
  /** Addresses of the resources that execute code on the provisioner's computer. */
  readonly hostResources: readonly string[]
  /** Files outside the template's folder that the template read. */
  readonly outsidePaths: readonly string[]
  /** Features that clients show for a template version. */
  readonly hasAiTask: boolean
  readonly hasExternalAgent: boolean
  readonly hasWorkspaceTags: boolean
}
export interface BuildOutcome {
  readonly failure: EngineFailure | null
  /** State that matches the existing resources, also after a failure; null when nothing changed. */
  readonly state: string | null
  /** Whether the template read files outside its folder. */
  readonly hasReadOutside?: boolean
  /** Empty after a failure. */
  readonly resources: readonly ExtractedResource[]
}
export interface DryRunOutcome {
  readonly failure: EngineFailure | null
  readonly resources: readonly ExtractedResource[]
}
export interface FormOutcome {
  readonly parameters: readonly FormParameter[]
  /** Diagnostics that do not belong to one parameter. */
  readonly diagnostics: readonly FormDiagnostic[]
  /** Provisioner tags that a build with these parameters requires. */
  readonly tags: Readonly<Record<string, string>>
}
/** A parameter as the form shows it, with formatted diagnostics. */
export type FormParameter = Omit<EvaluatedParameter, 'diagnostics'> & {
  readonly diagnostics: readonly FormDiagnostic[]
}
export interface FormDiagnostic {
  readonly severity: 'error' | 'warning'
  readonly summary: string
  readonly detail: string
  /** Formatted for logs, with the source line of the template. */
  readonly formatted: string
}

interface Outcomes {
  readonly import: ImportOutcome
  readonly build: BuildOutcome
  readonly 'dry-run': DryRunOutcome
  readonly form: FormOutcome
}
export type OutcomeOf<T extends EngineTask> = Outcomes[T['kind']]

/** Why a task failed. The build log has the details. */
export interface EngineFailure {
  /** Summary with its source position: `Unknown resource type "foo" (main.tf:3:10)`. */
  readonly message: string
  readonly code?: JobErrorCode
}
