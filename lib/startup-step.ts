// What coderd tells while it starts: one step after the other, each with a state. Travels from coderd to whoever
// started it over the IPC channel between the two; who merely attaches sees none of it.

export interface StartupStep {
  /** Names the step; a later message with the same name replaces the earlier one. */
  readonly name: string
  /** What a person reads. */
  readonly title: string
  readonly state: 'running' | 'done' | 'failed'
  /** Since the step began. */
  readonly ms: number
  /** After this long something is wrong. */
  readonly limitMs: number
  /** What it does at the moment, or why it failed. */
  readonly detail?: string
}

/** What coderd sends to the process that started it. */
export type StartupMessage =
  | { readonly type: 'step'; readonly step: StartupStep }
  | {
      readonly type: 'failed'
      readonly message: string
      readonly detail?: string
      /** The coderd that runs on the data folder already: not a failure for whoever only wants one to run. */
      readonly runningPid?: number
    }

export function isStartupMessage(value: unknown): value is StartupMessage {
  const type = typeof value === 'object' && value !== null ? (value as { type?: unknown }).type : undefined
  return type === 'step' || type === 'failed'
}
