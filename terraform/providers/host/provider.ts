// The `host` provider: processes and folders on the computer that runs the provisioner. What it starts runs as the
// person themself; it is no sandbox.

import type { Provider } from '../../provider.ts'

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

export function hostProvider(_context: HostContext): Provider {
  return {
    name: 'host',
    source: 'coder-local/host',
    configuration: { attributes: {}, blocks: {} },
    resources: {},
    dataSources: {},
  }
}
