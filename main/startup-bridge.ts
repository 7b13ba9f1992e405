// The interface between the shell and the start-up page, shared by the shell, the preload script and the page. The
// dashboard has no access to it.

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
  /** The deployment was stopped gracefully while the window was open. */
  | { readonly phase: 'stopped' }

export interface StartupBridge {
  /** The current state. */
  view(): Promise<StartupView>
  onView(listener: (view: StartupView) => void): void
  retry(): Promise<void>
  /** Copies a diagnostic report to the clipboard. */
  copyDiagnostics(): Promise<void>
  openLogs(): Promise<void>
}

declare global {
  interface Window {
    /** Only on the start-up page. */
    readonly coderStartup: StartupBridge
  }
}

/** Scheme and address of the start-up page: a custom protocol instead of file://, so that it can read no other files. */
export const startupScheme = 'coder-local-startup'
export const startupUrl = `${startupScheme}://page/index.html`
