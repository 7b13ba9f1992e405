// Simulates a reboot of the machine: changes the boot ID that a deployment has recorded for its agents.

import { join } from 'node:path'
import pg from 'pg'
import { readPidFile } from '../../server/database/postgres/pid-file.ts'
import { connectionUrl } from '../../server/database/postgres/supervisor-connection.ts'

/** @param dataDir the data folder of a deployment that runs its own PostgreSQL */
export async function recordEarlierBoot(dataDir: string): Promise<void> {
  const running = readPidFile(join(dataDir, 'postgres'))
  if (!running) throw new Error(`No PostgreSQL runs on ${dataDir}`)
  const client = new pg.Client({ connectionString: connectionUrl(running, null) })
  await client.connect()
  try {
    await client.query(`update workspace_agents set boot_id = 'an earlier boot'`)
  } finally {
    await client.end()
  }
}
