// What the start-up page shows and may ask for, typed once for the shell, the preload and the page. The page is ours
// and local; the dashboard never sees this bridge.

import type { StartupStep } from '../lib/startup-step.ts'

export type StartupView =
  | { readonly phase: 'starting'; readonly steps: readonly StartupStep[]; readonly isRestart: boolean }
  | {
      readonly phase: 'failed'
      readonly steps: readonly StartupStep[]
      readonly message: string
      readonly detail: string
      readonly lastLines: readonly string[]
      readonly logFile: string
    }
  /** Someone stopped the deployment in good order while the window was open. */
  | { readonly phase: 'stopped' }

export interface StartupBridge {
  /** What to show now. */
  view(): Promise<StartupView>
  onView(listener: (view: StartupView) => void): void
  retry(): Promise<void>
  /** Puts what a helper would ask for on the clipboard. */
  copyDiagnostics(): Promise<void>
  openLogs(): Promise<void>
}

declare global {
  interface Window {
    /** Only on the start-up page. */
    readonly coderStartup: StartupBridge
  }
}

/** Scheme and address of the start-up page: a protocol of its own instead of file://, so that it can read nothing else. */
export const startupScheme = 'coder-local-startup'
export const startupUrl = `${startupScheme}://page/index.html`
