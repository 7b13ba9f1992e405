// Endpoints that Coder does not have: sign-in on the local machine, pushed events, agent connections and reports.

import { Type } from 'typebox'
import { agentConnectPath, agentManifestPath, agentRawSocketPath, lifecycleStates } from './agents/agent-protocol.ts'
import { TerminalRetention } from './agents/terminals.ts'
import { oneOf } from './common.ts'
import { agent, endpoint, localSecret, open, user } from './endpoint.ts'

/** Header with the secret of `<data>/run.json`. */
export const localSecretHeader = 'coder-local-secret'

/** Request header `true` of a sign-in by a page of the dashboard, which proves its later requests. */
export const pageHeader = 'coder-local-page'
/** Response header of such a sign-in: the page's HMAC key in base64. */
export const pageKeyHeader = 'coder-local-page-key'
/** Header, or for upgrades query parameter, with HMAC-SHA256(page key, challenge) in base64url. */
export const pageProofHeader = 'coder-local-page-proof'
export const pageProofQuery = 'page_proof'

export const getPageChallenge = endpoint({
  method: 'GET',
  path: '/api/local/page-challenge',
  summary: 'Get the challenge that pages of the dashboard answer with each request. It changes when coderd restarts.',
  access: open('reveals nothing; a page needs it before it can authenticate'),
  responses: { 200: Type.Object({ challenge: Type.String() }) },
})

export const proveDeployment = endpoint({
  method: 'POST',
  path: '/api/local/proof',
  summary: 'Prove that this server wrote run.json: answers HMAC-SHA256(secret, nonce) in hex.',
  access: open('reveals nothing without the secret; lets a process verify the server before it sends one'),
  body: Type.Object({ nonce: Type.String({ minLength: 16, maxLength: 128 }) }),
  responses: { 200: Type.Object({ proof: Type.String(), pid: Type.Integer(), version: Type.String() }) },
})

const LaunchCode = Type.Object({ code: Type.String(), url: Type.String(), expires_at: Type.String() })

export const createLaunchCode = endpoint({
  method: 'POST',
  path: '/api/local/launch-codes',
  summary: 'Create a one-time code that signs in the owner, and the link that carries it in its fragment.',
  access: localSecret,
  responses: { 201: LaunchCode },
})

export const createOwnLaunchCode = endpoint({
  method: 'POST',
  path: '/api/local/users/me/launch-codes',
  summary: 'Create a one-time link that signs in the same user elsewhere ("Open in browser").',
  access: user('create', 'launch_code'),
  responses: { 201: LaunchCode },
})

export const inspectLaunchCode = endpoint({
  method: 'POST',
  path: '/api/local/launch-codes/inspect',
  limit: 'logins',
  summary: 'Get the user that a launch code signs in, without using it. Pages ask before they sign in as another user.',
  access: open('the code is the credential'),
  body: Type.Object({ code: Type.String({ minLength: 1, maxLength: 128 }) }),
  responses: {
    200: Type.Object({
      /** Empty for a code that a program of the computer created for the owner. */
      username: Type.String(),
    }),
  },
})

export const exchangeLaunchCode = endpoint({
  method: 'POST',
  path: '/api/local/launch-codes/exchange',
  limit: 'logins',
  summary:
    'Exchange a launch code for a session cookie. Creates the owner from the operating system user if there is none.',
  access: open('the code is the credential'),
  body: Type.Object({ code: Type.String({ minLength: 1, maxLength: 128 }) }),
  responses: { 200: Type.Object({ session_token: Type.String() }) },
})

export const stopDeployment = endpoint({
  method: 'POST',
  path: '/api/local/stop',
  summary: 'Stop coderd and its database gracefully. Workspaces keep running.',
  access: localSecret,
  responses: { 202: Type.Object({ message: Type.String() }) },
})

export const watchEvents = endpoint({
  method: 'GET',
  path: '/api/local/events',
  summary: 'Stream pushed events (api/events.ts) as text frames.',
  access: user('list', 'workspace'),
  upgrade: true,
  responses: { 101: Type.Null() },
})

export const ThisComputer = Type.Object({
  hostname: Type.String(),
  username: Type.String(),
  home: Type.String(),
  os: Type.String(),
  arch: Type.String(),
  /** The template for workspaces on this computer; null during its import, and if there is none. */
  template_id: Type.Union([Type.String(), Type.Null()]),
  /** Why there is no template; empty during its import. */
  problem: Type.String(),
})

export const getThisComputer = endpoint({
  method: 'GET',
  path: '/api/local/this-computer',
  summary: 'Get the details of the computer that coderd runs on, for the welcome page.',
  access: user('read', 'deployment'),
  responses: { 200: ThisComputer },
})

export const connectAgent = endpoint({
  method: 'GET',
  path: agentConnectPath,
  summary: 'Upgrade to HTTP/2 with the agent as server (api/agents/agent-protocol.ts).',
  access: agent,
  query: Type.Object({
    role: Type.Union([Type.Literal('terminals'), Type.Literal('services')]),
    version: Type.String(),
    pid: Type.Integer(),
    started_at: Type.String(),
    boot_id: Type.String(),
    machine_id: Type.String(),
    hostname: Type.String(),
    os: Type.String(),
    arch: Type.String(),
  }),
  upgrade: true,
  responses: { 101: Type.Null() },
})

export const connectRawSocket = endpoint({
  method: 'GET',
  path: agentRawSocketPath,
  summary: 'Upgrade to a raw socket that the relay requested from the agent (api/agents/agent-protocol.ts).',
  access: agent,
  query: Type.Object({ ticket: Type.String({ maxLength: 64 }) }),
  upgrade: true,
  responses: { 101: Type.Null() },
})

export const getManifest = endpoint({
  method: 'GET',
  path: agentManifestPath,
  summary: 'Get the manifest of an agent: names, directory, environment, scripts.',
  access: agent,
  responses: {
    200: Type.Object({
      agent_id: Type.String(),
      agent_name: Type.String(),
      workspace_id: Type.String(),
      workspace_name: Type.String(),
      owner_name: Type.String(),
      access_url: Type.String(),
      directory: Type.String(),
      motd_file: Type.String(),
      environment: Type.Record(Type.String(), Type.String()),
      metadata: Type.Array(
        Type.Object({
          key: Type.String(),
          script: Type.String(),
          interval_seconds: Type.Integer(),
          timeout_seconds: Type.Integer(),
        }),
      ),
      healthchecks: Type.Array(
        Type.Object({
          app_id: Type.String(),
          url: Type.String(),
          interval_seconds: Type.Integer(),
          threshold: Type.Integer(),
        }),
      ),
      terminals: TerminalRetention,
      scripts: Type.Array(
        Type.Object({
          id: Type.String(),
          log_source_id: Type.String(),
          display_name: Type.String(),
          log_path: Type.String(),
          script: Type.String(),
          cron: Type.String(),
          run_on_start: Type.Boolean(),
          run_on_stop: Type.Boolean(),
          start_blocks_login: Type.Boolean(),
          timeout_seconds: Type.Integer(),
        }),
      ),
      /** The monitored resources; null if the template monitors none. */
      monitors: Type.Union([
        Type.Object({
          every_ms: Type.Integer(),
          /** Number of measurements in a report, including the last one. */
          count: Type.Integer(),
          memory: Type.Boolean(),
          /** Paths as written in the template. */
          volumes: Type.Array(Type.String()),
        }),
        Type.Null(),
      ]),
    }),
  },
})

export const reportStartup = endpoint({
  method: 'POST',
  path: '/api/local/agents/me/startup',
  summary: 'Report the version and expanded directory of an agent that has read its manifest.',
  access: agent,
  body: Type.Object({ version: Type.String({ maxLength: 256 }), expanded_directory: Type.String({ maxLength: 4096 }) }),
  responses: { 204: Type.Null() },
})

export const reportLifecycle = endpoint({
  method: 'POST',
  path: '/api/local/agents/me/lifecycle',
  summary: 'Report a lifecycle state of an agent, in order.',
  access: agent,
  body: Type.Object({
    state: oneOf(lifecycleStates),
    changed_at: Type.String({ format: 'date-time' }),
  }),
  responses: { 204: Type.Null() },
})

export const reportScript = endpoint({
  method: 'POST',
  path: '/api/local/agents/me/script-timings',
  summary: 'Report the result of a script of the manifest.',
  access: agent,
  body: Type.Object({
    script_id: Type.String({ format: 'uuid' }),
    started_at: Type.String({ format: 'date-time' }),
    ended_at: Type.String({ format: 'date-time' }),
    exit_code: Type.Integer({ minimum: -(2 ** 31), maximum: 2 ** 32 - 1 }),
    stage: Type.Union([Type.Literal('start'), Type.Literal('stop'), Type.Literal('cron')]),
    status: Type.Union([
      Type.Literal('ok'),
      Type.Literal('exit_failure'),
      Type.Literal('timed_out'),
      Type.Literal('pipes_left_open'),
    ]),
  }),
  responses: { 204: Type.Null() },
})

export const reportMetadata = endpoint({
  method: 'POST',
  path: '/api/local/agents/me/metadata',
  summary: 'Report the metadata of an agent.',
  access: agent,
  body: Type.Object({
    values: Type.Array(
      Type.Object({
        key: Type.String({ maxLength: 256 }),
        value: Type.String(),
        error: Type.String(),
        collected_at: Type.String({ format: 'date-time' }),
      }),
      { maxItems: 128 },
    ),
  }),
  responses: { 204: Type.Null() },
})

export const reportAppHealth = endpoint({
  method: 'POST',
  path: '/api/local/agents/me/app-health',
  summary: 'Report changes in the health of apps.',
  access: agent,
  body: Type.Object({
    apps: Type.Array(
      Type.Object({ app_id: Type.String({ format: 'uuid' }), health: oneOf(['initializing', 'healthy', 'unhealthy']) }),
      { maxItems: 128 },
    ),
  }),
  responses: { 204: Type.Null() },
})

const MeasuredUsage = { used: Type.Integer({ minimum: 0 }), total: Type.Integer({ minimum: 0 }) }

export const reportResources = endpoint({
  method: 'POST',
  path: '/api/local/agents/me/resources',
  summary: 'Report the recent memory and disk usage of an agent in bytes, oldest first.',
  access: agent,
  body: Type.Object({
    samples: Type.Array(
      Type.Object({
        memory: Type.Union([Type.Object(MeasuredUsage), Type.Null()]),
        volumes: Type.Array(Type.Object({ path: Type.String(), ...MeasuredUsage }), { maxItems: 128 }),
      }),
      { maxItems: 128 },
    ),
  }),
  responses: { 204: Type.Null() },
})

const Count = Type.Integer({ minimum: 0, maximum: 2 ** 31 - 1 })
const Bytes = Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER })

export const reportStats = endpoint({
  method: 'POST',
  path: '/api/local/agents/me/stats',
  summary: 'Report the statistics of an agent since its last report.',
  access: agent,
  body: Type.Object({
    connection_count: Count,
    connections_by_proto: Type.Record(Type.String({ pattern: '^.{1,64}$' }), Count, {
      additionalProperties: false,
      maxProperties: 64,
    }),
    /** -1 if not measured. */
    connection_median_latency_ms: Type.Number(),
    rx_packets: Bytes,
    rx_bytes: Bytes,
    tx_packets: Bytes,
    tx_bytes: Bytes,
    session_count_vscode: Count,
    session_count_jetbrains: Count,
    session_count_reconnecting_pty: Count,
    session_count_ssh: Count,
  }),
  responses: { 200: Type.Object({ report_interval_ms: Type.Integer() }) },
})
