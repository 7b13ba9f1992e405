// Terminals: sessions of an agent, preferences and layouts of a user, retention of a workspace, and the command history.
// The terminal protocol is in agent-protocol.ts.

import { type Static, Type } from 'typebox'
import { UserParams } from '../account/users.ts'
import { nullable, oneOf, Timestamp, Uuid } from '../common.ts'
import { agent, endpoint, user } from '../endpoint.ts'
import { AgentParams } from './agents.ts'

const WorkspaceParams = Type.Object({ workspace: Uuid })

// ── Sessions ─────────────────────────────────────────────────────────────────────────────────────────────────────────

export const listTerminals = endpoint({
  method: 'GET',
  path: '/api/local/workspaceagents/:workspaceagent/terminals',
  summary: 'List the terminal sessions of an agent.',
  access: user('ssh', 'workspace'),
  params: AgentParams,
  responses: {
    200: Type.Object({
      terminals: Type.Array(
        Type.Object({
          id: Type.String(),
          pid: Type.Integer(),
          command: Type.String(),
          title: Type.String(),
          created_at: Type.String(),
          clients: Type.Integer(),
          cols: Type.Integer(),
          rows: Type.Integer(),
          state: oneOf(['live', 'restored']),
          cwd: Type.String(),
          last_command: Type.String(),
          is_busy: Type.Boolean(),
        }),
      ),
    }),
  },
})

export const closeTerminal = endpoint({
  method: 'DELETE',
  path: '/api/local/workspaceagents/:workspaceagent/terminals/:terminal',
  summary: 'End a terminal session and its processes, and delete its stored screen.',
  access: user('ssh', 'workspace'),
  params: Type.Object({ ...AgentParams.properties, terminal: Type.String({ minLength: 1, maxLength: 64 }) }),
  responses: { 204: Type.Null() },
})

// ── Preferences ──────────────────────────────────────────────────────────────────────────────────────────────────────

const Color = Type.String({ pattern: '^#[0-9a-fA-F]{6}([0-9a-fA-F]{2})?$' })
const Id = Type.String({ pattern: '^[0-9A-Za-z_.-]{1,64}$' })
const VariableName = Type.String({ pattern: '^[A-Za-z_][A-Za-z0-9_]{0,199}$' })
const ActionName = Type.String({ pattern: '^[0-9A-Za-z_.-]{1,64}$' })
const Label = Type.String({ minLength: 1, maxLength: 100 })
/** A CSS font family; empty for the next default. */
const Font = Type.String({ maxLength: 200 })
/** In CSS pixels. */
const FontSize = Type.Number({ minimum: 6, maximum: 48 })
/** ID of a built-in or imported theme; empty for the next default. */
const ThemeId = Type.String({ pattern: '^[0-9A-Za-z_.-]{0,64}$' })

/** An imported theme. `ansi` has the sixteen colors, black to white, then the bright ones. */
export const TerminalTheme = Type.Object({
  id: Id,
  name: Label,
  background: Color,
  foreground: Color,
  cursor: Color,
  cursor_accent: Color,
  selection_background: Color,
  ansi: Type.Array(Color, { minItems: 16, maxItems: 16 }),
})
export type TerminalTheme = Static<typeof TerminalTheme>

/** Settings of a new terminal. */
export const TerminalProfile = Type.Object({
  id: Id,
  name: Label,
  /** A path in the workspace, or a name looked up in its PATH; empty for the user's shell. */
  shell: Type.String({ maxLength: 1000 }),
  /** Added to the workspace's variables. */
  env: Type.Record(VariableName, Type.String({ maxLength: 8000 }), { additionalProperties: false }),
  font: Font,
  font_size: nullable(FontSize),
  theme: ThemeId,
})
export type TerminalProfile = Static<typeof TerminalProfile>

const preferences = {
  profiles: Type.Array(TerminalProfile, { maxItems: 50 }),
  /** ID of a profile; empty for none. */
  default_profile: ThemeId,
  font: Font,
  font_size: FontSize,
  line_height: Type.Number({ minimum: 0.8, maximum: 3 }),
  ligatures: Type.Boolean(),
  cursor: oneOf(['block', 'bar', 'underline']),
  cursor_blink: Type.Boolean(),
  theme: ThemeId,
  /** Used while the dashboard is light; empty for `theme`. */
  light_theme: ThemeId,
  /** Imported themes. */
  themes: Type.Array(TerminalTheme, { maxItems: 100 }),
  copy_on_select: Type.Boolean(),
  /** `copy_paste` copies the selection, or pastes if there is none. */
  right_click: oneOf(['menu', 'paste', 'copy_paste']),
  bell: oneOf(['none', 'visual', 'sound', 'both']),
  screen_reader: Type.Boolean(),
  /** Lines. */
  scrollback: Type.Integer({ minimum: 0, maximum: 100_000 }),
  confirm_multiline_paste: Type.Boolean(),
  /** Permission of programs to write the clipboard (OSC 52). */
  clipboard_writes: oneOf(['ask', 'always', 'never']),
  /** Notify about a command that ran at least this many seconds and finished in a hidden tab; 0 for never. */
  notify_after_seconds: Type.Integer({ minimum: 0, maximum: 86_400 }),
  /** `auto`: `window` in the desktop window, `browser` in a browser. */
  key_set: oneOf(['auto', 'window', 'browser']),
  /** Shortcuts by action name, such as `Ctrl+Shift+T`; empty for none. Only differences from the key set. */
  keys: Type.Record(ActionName, Type.String({ maxLength: 64 }), { additionalProperties: false }),
  /** Command, directory and exit status marks in new terminals. */
  shell_integration: Type.Boolean(),
  /** Days that commands are stored in the history; 0 disables recording. */
  history_days: Type.Integer({ minimum: 0, maximum: 3650 }),
}

export const TerminalPreferences = Type.Object(preferences)
export type TerminalPreferences = Static<typeof TerminalPreferences>

/** Used for users without preferences, and for fields added after theirs were stored. */
export const defaultTerminalPreferences: TerminalPreferences = {
  profiles: [],
  default_profile: '',
  font: '',
  font_size: 13,
  line_height: 1.2,
  ligatures: false,
  cursor: 'block',
  cursor_blink: true,
  theme: '',
  light_theme: '',
  themes: [],
  copy_on_select: false,
  right_click: 'menu',
  bell: 'visual',
  screen_reader: false,
  scrollback: 10_000,
  confirm_multiline_paste: true,
  clipboard_writes: 'ask',
  notify_after_seconds: 10,
  key_set: 'auto',
  keys: {},
  shell_integration: true,
  history_days: 90,
}

export const getTerminalPreferences = endpoint({
  method: 'GET',
  path: '/api/local/users/:user/terminal-preferences',
  summary: "Get the user's terminal preferences, with defaults for unset fields.",
  access: user('read_personal', 'user'),
  params: UserParams,
  responses: { 200: TerminalPreferences },
})

/** Omitted fields keep their value, so that two windows do not overwrite each other's changes. */
export const updateTerminalPreferences = endpoint({
  method: 'PUT',
  path: '/api/local/users/:user/terminal-preferences',
  summary: 'Update the given terminal preferences and return all of them.',
  access: user('update_personal', 'user'),
  params: UserParams,
  body: Type.Partial(TerminalPreferences),
  responses: { 200: TerminalPreferences },
})

// ── Layouts ──────────────────────────────────────────────────────────────────────────────────────────────────────────

/** A leaf: one session. Refers to the agent by name, because its ID changes with each build. */
export interface LayoutPane {
  readonly kind: 'pane'
  readonly workspace_id: string
  readonly agent_name: string
  readonly session_id: string
  /** ID of the profile it was started with; empty for none. */
  readonly profile: string
  /** Set by the user; empty for the session's title. */
  readonly title: string
}

export interface LayoutSplit {
  readonly kind: 'split'
  readonly direction: 'row' | 'column'
  /** Relative sizes of the children, in any unit. */
  readonly sizes: readonly number[]
  /** At least two. */
  readonly children: readonly LayoutNode[]
}

export type LayoutNode = LayoutPane | LayoutSplit

/** More than fits on a screen; deeper nesting is rejected. */
export const maxLayoutDepth = 16

// Validated by the server, because the schema language of the contract has no recursive types.
const LayoutTree = Type.Unsafe<LayoutNode>({ type: 'object', additionalProperties: true })

export const LayoutTab = Type.Object({
  id: Id,
  title: Type.String({ maxLength: 200 }),
  root: LayoutTree,
  /** `session_id` of the focused pane; empty for the first. */
  active_pane: Type.String({ maxLength: 64 }),
})
export type LayoutTab = Static<typeof LayoutTab>

/** A window or browser tab; the drawer has the ID `drawer`. */
export const LayoutWindow = Type.Object({
  id: Id,
  tabs: Type.Array(LayoutTab, { maxItems: 200 }),
  /** ID of a tab; empty for the first. */
  active_tab: Type.String({ maxLength: 64 }),
})
export type LayoutWindow = Static<typeof LayoutWindow>

const Windows = Type.Array(LayoutWindow, { maxItems: 50 })

export const NamedLayout = Type.Object({ id: Id, name: Label, windows: Windows })
export type NamedLayout = Static<typeof NamedLayout>

export const TerminalLayouts = Type.Object({
  /** Incremented by each change. */
  revision: Type.Integer({ minimum: 0, maximum: 2_147_483_647 }),
  /** The current or most recent layout. */
  last: Windows,
  named: Type.Array(NamedLayout, { maxItems: 100 }),
})
export type TerminalLayouts = Static<typeof TerminalLayouts>

export const getTerminalLayouts = endpoint({
  method: 'GET',
  path: '/api/local/users/:user/terminal-layouts',
  summary: "List the user's terminal layouts: the last one and the named ones.",
  access: user('read_personal', 'user'),
  params: UserParams,
  responses: { 200: TerminalLayouts },
})

export const updateTerminalLayouts = endpoint({
  method: 'PUT',
  path: '/api/local/users/:user/terminal-layouts',
  summary: 'Replace the terminal layouts. `revision` is the one that was read; returns 409 if it has changed since.',
  access: user('update_personal', 'user'),
  params: UserParams,
  body: TerminalLayouts,
  responses: { 200: TerminalLayouts },
})

// ── Retention ────────────────────────────────────────────────────────────────────────────────────────────────────────

/** Session data that a workspace stores on its disk, beyond the current screens. */
export const TerminalRetention = Type.Object({
  /** Lines of scrollback of each session; 0 stores nothing, not even command history, and deletes existing data. */
  kept_lines: Type.Integer({ minimum: 0, maximum: 1_000_000 }),
  /** Days after which an unused session is deleted. */
  kept_days: Type.Integer({ minimum: 1, maximum: 3650 }),
})
export type TerminalRetention = Static<typeof TerminalRetention>

export const getTerminalRetention = endpoint({
  method: 'GET',
  path: '/api/local/workspaces/:workspace/terminal-retention',
  summary: 'Get the terminal retention of a workspace.',
  access: user('read', 'workspace'),
  params: WorkspaceParams,
  responses: { 200: TerminalRetention },
})

export const updateTerminalRetention = endpoint({
  method: 'PUT',
  path: '/api/local/workspaces/:workspace/terminal-retention',
  summary: 'Set the terminal retention of a workspace. A running agent applies it immediately.',
  access: user('update', 'workspace'),
  params: WorkspaceParams,
  body: TerminalRetention,
  responses: { 200: TerminalRetention },
})

// ── Command history ──────────────────────────────────────────────────────────────────────────────────────────────────

/** Maximum stored length of a command line, in characters; the agent truncates longer ones. */
export const maxStoredCommandLength = 64 * 1024
/** Maximum number of commands in one report of an agent. */
export const maxReportedCommands = 200

/** A finished command, as reported by the shell. */
export const ReportedCommand = Type.Object({
  session_id: Type.String({ maxLength: 64 }),
  command: Type.String({ minLength: 1, maxLength: maxStoredCommandLength }),
  cwd: Type.String({ maxLength: 4096 }),
  /** Null if the command replaced the shell, so that no exit status was reported. */
  exit_code: nullable(Type.Integer({ minimum: -(2 ** 31), maximum: 2 ** 31 - 1 })),
  started_at: Timestamp,
  duration_ms: Type.Integer({ minimum: 0 }),
})
export type ReportedCommand = Static<typeof ReportedCommand>

export const reportCommands = endpoint({
  method: 'POST',
  path: '/api/local/agents/me/commands',
  summary: 'Report commands that finished in the terminals of an agent. Duplicates are ignored.',
  access: agent,
  body: Type.Object({ commands: Type.Array(ReportedCommand, { maxItems: maxReportedCommands }) }),
  responses: { 204: Type.Null() },
})

export const StoredCommand = Type.Object({
  id: Uuid,
  workspace_id: Uuid,
  /** The workspace may be deleted. */
  workspace_name: Type.String(),
  agent_name: Type.String(),
  session_id: Type.String(),
  command: Type.String(),
  cwd: Type.String(),
  exit_code: nullable(Type.Integer()),
  started_at: Timestamp,
  duration_ms: Type.Integer(),
})
export type StoredCommand = Static<typeof StoredCommand>

export const searchCommands = endpoint({
  method: 'GET',
  path: '/api/local/commands',
  summary: "List the commands that ran in the terminals of the user's workspaces, newest first.",
  access: user('read_personal', 'user'),
  query: Type.Object({
    /** Words contained in the command line or its directory, in any order and case. */
    q: Type.Optional(Type.String({ maxLength: 1000 })),
    workspace: Type.Optional(Uuid),
    limit: Type.Integer({ minimum: 1, maximum: 1000, default: 100 }),
    /** `next` of the previous page. */
    before: Type.Optional(Type.String({ maxLength: 64 })),
  }),
  responses: {
    200: Type.Object({
      commands: Type.Array(StoredCommand),
      /** Cursor of the next page; null on the last page. */
      next: nullable(Type.String()),
    }),
  },
})

export const deleteCommands = endpoint({
  method: 'DELETE',
  path: '/api/local/commands',
  summary: "Delete commands from the user's history: one by ID, those of a workspace, or all.",
  access: user('update_personal', 'user'),
  query: Type.Object({ id: Type.Optional(Uuid), workspace: Type.Optional(Uuid) }),
  responses: { 200: Type.Object({ deleted: Type.Integer() }) },
})
