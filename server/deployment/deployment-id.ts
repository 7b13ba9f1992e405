// Unique ID of the deployment, stored in its database.

import type { Db } from '../database/connect.ts'

const known = new WeakMap<Db, string>()

export async function readDeploymentId(db: Db): Promise<string> {
  const remembered = known.get(db)
  if (remembered !== undefined) return remembered
  const { value } = await db
    .selectFrom('site_configs')
    .select('value')
    .where('key', '=', 'deployment_id')
    .executeTakeFirstOrThrow()
  known.set(db, value)
  return value
}
