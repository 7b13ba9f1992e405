// What is built at start-up and passed as an argument to everything that needs it.

import type { FastifyBaseLogger } from 'fastify'
import type { Pool } from 'pg'
import type { AgentConnections } from './agents/connections.ts'
import type { Clock } from './clock.ts'
import type { Config } from './config.ts'
import type { Channels } from './database/channels.ts'
import type { Db } from './database/connect.ts'
import type { OutageLog } from './database/outage-log.ts'
import type { Events } from './events.ts'
import type { Access } from './http/access.ts'
import type { SignInAttempts } from './http/sign-in-attempts.ts'
import type { Metrics } from './metrics/metrics.ts'
import type { Engine } from './provisioner/engine.ts'

export interface ServerContext {
  readonly config: Config
  /** How people and agents reach this coderd, known once it listens. Without a trailing slash. */
  readonly accessUrl: string
  /** Proves its holder to be the person who runs the deployment; see run.json. */
  readonly secret: string
  /** Names this run of coderd. */
  readonly boot: string
  readonly db: Db
  readonly pool: Pool
  readonly channels: Channels
  readonly outages: OutageLog
  readonly events: Events
  readonly access: Access
  readonly signInAttempts: SignInAttempts
  readonly connections: AgentConnections
  /** What reads templates: provisioners build with it, forms ask it. */
  readonly engine: Engine
  /** Null where none are wanted. */
  readonly metrics: Metrics | null
  readonly log: FastifyBaseLogger
  /** What schedules decide by. */
  readonly clock: Clock
  /** Folder that holds the `coder` command which workspaces of this computer find on their PATH. */
  readonly agentBinDir: Promise<string>
  /** Aborted when coderd begins to stop. */
  readonly signal: AbortSignal
  /** Stops coderd in good order; resolves when the answer to whoever asked may be sent. */
  readonly requestStop: () => void
}
