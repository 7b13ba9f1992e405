// Terminals beyond their bytes: which sessions an agent holds, how a person wants terminals and had them arranged, what
// a workspace keeps of them, and the history of commands. What travels in a terminal is in agent-protocol.ts.

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
  summary: 'The terminal sessions an agent holds.',
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
  summary: 'Hangs up on a session and whatever runs in it, and forgets its screen.',
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
/** A CSS font family; empty for the choice that is next in line. */
const Font = Type.String({ maxLength: 200 })
/** In CSS pixels. */
const FontSize = Type.Number({ minimum: 6, maximum: 48 })
/** Id of a theme that comes with the program or was imported; empty for the choice that is next in line. */
const ThemeId = Type.String({ pattern: '^[0-9A-Za-z_.-]{0,64}$' })

/** An imported theme. `ansi` are the sixteen colours, black to white and then the bright ones. */
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

/** What a new terminal starts with. */
export const TerminalProfile = Type.Object({
  id: Id,
  name: Label,
  /** A path in the workspace, or a name that is looked up there; empty for the person's own shell. */
  shell: Type.String({ maxLength: 1000 }),
  /** On top of the workspace's variables. */
  env: Type.Record(VariableName, Type.String({ maxLength: 8000 }), { additionalProperties: false }),
  font: Font,
  font_size: nullable(FontSize),
  theme: ThemeId,
})
export type TerminalProfile = Static<typeof TerminalProfile>

const preferences = {
  profiles: Type.Array(TerminalProfile, { maxItems: 50 }),
  /** Id of a profile; empty for none. */
  default_profile: ThemeId,
  font: Font,
  font_size: FontSize,
  line_height: Type.Number({ minimum: 0.8, maximum: 3 }),
  ligatures: Type.Boolean(),
  cursor: oneOf(['block', 'bar', 'underline']),
  cursor_blink: Type.Boolean(),
  theme: ThemeId,
  /** While the dashboard is light; empty for `theme` as well. */
  light_theme: ThemeId,
  /** Imported ones. */
  themes: Type.Array(TerminalTheme, { maxItems: 100 }),
  copy_on_select: Type.Boolean(),
  /** `copy_paste`: copies what is selected, pastes when nothing is. */
  right_click: oneOf(['menu', 'paste', 'copy_paste']),
  bell: oneOf(['none', 'visual', 'sound', 'both']),
  screen_reader: Type.Boolean(),
  /** lines in the page */
  scrollback: Type.Integer({ minimum: 0, maximum: 100_000 }),
  confirm_multiline_paste: Type.Boolean(),
  /** Whether programs may write the clipboard (OSC 52). */
  clipboard_writes: oneOf(['ask', 'always', 'never']),
  /** A command that ran at least this many seconds and ends in an unseen tab is told; 0 for never. */
  notify_after_seconds: Type.Integer({ minimum: 0, maximum: 86_400 }),
  /** `auto`: that of the window in the window, that of browsers in a browser. */
  key_set: oneOf(['auto', 'window', 'browser']),
  /** Keys by the name of the action, as `Ctrl+Shift+T`; empty for none. Only what differs from the set. */
  keys: Type.Record(ActionName, Type.String({ maxLength: 64 }), { additionalProperties: false }),
  /** Marks of commands, folder and exit status in new terminals. */
  shell_integration: Type.Boolean(),
  /** How many days commands are kept in the history; 0 records none. */
  history_days: Type.Integer({ minimum: 0, maximum: 3650 }),
}

export const TerminalPreferences = Type.Object(preferences)
export type TerminalPreferences = Static<typeof TerminalPreferences>

/** Of whoever has set nothing, and of fields that were not there yet when somebody did. */
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
  summary: 'How a person wants terminals, with the defaults for what was never set.',
  access: user('read_personal', 'user'),
  params: UserParams,
  responses: { 200: TerminalPreferences },
})

/** A field that is left out stays, so that two windows don't undo each other's changes. */
export const updateTerminalPreferences = endpoint({
  method: 'PUT',
  path: '/api/local/users/:user/terminal-preferences',
  summary: 'Changes the given ones of how a person wants terminals, and answers all of them.',
  access: user('update_personal', 'user'),
  params: UserParams,
  body: Type.Partial(TerminalPreferences),
  responses: { 200: TerminalPreferences },
})

// ── Layouts ──────────────────────────────────────────────────────────────────────────────────────────────────────────

/** A leaf: one session. The agent goes by its name, as its id changes with each build. */
export interface LayoutPane {
  readonly kind: 'pane'
  readonly workspace_id: string
  readonly agent_name: string
  readonly session_id: string
  /** Id of the profile that it was started with; empty for none. */
  readonly profile: string
  /** Given by the person; empty for the session's own. */
  readonly title: string
}

export interface LayoutSplit {
  readonly kind: 'split'
  readonly direction: 'row' | 'column'
  /** Shares of the room, one for each child, in any unit. */
  readonly sizes: readonly number[]
  /** Two or more. */
  readonly children: readonly LayoutNode[]
}

export type LayoutNode = LayoutPane | LayoutSplit

/** More than a screen has room for; splits in splits beyond it are refused. */
export const maxLayoutDepth = 16

// Validated by the server itself, since the schema language of the contract has no trees.
const LayoutTree = Type.Unsafe<LayoutNode>({ type: 'object', additionalProperties: true })

export const LayoutTab = Type.Object({
  id: Id,
  title: Type.String({ maxLength: 200 }),
  root: LayoutTree,
  /** `session_id` of the pane with the focus; empty for the first. */
  active_pane: Type.String({ maxLength: 64 }),
})
export type LayoutTab = Static<typeof LayoutTab>

/** A window or browser tab; the drawer is one whose id is `drawer`. */
export const LayoutWindow = Type.Object({
  id: Id,
  tabs: Type.Array(LayoutTab, { maxItems: 200 }),
  /** Id of a tab; empty for the first. */
  active_tab: Type.String({ maxLength: 64 }),
})
export type LayoutWindow = Static<typeof LayoutWindow>

const Windows = Type.Array(LayoutWindow, { maxItems: 50 })

export const NamedLayout = Type.Object({ id: Id, name: Label, windows: Windows })
export type NamedLayout = Static<typeof NamedLayout>

export const TerminalLayouts = Type.Object({
  /** Counts the changes. */
  revision: Type.Integer({ minimum: 0, maximum: 2_147_483_647 }),
  /** What is open, or was last. */
  last: Windows,
  named: Type.Array(NamedLayout, { maxItems: 100 }),
})
export type TerminalLayouts = Static<typeof TerminalLayouts>

export const getTerminalLayouts = endpoint({
  method: 'GET',
  path: '/api/local/users/:user/terminal-layouts',
  summary: 'How a person has terminals arranged: the last arrangement and the named ones.',
  access: user('read_personal', 'user'),
  params: UserParams,
  responses: { 200: TerminalLayouts },
})

export const updateTerminalLayouts = endpoint({
  method: 'PUT',
  path: '/api/local/users/:user/terminal-layouts',
  summary:
    'Replaces the arrangements. `revision` is the one that was read: 409 when another window was faster, to read again.',
  access: user('update_personal', 'user'),
  params: UserParams,
  body: TerminalLayouts,
  responses: { 200: TerminalLayouts },
})

// ── What a workspace keeps ───────────────────────────────────────────────────────────────────────────────────────────

/** Of the sessions of a workspace, on its own disk, beyond what is on their screens. */
export const TerminalRetention = Type.Object({
  /** Lines of scrollback of each session; 0 keeps nothing at all, no commands in the history either, and takes away what
   *  is there. */
  kept_lines: Type.Integer({ minimum: 0, maximum: 1_000_000 }),
  /** Days after which a session that nobody came back to is forgotten. */
  kept_days: Type.Integer({ minimum: 1, maximum: 3650 }),
})
export type TerminalRetention = Static<typeof TerminalRetention>

export const getTerminalRetention = endpoint({
  method: 'GET',
  path: '/api/local/workspaces/:workspace/terminal-retention',
  summary: 'What a workspace keeps of its terminals.',
  access: user('read', 'workspace'),
  params: WorkspaceParams,
  responses: { 200: TerminalRetention },
})

export const updateTerminalRetention = endpoint({
  method: 'PUT',
  path: '/api/local/workspaces/:workspace/terminal-retention',
  summary: 'Sets what a workspace keeps of its terminals; a running agent is told at once.',
  access: user('update', 'workspace'),
  params: WorkspaceParams,
  body: TerminalRetention,
  responses: { 200: TerminalRetention },
})

// ── History of commands ──────────────────────────────────────────────────────────────────────────────────────────────

/** Longest command line that is kept, in characters; the agent cuts a longer one off. */
export const maxKeptCommandLength = 64 * 1024
/** Most commands in one report of an agent. */
export const maxReportedCommands = 200

/** A command that has ended, as the shell told it. */
export const ReportedCommand = Type.Object({
  session_id: Type.String({ maxLength: 64 }),
  command: Type.String({ minLength: 1, maxLength: maxKeptCommandLength }),
  cwd: Type.String({ maxLength: 4096 }),
  /** Null where the shell did not say: it ended with the command. */
  exit_code: nullable(Type.Integer({ minimum: -(2 ** 31), maximum: 2 ** 31 - 1 })),
  started_at: Timestamp,
  duration_ms: Type.Integer({ minimum: 0 }),
})
export type ReportedCommand = Static<typeof ReportedCommand>

export const reportCommands = endpoint({
  method: 'POST',
  path: '/api/local/agents/me/commands',
  summary: 'Commands that ended in the terminals of an agent. What was reported before is passed over.',
  access: agent,
  body: Type.Object({ commands: Type.Array(ReportedCommand, { maxItems: maxReportedCommands }) }),
  responses: { 204: Type.Null() },
})

export const KeptCommand = Type.Object({
  id: Uuid,
  workspace_id: Uuid,
  /** Also of a workspace that is deleted. */
  workspace_name: Type.String(),
  agent_name: Type.String(),
  session_id: Type.String(),
  command: Type.String(),
  cwd: Type.String(),
  exit_code: nullable(Type.Integer()),
  started_at: Timestamp,
  duration_ms: Type.Integer(),
})
export type KeptCommand = Static<typeof KeptCommand>

export const searchCommands = endpoint({
  method: 'GET',
  path: '/api/local/commands',
  summary: "Commands that ran in the terminals of one's own workspaces, newest first.",
  access: user('read_personal', 'user'),
  query: Type.Object({
    /** Words that the command line or its folder holds, in any order and case. */
    q: Type.Optional(Type.String({ maxLength: 1000 })),
    workspace: Type.Optional(Uuid),
    limit: Type.Integer({ minimum: 1, maximum: 1000, default: 100 }),
    /** `next` of the page before. */
    before: Type.Optional(Type.String({ maxLength: 64 })),
  }),
  responses: {
    200: Type.Object({
      commands: Type.Array(KeptCommand),
      /** Where the next page begins; null when there is none. */
      next: nullable(Type.String()),
    }),
  },
})

export const forgetCommands = endpoint({
  method: 'DELETE',
  path: '/api/local/commands',
  summary: "Takes commands out of one's history: one by its id, those of a workspace, or all.",
  access: user('update_personal', 'user'),
  query: Type.Object({ id: Type.Optional(Uuid), workspace: Type.Optional(Uuid) }),
  responses: { 200: Type.Object({ deleted: Type.Integer() }) },
})
