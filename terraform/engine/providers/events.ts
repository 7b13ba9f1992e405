// What plan and apply tell while they run: the build log and the timings are made of these.

import type { LogLevel } from '../../provider.ts'

export type ResourceAction = 'read' | 'refresh' | 'create' | 'update' | 'delete'

export type EngineEvent =
  | {
      readonly kind: 'resource_start'
      readonly address: string
      readonly action: ResourceAction
      readonly message: string
    }
  | {
      readonly kind: 'resource_done'
      readonly address: string
      readonly action: ResourceAction
      readonly elapsedMs: number
      readonly message: string
    }
  | {
      readonly kind: 'resource_failed'
      readonly address: string
      readonly action: ResourceAction
      readonly elapsedMs: number
      readonly message: string
    }
  | { readonly kind: 'log'; readonly address: string; readonly level: LogLevel; readonly message: string }

export type OnEvent = (event: EngineEvent) => void

/** Told of what the engine itself does, by whoever looks for a fault: names and times, never values. */
export type OnStep = (message: string) => void

/** The work on a node of the graph, told when it ends. Without a listener nothing is measured. */
export function traced(
  node: { readonly id: string; readonly waitsFor: Iterable<string> },
  run: () => boolean | Promise<boolean>,
  onStep: OnStep | undefined,
): () => boolean | Promise<boolean> {
  if (!onStep) return run
  return () => {
    const startedAt = performance.now()
    const tell = (succeeded: boolean) => {
      const needs = [...node.waitsFor].map((id) => id.trim()).join(', ')
      const time = `${(performance.now() - startedAt).toFixed(2)} ms`
      onStep(`${node.id.trim()}: ${succeeded ? 'done' : 'failed'} in ${time}${needs ? `, after ${needs}` : ''}`)
      return succeeded
    }
    const outcome = run()
    return typeof outcome === 'boolean' ? tell(outcome) : outcome.then(tell)
  }
}
