// A fake engine controlled by the test, for races and failures that a real engine does not produce on demand.

import type { BuildOutcome, Engine, EngineRunOptions, EngineTask, ImportOutcome, OutcomeOf } from '../jobs/engine.ts'

const emptyImport: ImportOutcome = {
  failure: null,
  variables: [],
  parameters: [],
  presets: [],
  startResources: [],
  stopResources: [],
  hostResources: [],
  outsidePaths: [],
  hasAiTask: false,
  hasExternalAgent: false,
  hasWorkspaceTags: false,
}

const emptyBuild: BuildOutcome = { failure: null, state: null, resources: [] }

export interface ScriptedTask {
  readonly task: EngineTask
  readonly options: EngineRunOptions
  finish(outcome?: Partial<BuildOutcome>): void
  fail(error: Error): void
}

export interface ScriptedEngine extends Engine {
  /** Running builds that wait for the test, oldest first. */
  readonly builds: ScriptedTask[]
  /** Resolves with the next build that starts. */
  nextBuild(): Promise<ScriptedTask>
}

/** Imports complete immediately with the given outcome; builds run until the test finishes them. */
export function scriptedEngine(importOutcome: Partial<ImportOutcome> = {}): ScriptedEngine {
  const builds: ScriptedTask[] = []
  const waiters: ((build: ScriptedTask) => void)[] = []
  return {
    name: 'scripted engine',
    builds,
    warm: async () => undefined,
    close: async () => undefined,
    nextBuild: () => new Promise((resolve) => waiters.push(resolve)),
    run<T extends EngineTask>(task: T, options: EngineRunOptions): Promise<OutcomeOf<T>> {
      if (task.kind === 'import') return Promise.resolve({ ...emptyImport, ...importOutcome } as OutcomeOf<T>)
      return new Promise((resolve, reject) => {
        const build: ScriptedTask = {
          task,
          options,
          finish: (outcome = {}) => resolve({ ...emptyBuild, ...outcome } as OutcomeOf<T>),
          fail: reject,
        }
        builds.push(build)
        waiters.shift()?.(build)
      })
    },
  }
}
