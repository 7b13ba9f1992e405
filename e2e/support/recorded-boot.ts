// Makes a deployment believe that the machine was restarted since its agents last spoke: what it has written down of
// them names another boot.

import { join } from 'node:path'
import pg from 'pg'
import { readPidFile } from '../../server/database/postgres/pid-file.ts'
import { connectionUrl } from '../../server/database/postgres/supervisor-connection.ts'

/** @param dataDir of a deployment that runs on its own PostgreSQL */
export async function forgetBoot(dataDir: string): Promise<void> {
  const running = readPidFile(join(dataDir, 'postgres'))
  if (!running) throw new Error(`no PostgreSQL runs on ${dataDir}`)
  const client = new pg.Client({ connectionString: connectionUrl(running, null) })
  await client.connect()
  try {
    await client.query(`update workspace_agents set boot_id = 'an earlier boot'`)
  } finally {
    await client.end()
  }
}
