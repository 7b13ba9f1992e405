// Messages between coderd and the worker threads of the embedded engine.

import type { EngineLogLine, EngineTask, EngineTiming, OutcomeOf } from '../../jobs/engine.ts'

export type ToWorker =
  | { readonly type: 'run'; readonly id: number; readonly task: EngineTask }
  | { readonly type: 'cancel'; readonly id: number }
  /** Answered at once by a thread that responds. */
  | { readonly type: 'ping' }

export type FromWorker =
  /** The modules are loaded: tasks start without delay. */
  | { readonly type: 'ready' }
  | { readonly type: 'pong' }
  | { readonly type: 'log'; readonly id: number; readonly line: EngineLogLine }
  | { readonly type: 'timing'; readonly id: number; readonly timing: EngineTiming }
  | { readonly type: 'state'; readonly id: number; readonly state: string }
  | { readonly type: 'done'; readonly id: number; readonly outcome: OutcomeOf<EngineTask> }
  /** A bug of the engine, not an error of the template. */
  | { readonly type: 'failed'; readonly id: number; readonly stack: string }
