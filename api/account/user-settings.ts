// What people keep about themselves: looks, preferences, quiet hours, the key pair for git, values they used before.

import { type Static, Type } from 'typebox'
import { maybe, NamedValue, oneOf, Timestamp, Uuid } from '../common.ts'
import { endpoint, user } from '../endpoint.ts'
import { LoginType } from '../user-fields.ts'
import { UserParams } from './users.ts'

export const TerminalFontName = oneOf(['', 'ibm-plex-mono', 'fira-code', 'source-code-pro', 'jetbrains-mono'])
export type TerminalFontName = Static<typeof TerminalFontName>

/** Empty values are the dashboard's own choice. */
export const UserAppearanceSettings = Type.Object({
  theme_preference: Type.String({ maxLength: 64 }),
  terminal_font: TerminalFontName,
})
export type UserAppearanceSettings = Static<typeof UserAppearanceSettings>

export const UserPreferenceSettings = Type.Object({ task_notification_alert_dismissed: Type.Boolean() })
export type UserPreferenceSettings = Static<typeof UserPreferenceSettings>

/** What is left out is not so, as Go clients write it. */
const UpdateUserPreferences = Type.Object({ task_notification_alert_dismissed: maybe(Type.Boolean()) })

export const UserQuietHours = Type.Object({
  raw_schedule: Type.String(),
  /** Whether the user has set a schedule; otherwise the deployment's is shown. */
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
  summary: 'Gives theme and terminal font',
  access: user('read_personal', 'user'),
  params: UserParams,
  responses: { 200: UserAppearanceSettings },
})

export const updateUserAppearance = endpoint({
  method: 'PUT',
  path: '/api/v2/users/:user/appearance',
  summary: 'Sets theme and terminal font',
  access: user('update_personal', 'user'),
  params: UserParams,
  body: UserAppearanceSettings,
  responses: { 200: UserAppearanceSettings },
})

export const getUserPreferences = endpoint({
  method: 'GET',
  path: '/api/v2/users/:user/preferences',
  summary: 'Gives what the dashboard remembers about a user',
  access: user('read_personal', 'user'),
  params: UserParams,
  responses: { 200: UserPreferenceSettings },
})

export const updateUserPreferences = endpoint({
  method: 'PUT',
  path: '/api/v2/users/:user/preferences',
  summary: 'Sets what the dashboard remembers about a user',
  access: user('update_personal', 'user'),
  params: UserParams,
  body: UpdateUserPreferences,
  responses: { 200: UserPreferenceSettings },
})

export const getUserLoginType = endpoint({
  method: 'GET',
  path: '/api/v2/users/:user/login-type',
  summary: 'Tells how the user signs in',
  access: user('read_personal', 'user'),
  params: UserParams,
  responses: { 200: Type.Object({ login_type: LoginType }) },
})

export const convertLogin = endpoint({
  method: 'POST',
  path: '/api/v2/users/:user/convert-login',
  limit: 'logins',
  summary: 'Would change how the user signs in to an outside provider; refused, as there is none',
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
  summary: 'Tells when a workspace of the user may be stopped for maintenance',
  access: user('read_personal', 'user'),
  params: UserParams,
  responses: { 200: UserQuietHours },
})

export const updateUserQuietHours = endpoint({
  method: 'PUT',
  path: '/api/v2/users/:user/quiet-hours',
  summary: 'Sets when a workspace of the user may be stopped: a daily time with its zone; empty for the default',
  access: user('update_personal', 'user'),
  params: UserParams,
  body: Type.Object({ schedule: Type.String({ maxLength: 128 }) }),
  responses: { 200: UserQuietHours },
})

export const getGitSshKey = endpoint({
  method: 'GET',
  path: '/api/v2/users/:user/gitsshkey',
  summary: 'Gives the public key with which workspaces of the user speak to git servers',
  access: user('read_personal', 'user'),
  params: UserParams,
  responses: { 200: GitSshKey },
})

export const regenerateGitSshKey = endpoint({
  method: 'PUT',
  path: '/api/v2/users/:user/gitsshkey',
  summary: 'Makes a new pair; the old one stops being used at once',
  access: user('update_personal', 'user'),
  params: UserParams,
  responses: { 200: GitSshKey },
})

export const getAutofillParameters = endpoint({
  method: 'GET',
  path: '/api/v2/users/:user/autofill-parameters',
  summary: 'Lists the values the user gave last for the parameters of a template',
  access: user('read_personal', 'user'),
  params: UserParams,
  query: Type.Object({ template_id: Uuid }),
  responses: { 200: Type.Array(NamedValue) },
})
