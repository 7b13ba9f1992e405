// Everything that is created at start-up and passed to the handlers and features that need it.

import type { AgentConnections } from './agents/connections.ts'
import type { HttpContext } from './http/http-context.ts'
import type { Engine } from './jobs/engine.ts'

export interface ServerContext extends HttpContext {
  readonly connections: AgentConnections
  /** Evaluates templates for builds and parameter forms. */
  readonly engine: Engine
  /** Folder with the `coder` command that workspaces of type "this computer" have on their PATH. */
  readonly agentBinDir: Promise<string>
  /** Starts the shutdown of coderd; returns immediately, so that the caller can still respond to its request. */
  readonly requestStop: () => void
}
