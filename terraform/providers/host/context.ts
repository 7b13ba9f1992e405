// The machine and workspace context of the `host` provider.

export interface HostContext {
  /** The deployment's data folder; the provider deletes nothing outside it. */
  readonly dataDir: string
  readonly workspaceId: string
  /** First in PATH, so that `coder` is this deployment's. */
  readonly agentBinDir: string
  /** The user's environment, which processes inherit. */
  readonly environment: Readonly<Record<string, string | undefined>>
  /** Identifies the machine's boot: process ids are only unique within one. */
  readonly bootId: string
}
