// What agent and coderd say to each other, and the frames of a terminal. The agent dials out, coderd answers the
// upgrade, and from then on the agent is the HTTP/2 server on that socket: coderd opens one stream per thing it
// wants (a target). Knows no sockets; coderd copies terminal frames and decodes none.

/** Paths of the two requests that the holder of the terminals makes; it stays small by not loading the contract. */
export const agentConnectPath = '/api/local/agents/me/connect'
export const agentManifestPath = '/api/local/agents/me/manifest'

/** Value of the `Upgrade` header of the connect request. */
export const agentUpgradeProtocol = 'coder-local-agent'

/** Two connections per agent: the holder of the terminals, alone on a keystroke's road and outliving everything else,
 *  and the services (scripts, later SSH, ports, files), which the holder starts and restarts. */
export type AgentRole = 'terminals' | 'services'

/** Query of the connect request. Proves which process speaks, so that coderd can say later what died. */
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

/** Streams coderd may open, and which connection serves them. A new service is a new line here. */
export const agentTargets = {
  '/pty': 'terminals',
  '/terminals': 'terminals',
  // Query `id`: hangs up on that session and forgets it. Answers `{"closed": boolean}`, false when there is none.
  '/terminals/close': 'terminals',
  // Says that the manifest has changed: the agent reads it again. Answered at once, without content.
  '/manifest-changed': 'terminals',
  '/listening-ports': 'services',
  '/app-request': 'services',
} as const satisfies Record<string, AgentRole>
export type AgentTarget = keyof typeof agentTargets

/** Query of `/pty`, as headers cannot carry free text. `protocol` 1 is Coder's (JSON in, raw bytes out), 2 is ours. */
export interface PtyRequest {
  readonly id: string
  /** What the client has room for. The session's size where nobody else types in it, or the client is Coder's, which shows
   *  no other; else once this one types or says so. */
  readonly rows: number
  readonly cols: number
  /** Run instead of the login shell, by that shell; empty for the shell itself. */
  readonly command: string
  readonly protocol: 1 | 2
  /** Only looks: its input and its size are passed over. */
  readonly readOnly: boolean
  /** Of a session that is started: a program instead of the person's own shell, and variables on top of the workspace's. */
  readonly shell: string
  readonly env: Readonly<Record<string, string>>
  /** Where it begins, absolute; empty for the workspace's own folder. */
  readonly folder: string
  /** Whether that shell is taught to mark its commands (agent/shell-integration). */
  readonly integration: boolean
  /** Whether a session that has ended is shown, as long as the agent remembers it, instead of starting another of its id.
   *  One whose end nobody has seen yet is shown in any case. */
  readonly ended: boolean
  /** Whether the client shows pictures (sixel, iTerm2's), laid out by `imageCell`: then the screen comes with those on it. */
  readonly images: boolean
  /** What the client has drawn already: output from there on is enough if the agent still has it. */
  readonly resume: TerminalPosition | undefined
}

/** Pixels of a cell, as programs that draw pictures are told and as pictures are laid out: the same for all who look at a
 *  session, whatever their letters are like. It has the form that cells have in our pages; they scale it to theirs. */
export const imageCell = { width: 8, height: 20 }

/** A place in a session's output. */
export interface TerminalPosition {
  /** Names one life of the session's process: offsets of another life mean nothing. */
  readonly epoch: string
  /** bytes of output since that life began */
  readonly offset: number
}

/** An entry of `GET /terminals`: what this agent still holds. */
export interface TerminalSession {
  readonly id: string
  readonly pid: number
  readonly command: string
  readonly title: string
  readonly created_at: string
  readonly clients: number
  readonly cols: number
  readonly rows: number
  /** `restored`: its process ended with its holder; attaching starts a new one below what was on its screen. */
  readonly state: 'live' | 'restored'
  /** The shell's folder, as far as it tells; else where it was started. */
  readonly cwd: string
  /** The command that runs, or ran last, as far as the shell tells; empty if it does not. */
  readonly last_command: string
  /** Whether that command still runs, as far as the shell tells. */
  readonly is_busy: boolean
}

// Messages on a `/pty` stream are [length u32 big-endian][payload]: the stream has no edges of its own, a WebSocket
// message has. coderd turns one into the other. With protocol 1 a payload is what Coder's clients send and expect.
// With protocol 2 the first byte says what follows:
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
  /** cols u16, rows u16, then the visible screen, serialized: reset the terminal and write it. It counts towards
   *  acknowledgement. */
  snapshot: 0x12,
  /** code i32, signal i32: the last frame; coderd closes with 1000 after it */
  exit: 0x13,
  pong: 0x14,
  /** cols u16, rows u16: another client changed the size */
  size: 0x15,
  /** offset f64: the next byte of output has this offset. Comes before the first output, and after each snapshot. */
  position: 0x16,
  /** Lines that were above the snapshot before it, oldest first, in pieces that follow the snapshot while no output
   *  comes. A client that does not know them passes them over; they may be acknowledged or not, which changes nothing. */
  history: 0x17,
  /** No payload: the history is complete. Put it above the snapshot: reset, all of the history, the snapshot once more.
   *  Comes after each snapshot, also when there is no history. */
  historyEnd: 0x18,
  /** No payload: whose size ruled has left. Whoever is looked at says its own. */
  sizeFree: 0x19,
} as const

// Marks of commands travel in the output, in its history and in snapshots alike, as FinalTerm's and VS Code's sequences
// (agent/shell-integration): OSC 133 ; A prompt, B input, C ; start_ms=<epoch ms> output, D ; <exit> ; end_ms=<epoch ms>
// ended; OSC 633 ; E ; <command line, with \\, ; and control characters as \xHH> between B and C; OSC 7 ; file://host/folder.
// A shell without a clock leaves the times out. One that does not know the line says nothing of it; one that knows only that
// it is the last one again, or one that began with a blank and is to be forgotten, says the last one with `; r` after it:
// whether the first cell after B is blank tells which. What takes the shell's own place, as `exec zsh` does, ends as it begins,
// without an exit: nobody is left to tell of it.
//
// Any output may have such sequences in it: a log, a program, another shell inside this one. What a terminal's own shell
// says ends E, C and D in `; nonce=<nonce>`, which it was told in its environment and takes out of it at once. Only those
// are kept in the history, told of and run again; the others are drawn.

export interface AttachedFrame {
  /** True when this attach started the process, false when the session was found again. */
  readonly created: boolean
  readonly pid: number
  readonly cols: number
  readonly rows: number
  readonly epoch: string
  /** True when what follows is output from the asked position on, and no snapshot. */
  readonly resumed: boolean
  /** Set when the process is new and its screen begins with that of an earlier one which ended with its holder: the time,
   *  ISO 8601, of what is shown. */
  readonly restored_from: string | null
  readonly read_only: boolean
  /** What the marks of the session's own shell carry. */
  readonly nonce: string
}

/** Unacknowledged output above which a client gets no more, and the pty pauses once every client is there: enough to
 *  keep a screen fed over a slow link, little enough that Ctrl-C is not queued behind megabytes. */
export const highWaterBytes = 512 * 1024
/** A client acknowledges after parsing this much. */
export const acknowledgeEveryBytes = 64 * 1024
/** Longest message either side accepts; a longer one ends the stream. */
export const maxMessageBytes = 4 * 1024 * 1024

/** HTTP/2 window per stream of the terminals' connection: small, since whatever is in it is in front of Ctrl-C. */
const terminalWindowBytes = 256 * 1024
/** Of the services' connection, whose streams carry files and ports: large enough for a fast link. */
const serviceWindowBytes = 2 * 1024 * 1024
/** Largest HTTP/2 frame either side takes: a frame of output travels whole. */
const maxHttp2FrameBytes = 128 * 1024

/** HTTP/2 options of both sides of a connection. */
export const http2Options = (role: AgentRole) => ({
  settings: {
    initialWindowSize: role === 'terminals' ? terminalWindowBytes : serviceWindowBytes,
    maxFrameSize: maxHttp2FrameBytes,
    enablePush: false,
  },
  // In megabytes. The usual 10 would end the connection of an agent with forty terminals whose clients are slow.
  maxSessionMemory: 1_000,
})

/** coderd pings each connection this often … */
export const pingEveryMs = 5_000
/** … and gives it up after this long without an answer. */
export const pingTimeoutMs = 15_000
/** An agent that hears nothing from coderd for this long dials again (coderd may be stopped, the machine may have slept). */
export const silenceLimitMs = 30_000
/** Reconnect delays of an agent: first, factor, cap; with full jitter above the first. On the same machine a refused
 *  connection costs nothing, and its person waits for the prompt to come back. */
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

/** A value that the agent measures again and again. */
export interface ManifestMetadata {
  readonly key: string
  readonly script: string
  /** 0 for once. */
  readonly interval_seconds: number
  /** 0 for the interval. */
  readonly timeout_seconds: number
}

/** An app whose health the agent looks at. */
export interface ManifestHealthcheck {
  readonly app_id: string
  readonly url: string
  readonly interval_seconds: number
  /** How many checks in a row may fail. */
  readonly threshold: number
}

/** Answer of `POST /app-request?method=…&url=…`, whose stream carries the body: what an app of the workspace said. */
export interface AppAnswer {
  readonly status: number
  readonly body: string
}

/** How often an agent tells what it counted, unless coderd asks for another interval. */
export const statsEveryMs = 30_000

/** Longest value or error of a metadata item that is kept. */
export const maxMetadataLength = 2_048

/** An entry of `GET /listening-ports`. */
export interface ListeningPort {
  readonly port: number
  readonly network: 'tcp'
  /** Empty where the agent may not see whose it is. */
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

/** Why coderd closed a terminal's WebSocket, beside 1000: its process ended, or the last client's session was closed. */
export const terminalCloseCodes = {
  /** The agent is not connected and did not come back in time: try again later. */
  agentAway: 4001,
  /** The agent's connection broke while the terminal was open: attach again, the session lives on if the agent does. */
  agentLost: 4002,
  /** The agent could not serve the terminal; the reason says why. Trying again at once is of no use. */
  refused: 4003,
} as const
