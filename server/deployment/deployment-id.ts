// Unique ID of the deployment, stored in its database.

import type { Db } from '../database/connect.ts'

const cache = new WeakMap<Db, string>()

export async function readDeploymentId(db: Db): Promise<string> {
  const cached = cache.get(db)
  if (cached !== undefined) return cached
  const { value } = await db
    .selectFrom('site_configs')
    .select('value')
    .where('key', '=', 'deployment_id')
    .executeTakeFirstOrThrow()
  cache.set(db, value)
  return value
}
