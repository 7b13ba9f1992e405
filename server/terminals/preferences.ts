// How a person wants terminals, read from the database and completed with the defaults. Who may ask is the routes'.

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

/** Changes the given fields and leaves the others. */
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
        // One statement, so that of two windows that change different fields at once both are heard.
        preferences: eb('terminal_preferences.preferences', '||', eb.ref('excluded.preferences')),
        updated_at: new Date(),
      })),
    )
    .returning('preferences')
    .executeTakeFirstOrThrow()
  return { ...defaultTerminalPreferences, ...row.preferences }
}

/** What a new session starts with, as the agent is told. */
export interface SessionStart {
  readonly shell: string
  readonly env: Readonly<Record<string, string>>
  readonly integration: boolean
}

/** The person's own shell as it is. */
export const plainStart: SessionStart = { shell: '', env: {}, integration: false }

/** @param profile an id; undefined for the person's default, empty for none. One that is gone is none: whoever comes back
 *  to a terminal whose profile was deleted wants the terminal. */
export function sessionStart(preferences: TerminalPreferences, profile: string | undefined): SessionStart {
  const found = preferences.profiles.find(({ id }) => id === (profile ?? preferences.default_profile))
  const { shell, env }: Pick<TerminalProfile, 'shell' | 'env'> = found ?? { shell: '', env: {} }
  return { shell, env, integration: preferences.shell_integration }
}
