// Personal settings: appearance, preferences, quiet hours, the Git SSH key pair, recent parameter values.

import { type Static, Type } from 'typebox'
import { maybe, NamedValue, oneOf, Timestamp, Uuid } from '../common.ts'
import { endpoint, user } from '../endpoint.ts'
import { LoginType } from '../user-fields.ts'
import { UserParams } from './users.ts'

export const TerminalFontName = oneOf(['', 'ibm-plex-mono', 'fira-code', 'source-code-pro', 'jetbrains-mono'])
export type TerminalFontName = Static<typeof TerminalFontName>

/** An empty value selects the dashboard's default. */
export const UserAppearanceSettings = Type.Object({
  theme_preference: Type.String({ maxLength: 64 }),
  terminal_font: TerminalFontName,
})
export type UserAppearanceSettings = Static<typeof UserAppearanceSettings>

export const UserPreferenceSettings = Type.Object({ task_notification_alert_dismissed: Type.Boolean() })
export type UserPreferenceSettings = Static<typeof UserPreferenceSettings>

/** False when omitted: Go clients omit zero values. */
const UpdateUserPreferences = Type.Object({ task_notification_alert_dismissed: maybe(Type.Boolean()) })

export const UserQuietHours = Type.Object({
  raw_schedule: Type.String(),
  /** Whether the user has set a schedule; otherwise this is the deployment's. */
  user_set: Type.Boolean(),
  user_can_set: Type.Boolean(),
  /** hh:mm */
  time: Type.String(),
  timezone: Type.String(),
  next: Timestamp,
})
export type UserQuietHours = Static<typeof UserQuietHours>

export const GitSshKey = Type.Object({
  user_id: Uuid,
  created_at: Timestamp,
  updated_at: Timestamp,
  public_key: Type.String(),
})
export type GitSshKey = Static<typeof GitSshKey>

export const getUserAppearance = endpoint({
  method: 'GET',
  path: '/api/v2/users/:user/appearance',
  summary: 'Get theme and terminal font.',
  access: user('read_personal', 'user'),
  params: UserParams,
  responses: { 200: UserAppearanceSettings },
})

export const updateUserAppearance = endpoint({
  method: 'PUT',
  path: '/api/v2/users/:user/appearance',
  summary: 'Set theme and terminal font.',
  access: user('update_personal', 'user'),
  params: UserParams,
  body: UserAppearanceSettings,
  responses: { 200: UserAppearanceSettings },
})

export const getUserPreferences = endpoint({
  method: 'GET',
  path: '/api/v2/users/:user/preferences',
  summary: "Get a user's dashboard preferences.",
  access: user('read_personal', 'user'),
  params: UserParams,
  responses: { 200: UserPreferenceSettings },
})

export const updateUserPreferences = endpoint({
  method: 'PUT',
  path: '/api/v2/users/:user/preferences',
  summary: "Set a user's dashboard preferences.",
  access: user('update_personal', 'user'),
  params: UserParams,
  body: UpdateUserPreferences,
  responses: { 200: UserPreferenceSettings },
})

export const getUserLoginType = endpoint({
  method: 'GET',
  path: '/api/v2/users/:user/login-type',
  summary: "Get a user's login type.",
  access: user('read_personal', 'user'),
  params: UserParams,
  responses: { 200: Type.Object({ login_type: LoginType }) },
})

export const convertLogin = endpoint({
  method: 'POST',
  path: '/api/v2/users/:user/convert-login',
  limit: 'logins',
  summary: "Convert a user's login type. Always rejected: no other sign-in method is configured.",
  access: user('update_personal', 'user'),
  params: UserParams,
  body: Type.Object({ password: Type.String(), to_type: LoginType }),
  responses: {
    201: Type.Object({ state_string: Type.String(), expires_at: Timestamp, to_type: LoginType, user_id: Uuid }),
  },
})

export const getUserQuietHours = endpoint({
  method: 'GET',
  path: '/api/v2/users/:user/quiet-hours',
  summary: "Get a user's quiet hours, during which workspaces may be stopped for maintenance.",
  access: user('read_personal', 'user'),
  params: UserParams,
  responses: { 200: UserQuietHours },
})

export const updateUserQuietHours = endpoint({
  method: 'PUT',
  path: '/api/v2/users/:user/quiet-hours',
  summary: "Set a user's quiet hours: a daily time with a time zone, or empty for the default.",
  access: user('update_personal', 'user'),
  params: UserParams,
  body: Type.Object({ schedule: Type.String({ maxLength: 128 }) }),
  responses: { 200: UserQuietHours },
})

export const getGitSshKey = endpoint({
  method: 'GET',
  path: '/api/v2/users/:user/gitsshkey',
  summary: "Get the public SSH key that a user's workspaces present to Git servers.",
  access: user('read_personal', 'user'),
  params: UserParams,
  responses: { 200: GitSshKey },
})

export const regenerateGitSshKey = endpoint({
  method: 'PUT',
  path: '/api/v2/users/:user/gitsshkey',
  summary: 'Replace the Git SSH key pair. The old key is no longer used.',
  access: user('update_personal', 'user'),
  params: UserParams,
  responses: { 200: GitSshKey },
})

export const getAutofillParameters = endpoint({
  method: 'GET',
  path: '/api/v2/users/:user/autofill-parameters',
  summary: 'List the values that a user last chose for the parameters of a template.',
  access: user('read_personal', 'user'),
  params: UserParams,
  query: Type.Object({ template_id: Uuid }),
  responses: { 200: Type.Array(NamedValue) },
})
