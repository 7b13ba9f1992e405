// An engine that does what a test says, at the seam where a real one stands: for races and failures that a real one
// does not have on demand.

import type { BuildOutcome, Engine, EngineTask, EngineWatch, ImportOutcome, OutcomeOf } from '../jobs/engine.ts'

const emptyImport: ImportOutcome = {
  failure: null,
  variables: [],
  parameters: [],
  presets: [],
  startResources: [],
  stopResources: [],
  executesHere: [],
  hasAiTask: false,
  hasExternalAgent: false,
  hasWorkspaceTags: false,
}

const emptyBuild: BuildOutcome = { failure: null, state: null, resources: [] }

export interface ScriptedTask {
  readonly task: EngineTask
  readonly watch: EngineWatch
  finish(outcome?: Partial<BuildOutcome>): void
  break(error: Error): void
}

export interface ScriptedEngine extends Engine {
  /** Builds that have begun and wait for the test, the first one first. */
  readonly builds: ScriptedTask[]
  /** Resolves with the next build that begins. */
  nextBuild(): Promise<ScriptedTask>
}

/** Imports end at once, as `imported` says; builds wait until the test finishes them. */
export function scriptedEngine(imported: Partial<ImportOutcome> = {}): ScriptedEngine {
  const builds: ScriptedTask[] = []
  const waiting: ((build: ScriptedTask) => void)[] = []
  return {
    name: 'scripted engine',
    builds,
    warm: async () => undefined,
    close: async () => undefined,
    nextBuild: () => new Promise((resolve) => waiting.push(resolve)),
    run<T extends EngineTask>(task: T, watch: EngineWatch): Promise<OutcomeOf<T>> {
      if (task.kind === 'import') return Promise.resolve({ ...emptyImport, ...imported } as OutcomeOf<T>)
      return new Promise((resolve, reject) => {
        const build: ScriptedTask = {
          task,
          watch,
          finish: (outcome = {}) => resolve({ ...emptyBuild, ...outcome } as OutcomeOf<T>),
          break: reject,
        }
        builds.push(build)
        waiting.shift()?.(build)
      })
    },
  }
}
