// Everything that is created at start-up and passed to the handlers and features that need it.

import type { HttpContext } from './http/http-context.ts'
import type { Engine } from './jobs/engine.ts'
import type { Relay } from './relay/relay.ts'

export interface ServerContext extends HttpContext {
  /** Connections of agents. */
  readonly connections: Relay
  /** Evaluates templates for builds and parameter forms. */
  readonly engine: Engine
  /** Folder with the `coder` command that workspaces of type "this computer" have on their PATH. */
  readonly agentBinDir: Promise<string>
  /** Starts the shutdown of coderd; returns immediately, so that the caller can still respond to its request. */
  readonly requestStop: () => void
}
