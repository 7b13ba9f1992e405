// Start-up progress of coderd: steps with states, sent over IPC to the process that started it. Processes that attach
// later do not receive it.

export interface StartupStep {
  /** Identifies the step; a later message with the same name replaces the earlier one. */
  readonly name: string
  /** Text for users. */
  readonly title: string
  readonly state: 'running' | 'done' | 'failed'
  /** Since the start of the step. */
  readonly ms: number
  /** Expected maximum duration. */
  readonly limitMs: number
  /** Current activity, or the reason for a failure. */
  readonly detail?: string
}

/** Messages from coderd to the process that started it. */
export type StartupMessage =
  | { readonly type: 'step'; readonly step: StartupStep }
  | {
      readonly type: 'failed'
      readonly message: string
      readonly detail?: string
      /** Another coderd runs on the data folder: not a failure for callers that only need one. */
      readonly runningPid?: number
    }

export function isStartupMessage(value: unknown): value is StartupMessage {
  const type = typeof value === 'object' && value !== null ? (value as { type?: unknown }).type : undefined
  return type === 'step' || type === 'failed'
}
