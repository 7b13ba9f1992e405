// Terminal preferences of users, completed with defaults. Routes check permissions.

import {
  defaultTerminalPreferences,
  type TerminalPreferences,
  type TerminalProfile,
} from '../../api/agents/terminals.ts'
import type { Db } from '../database/connect.ts'

export async function readPreferences(db: Db, userId: string): Promise<TerminalPreferences> {
  const row = await db
    .selectFrom('terminal_preferences')
    .select('preferences')
    .where('user_id', '=', userId)
    .executeTakeFirst()
  return { ...defaultTerminalPreferences, ...row?.preferences }
}

/** Updates the given fields only. */
export async function changePreferences(
  db: Db,
  userId: string,
  change: Partial<TerminalPreferences>,
): Promise<TerminalPreferences> {
  const preferences = JSON.stringify(change)
  const row = await db
    .insertInto('terminal_preferences')
    .values({ user_id: userId, preferences })
    .onConflict((conflict) =>
      conflict.column('user_id').doUpdateSet((eb) => ({
        // One statement, so that concurrent updates of different fields do not overwrite each other.
        preferences: eb('terminal_preferences.preferences', '||', eb.ref('excluded.preferences')),
        updated_at: new Date(),
      })),
    )
    .returning('preferences')
    .executeTakeFirstOrThrow()
  return { ...defaultTerminalPreferences, ...row.preferences }
}

/** Start options of a new session, as sent to the agent. */
export interface SessionStart {
  readonly shell: string
  readonly env: Readonly<Record<string, string>>
  readonly integration: boolean
}

/** The user's shell without changes. */
export const plainStart: SessionStart = { shell: '', env: {}, integration: false }

/** @param profile ID; undefined for the user's default, empty for none. A deleted profile counts as none, so that
 *  its terminals can be restored. */
export function sessionStart(preferences: TerminalPreferences, profile: string | undefined): SessionStart {
  const found = preferences.profiles.find(({ id }) => id === (profile ?? preferences.default_profile))
  const { shell, env }: Pick<TerminalProfile, 'shell' | 'env'> = found ?? { shell: '', env: {} }
  return { shell, env, integration: preferences.shell_integration }
}
