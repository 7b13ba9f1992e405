// Sums up what agents reported, every few minutes; how is agents/roll-up-usage.ts.

import { rollUpUsage } from '../agents/roll-up-usage.ts'
import type { ServerContext } from '../context.ts'
import { advisoryLocks } from '../database/advisory-locks.ts'
import type { PeriodicWork } from './periodic.ts'

export const usageRollUp = ({ db }: Pick<ServerContext, 'db'>): PeriodicWork => ({
  name: 'usage',
  lock: advisoryLocks.usage,
  everyMs: 5 * 60_000,
  run: (now) => rollUpUsage(db, now),
})
