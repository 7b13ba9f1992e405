/** A command that the shell reported with its marks (agent/shell-integration). */
export interface ShellCommand {
  /** Increases within a pane; not stable across page reloads. */
  readonly id: number
  /** Empty if the shell does not report it. */
  readonly command: string
  /** Empty if the shell does not report it. */
  readonly cwd: string
  /** Milliseconds of the workspace's clock if the shell reports them, otherwise of the page's. */
  readonly startedAt: number | undefined
  /** Undefined while it runs, or if the shell does not report it. */
  readonly endedAt: number | undefined
  /** Exit status. Undefined while the command runs, or if it is unknown. */
  readonly exit: number | undefined
  readonly isRunning: boolean
}
