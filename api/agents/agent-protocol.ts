// The protocol between agent and coderd, and the frame types of terminals. The agent dials coderd and coderd accepts the
// upgrade; from then on the agent is the HTTP/2 server on that socket, and coderd opens one stream per request (a
// target). Contains no socket code; coderd copies terminal frames without decoding them.

/** Request paths used by the terminal holder, which does not load the contract so that it stays small. */
export const agentConnectPath = '/api/local/agents/me/connect'
export const agentManifestPath = '/api/local/agents/me/manifest'

/** Value of the `Upgrade` header of the connect request. */
export const agentUpgradeProtocol = 'coder-local-agent'

/** An agent has two connections: the terminal holder, which handles only terminals and outlives the other process, and the
 *  services (scripts, SSH, ports, files), which the holder starts and restarts. */
export type AgentRole = 'terminals' | 'services'

/** Query of the connect request. Identifies the process, so that coderd can determine later whether it exited. */
export interface AgentIdentity {
  readonly role: AgentRole
  readonly version: string
  readonly pid: number
  /** Kernel start time of the process, opaque; see lib/process-identity. */
  readonly started_at: string
  readonly boot_id: string
  readonly machine_id: string
  readonly hostname: string
  readonly os: string
  readonly arch: string
}

/** Streams that coderd may open, and the connection that serves each. Add a line for a new service. */
export const agentTargets = {
  '/pty': 'terminals',
  '/terminals': 'terminals',
  // Query `id`: ends that session and deletes its stored data. Answers `{"closed": boolean}`, false if it does not exist.
  '/terminals/close': 'terminals',
  // Notifies the agent that the manifest changed; the agent reads it again. Answered immediately, without content.
  '/manifest-changed': 'terminals',
  '/listening-ports': 'services',
  '/app-request': 'services',
  // Query `ticket`: the agent dials `agentRawSocketPath` with it and answers, without content, once it is connected.
  '/raw-socket': 'services',
} as const satisfies Record<string, AgentRole>
export type AgentTarget = keyof typeof agentTargets

// Raw sockets carry bulk data: ports, apps, SSH. The relay requests one over the HTTP/2 session (`/raw-socket`), and the
// agent dials back. Both keep the socket unused until the relay writes a RawRequest. The agent responds with a RawResponse;
// after a response without an error the socket is a byte stream to the target, with half-closes. Both messages are JSON,
// prefixed by their length (lib/length-prefixed).
export const agentRawSocketPath = '/api/local/agents/me/raw-socket'
/** Value of the `Upgrade` header of the agent's request, and of a client's request to join a dialed socket. */
export const rawUpgradeProtocol = 'coder-local-raw'
export const maxRawMessageBytes = 16 * 1024

/** What a raw socket is connected to, as seen from the workspace. Add a line for a new service, and its handler in
 *  agent/services/raw-sockets.ts. */
export type DialTarget =
  /** A TCP port; `localhost` tries IPv4 and IPv6. */
  | { readonly kind: 'tcp'; readonly host: string; readonly port: number }
  /** A UDP port, from a port of its own; each datagram is a message (lib/datagrams). `localhost` is IPv4. */
  | { readonly kind: 'udp'; readonly host: string; readonly port: number }
  /** A Unix socket; `~/` is the home directory. */
  | { readonly kind: 'unix'; readonly path: string }
  /** The agent's SSH server. */
  | { readonly kind: 'ssh' }
  /** Measures the connection: the agent sends back all bytes, discards them, or sends zeros until the client closes. */
  | { readonly kind: 'measure'; readonly mode: MeasureMode }
export type DialKind = DialTarget['kind']

export const measureModes = ['echo', 'up', 'down'] as const
export type MeasureMode = (typeof measureModes)[number]

export const dialErrorCodes = [
  /** The agent is not connected, or its connection was lost. */
  'agent-disconnected',
  /** The agent is of a version that does not support the target. */
  'unsupported',
  /** Nothing listens at the target. */
  'refused',
  /** The target's host does not exist or cannot be reached. */
  'unreachable',
  /** The agent or the target did not answer in time. */
  'timeout',
  'failed',
] as const
export type DialErrorCode = (typeof dialErrorCodes)[number]

export interface RawRequest {
  readonly target: DialTarget
}

/** `message` is for users. */
export interface RawResponse {
  readonly error?: { readonly code: DialErrorCode; readonly message: string }
}

/** Query of `/pty`; not headers, because those cannot carry free text. `protocol` 1 is Coder's (JSON in, raw bytes out), 2 is specific to Coder Local. */
export interface PtyRequest {
  readonly id: string
  /** The client's size. The session uses it if no other client types, or if the client is Coder's, which cannot render
   *  another size; otherwise once this client types or claims the size. */
  readonly rows: number
  readonly cols: number
  /** Run by the login shell; empty for an interactive shell. */
  readonly command: string
  readonly protocol: 1 | 2
  /** A viewer: its input and its size are ignored. */
  readonly readOnly: boolean
  /** For a new session: a program instead of the user's shell, and variables added to the workspace's. */
  readonly shell: string
  readonly env: Readonly<Record<string, string>>
  /** Working directory of a new session, absolute; empty for the workspace's directory. */
  readonly folder: string
  /** Whether the shell marks its commands (agent/shell-integration). */
  readonly integration: boolean
  /** Whether to show a stored, exited session instead of starting a new one with its ID. A session is always shown if no
   *  client has received its exit yet. */
  readonly ended: boolean
  /** Whether the client renders images (sixel, iTerm2) laid out by `imageCell`; snapshots then include them. */
  readonly images: boolean
  /** The position up to which the client has output; only later output is sent if the agent still has it. */
  readonly resume: TerminalPosition | undefined
}

/** Size of a cell in pixels, as reported to programs that draw images and used to lay them out. The same for all clients
 *  of a session, regardless of their font. It has the aspect ratio of our cells; clients scale images to their own size. */
export const imageCell = { width: 8, height: 20 }

/** A position in a session's output. */
export interface TerminalPosition {
  /** Identifies one run of the session's process; offsets of different runs are not comparable. */
  readonly epoch: string
  /** bytes of output since the run started */
  readonly offset: number
}

/** An entry of `GET /terminals`: a session that the agent stores. */
export interface TerminalSession {
  readonly id: string
  readonly pid: number
  readonly command: string
  readonly title: string
  readonly created_at: string
  readonly clients: number
  readonly cols: number
  readonly rows: number
  /** `restored`: the process ended with its holder; attaching starts a new one below the previous screen. */
  readonly state: 'live' | 'restored'
  /** The shell's working directory if it reports one, otherwise the initial directory. */
  readonly cwd: string
  /** The current or last command, if the shell reports it; otherwise empty. */
  readonly last_command: string
  /** Whether that command is still running, if the shell reports it. */
  readonly is_busy: boolean
}

// Messages on a `/pty` stream are [length u32 big-endian][payload], because a stream, unlike a WebSocket, does not preserve
// message boundaries. coderd converts between the two. With protocol 1 the payload is in the format of Coder's clients.
// With protocol 2 the first byte is the frame type:
export const toAgent = {
  /** bytes for the pty */
  input: 0x00,
  /** cols u16, rows u16 */
  resize: 0x01,
  /** u32: bytes of output parsed by the terminal since the last acknowledgement */
  acknowledge: 0x02,
  /** opaque bytes, answered by pong with the same bytes */
  ping: 0x03,
} as const
export const toTerminal = {
  /** JSON AttachedFrame: always the first frame */
  attached: 0x10,
  /** bytes from the pty */
  output: 0x11,
  /** cols u16, rows u16, then the visible screen, serialized: reset the terminal and write it. It counts toward
   *  acknowledgement. */
  snapshot: 0x12,
  /** code i32, signal i32: the last frame; coderd closes with 1000 after it */
  exit: 0x13,
  pong: 0x14,
  /** cols u16, rows u16: another client changed the size */
  size: 0x15,
  /** offset f64: the offset of the next byte of output. Sent before the first output and after each snapshot. */
  position: 0x16,
  /** Lines above the preceding snapshot, oldest first, in chunks sent after the snapshot while there is no output.
   *  Clients ignore them if they do not support them; acknowledging them is optional and has no effect. */
  history: 0x17,
  /** No payload: the history is complete. To insert it above the snapshot: reset, write the history, write the snapshot
   *  again. Sent after each snapshot, even without history. */
  historyEnd: 0x18,
  /** No payload: the size owner left. A visible client responds with its own size. */
  sizeFree: 0x19,
} as const

// Command marks are part of the output, the history and the snapshots, as sequences of FinalTerm and VS Code
// (agent/shell-integration): OSC 133 ; A prompt, B input, C ; start_ms=<epoch ms> output, D ; <exit> ; end_ms=<epoch ms>
// finished; OSC 633 ; E ; <command line, with \\, ; and control characters as \xHH> between B and C; OSC 7 ; file://host/folder.
// A shell without a clock omits the times. A shell that does not know the command line omits E. A shell that knows only that
// the line repeats the last one, or that it started with a space and must not be recorded, sends the last one followed by
// `; r`: the first cell after B is blank in the second case. A command that replaces the shell, such as `exec zsh`, has a
// start but no exit status, because no shell remains to report one.
//
// Any output can contain such sequences: a log, a program, a nested shell. The session's own shell therefore ends E, C and
// D with `; nonce=<nonce>`, which it receives in its environment and removes from it immediately. Only marks with the nonce
// are recorded, reported and offered to run again; the others are only drawn.

export interface AttachedFrame {
  /** True if this attach started the process, false if the session already existed. */
  readonly created: boolean
  readonly pid: number
  readonly cols: number
  readonly rows: number
  readonly epoch: string
  /** True if only output after the requested position follows, without a snapshot. */
  readonly resumed: boolean
  /** Time (ISO 8601) of the previous screen if a new process starts below the screen of one that ended with its holder;
   *  otherwise null. */
  readonly restored_from: string | null
  readonly read_only: boolean
  /** The nonce of the marks of the session's own shell. */
  readonly nonce: string
}

/** Unacknowledged output above which a client receives no more; the pty pauses when all clients reach it. Enough to
 *  fill a slow link, little enough that Ctrl-C is not queued behind megabytes of output. */
export const highWaterBytes = 512 * 1024
/** A client acknowledges after parsing this much. */
export const acknowledgeEveryBytes = 64 * 1024
/** Maximum message length on both sides; a longer message ends the stream. */
export const maxMessageBytes = 4 * 1024 * 1024

/** HTTP/2 window per stream of the terminal connection: small, because Ctrl-C queues behind the data in it. */
const terminalWindowBytes = 256 * 1024
/** The same for the services connection, which carries files and ports: large enough for a fast link. */
const serviceWindowBytes = 2 * 1024 * 1024
/** Maximum HTTP/2 frame size on both sides, so that a frame of output is sent whole. */
const maxHttp2FrameBytes = 128 * 1024

/** HTTP/2 options of both sides of a connection. */
export const http2Options = (role: AgentRole) => ({
  settings: {
    initialWindowSize: role === 'terminals' ? terminalWindowBytes : serviceWindowBytes,
    maxFrameSize: maxHttp2FrameBytes,
    enablePush: false,
  },
  // In megabytes. The default of 10 would end the connection of an agent with forty terminals and slow clients.
  maxSessionMemory: 1_000,
})

/** coderd pings each connection this often … */
export const pingEveryMs = 5_000
/** … and closes it after this long without a response. */
export const pingTimeoutMs = 15_000
/** An agent that receives nothing from coderd for this long reconnects (coderd may be stopped, or the machine slept). */
export const silenceLimitMs = 30_000
/** Reconnect delays of an agent: first, factor, cap; with full jitter above the first. On the same machine a refused
 *  connection costs nothing and the user is waiting for the prompt, so the cap is lower. */
export const reconnect = { firstMs: 50, factor: 1.6, capMs: 5_000, sameMachineCapMs: 400 } as const

/** Scripts of `GET /api/local/agents/me/manifest`. */
export interface ManifestScript {
  readonly id: string
  readonly log_source_id: string
  readonly display_name: string
  readonly log_path: string
  readonly script: string
  readonly cron: string
  readonly run_on_start: boolean
  readonly run_on_stop: boolean
  readonly start_blocks_login: boolean
  /** seconds, 0 for none */
  readonly timeout_seconds: number
}

/** A value that the agent measures periodically. */
export interface ManifestMetadata {
  readonly key: string
  readonly script: string
  /** 0 for once. */
  readonly interval_seconds: number
  /** 0 for the interval. */
  readonly timeout_seconds: number
}

/** An app that the agent health-checks. */
export interface ManifestHealthcheck {
  readonly app_id: string
  readonly url: string
  readonly interval_seconds: number
  /** Number of consecutive failures after which the app is unhealthy. */
  readonly threshold: number
}

/** Response head of a workspace app to `POST /app-request?method=…&url=…`. */
export interface AppResponseHead {
  readonly status: number
  readonly body: string
}

/** How often an agent reports statistics, unless coderd requests another interval. */
export const statsEveryMs = 30_000

/** Maximum stored length of a metadata value or error. */
export const maxMetadataLength = 2_048

/** An entry of `GET /listening-ports`. */
export interface ListeningPort {
  readonly port: number
  readonly network: 'tcp'
  /** Empty if the agent cannot read the process name. */
  readonly process_name: string
}

export const lifecycleStates = [
  'created',
  'starting',
  'start_timeout',
  'start_error',
  'ready',
  'shutting_down',
  'shutdown_timeout',
  'shutdown_error',
  'off',
] as const
export type LifecycleState = (typeof lifecycleStates)[number]

/** Close codes of a terminal's WebSocket, besides 1000 (the process exited or the session was closed). */
export const terminalCloseCodes = {
  /** The agent is not connected and did not reconnect in time: try again later. */
  agentAway: 4001,
  /** The agent's connection was lost while the terminal was open: attach again; the session exists as long as the agent. */
  agentLost: 4002,
  /** The agent could not serve the terminal; the reason has the cause. Retrying immediately does not help. */
  refused: 4003,
} as const
