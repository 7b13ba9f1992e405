// What the `host` provider is told about the machine and the workspace it works for.

export interface HostContext {
  /** The deployment's data folder; nothing outside of it is ever deleted. */
  readonly dataDir: string
  readonly workspaceId: string
  /** Goes to the front of PATH, so that `coder agent` is ours. */
  readonly agentBinDir: string
  /** The person's environment, which processes inherit. */
  readonly environment: Readonly<Record<string, string | undefined>>
  /** Tells one boot of the machine from the next: a process id means nothing across it. */
  readonly bootId: string
}
