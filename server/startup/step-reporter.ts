// Reports the steps of the start-up to the process that started coderd; the start-up page and the command line show
// them.

import type { StartupStep } from '../../lib/startup-step.ts'

const steps = {
  folder: { title: 'Data folder', limitMs: 2_000 },
  database: { title: 'Database', limitMs: 30_000 },
  migrations: { title: 'Tables', limitMs: 30_000 },
  server: { title: 'Server', limitMs: 5_000 },
  provisioners: { title: 'Provisioners', limitMs: 5_000 },
} as const satisfies Record<string, Pick<StartupStep, 'title' | 'limitMs'>>

/** Runs one step and reports its start, its progress and its outcome. Errors of the step are rethrown.
 *  @throws the reason of the signal instead of running a step after an interruption */
export type StepReporter = <T>(
  name: keyof typeof steps,
  run: (reportDetail: (detail: string) => void) => Promise<T>,
) => Promise<T>

export function createStepReporter(onStep: (step: StartupStep) => void, interrupted?: AbortSignal): StepReporter {
  return async (name, run) => {
    interrupted?.throwIfAborted()
    const startedAt = performance.now()
    const report = (state: StartupStep['state'], detail?: string) =>
      onStep({
        name,
        ...steps[name],
        state,
        ms: Math.round(performance.now() - startedAt),
        ...(detail ? { detail } : {}),
      })
    report('running')
    try {
      const result = await run((detail) => report('running', detail))
      report('done')
      return result
    } catch (error) {
      report('failed', error instanceof Error ? error.message : String(error))
      throw error
    }
  }
}
