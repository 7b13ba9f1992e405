// Results of an agent's scripts. Cron scripts run for as long as the workspace does: only the newest runs are stored.

import type { Db } from '../database/connect.ts'
import type { NewRow } from '../database/schema.ts'

// Runs per script and stage.
const storedRuns = 100

interface Timing extends Omit<NewRow<'workspace_agent_script_timings'>, 'started_at' | 'ended_at'> {
  readonly started_at: string
  readonly ended_at: string
}

export async function storeScriptTiming(db: Db, timing: Timing): Promise<void> {
  const { script_id, stage, exit_code } = timing
  await db
    .insertInto('workspace_agent_script_timings')
    .values({
      ...timing,
      // Windows reports exit codes as unsigned numbers.
      exit_code: exit_code | 0,
      started_at: new Date(timing.started_at),
      ended_at: new Date(timing.ended_at),
    })
    .onConflict((conflict) => conflict.columns(['script_id', 'started_at']).doNothing())
    .execute()
  await db
    .deleteFrom('workspace_agent_script_timings')
    .where('script_id', '=', script_id)
    .where('stage', '=', stage)
    .where('started_at', '<=', (eb) =>
      eb
        .selectFrom('workspace_agent_script_timings')
        .select('started_at')
        .where('script_id', '=', script_id)
        .where('stage', '=', stage)
        .orderBy('started_at', 'desc')
        .offset(storedRuns)
        .limit(1),
    )
    .execute()
}
