// The provisioner daemons that live in coderd: they wait for jobs, run one each at a time, and share the engine. Also
// starts the reaper, because jobs of dead daemons are theirs to end.

import { createHash, randomUUID } from 'node:crypto'
import { hostname } from 'node:os'
import { setTimeout as sleep } from 'node:timers/promises'
import { coderVersion } from '../../lib/version.ts'
import type { ServerContext } from '../context.ts'
import { isConnectionError } from '../database/connect.ts'
import { acquireJob, daemonTags } from '../jobs/acquire-job.ts'
import type { Engine } from '../jobs/engine.ts'
import { listenForCancels } from '../jobs/heartbeat.ts'
import { jobPosted } from '../jobs/job-channels.ts'
import { removeUnfinished, sweepTemplateFiles } from '../templates/template-files.ts'
import { reapOrphans, reapSilent } from './reaper.ts'
import { runJob } from './run-job.ts'

export interface Provisioners {
  /** Takes no new job, gives running ones a moment, then asks them to end; resolves when all have. */
  close(): Promise<void>
}

// A notification wakes a daemon; asking anyway covers one that was lost. Seldom once nothing comes.
const firstPollMs = 1_000
const longestPollMs = 30_000

// Coder takes a daemon for gone after three of these.
const seenEveryMs = 30_000
const reapEveryMs = 60_000
const sweepEveryMs = 60 * 60_000

// A build of seconds may end; a longer one is asked to, and its state is kept.
const closeGraceMs = 3_000

/** What a daemon speaks: Coder's provisioner API of the version whose contract we follow. */
const apiVersion = '1.15'

/** Registers the daemons, ends what an earlier coderd left behind, and begins to take jobs. */
export async function startProvisioners(
  context: ServerContext,
  engine: Engine = context.engine,
): Promise<Provisioners> {
  const daemonIds = await registerDaemons(context)
  await reapOrphans(context.db, context.events)
  const closing = new AbortController()
  const stopping = new AbortController()
  const wakeSignal = createWakeSignal()
  const stopListening = await context.channels.listen(jobPosted, () => wakeSignal.wakeOne())
  const cancels = await listenForCancels(context.channels)
  const forgetHook = context.channels.onReconnect(() => wakeSignal.wakeAll())
  const sweep = () => sweepTemplateFiles(context.db, context.config.dataDir, new Date())
  const timers = [
    setInterval(() => void context.outages.watch('daemons seen', markSeen(context, daemonIds)), seenEveryMs),
    setInterval(() => void context.outages.watch('silent jobs', reapSilent(context.db, context.events)), reapEveryMs),
    setInterval(() => void context.outages.watch('template files', sweep()), sweepEveryMs),
  ]
  const loops = daemonIds.map((id) => serveJobs(id))
  // The first create should not wait for the engine's thread, nor the start of coderd for either of these.
  engine.warm().catch((error: unknown) => {
    // A coderd that is stopped at once ends its engine while that is still starting.
    if (!closing.signal.aborted) context.log.error({ err: error }, 'the engine did not start')
  })
  removeUnfinished(context.config.dataDir)
    .then(sweep)
    .catch((error: unknown) => {
      if (!isConnectionError(error) && !closing.signal.aborted)
        context.log.warn({ err: error }, 'left-overs not removed')
    })

  async function serveJobs(id: string): Promise<void> {
    let pollMs = firstPollMs
    while (!closing.signal.aborted) {
      const hasWorked = await serveOne(id)
      if (hasWorked) {
        pollMs = firstPollMs
      } else {
        await wakeSignal.wait(pollMs, closing.signal)
        pollMs = Math.min(pollMs * 2, longestPollMs)
      }
    }
  }

  async function serveOne(id: string): Promise<boolean> {
    try {
      const job = await acquireJob(context.pool, id)
      context.outages.done('jobs')
      if (job) await runJob({ context, engine, cancels, stopping: stopping.signal }, job)
      return job !== null
    } catch (error) {
      context.outages.failed('jobs', error)
      return false
    }
  }

  return {
    async close() {
      closing.abort()
      for (const timer of timers) clearInterval(timer)
      forgetHook()
      await Promise.all([stopListening(), cancels.close()])
      const ended = Promise.all(loops)
      await Promise.race([ended, sleep(closeGraceMs, undefined, { ref: false })])
      stopping.abort()
      await ended
    },
  }
}

/** Fresh rows in the place of those an earlier coderd had on this data folder: a job that names one of those is
 *  nobody's any more. Only one coderd at a time runs on a data folder. */
async function registerDaemons({ db, config }: ServerContext): Promise<string[]> {
  const folder = createHash('sha256').update(config.dataDir).digest('hex').slice(0, 6)
  const stem = `${hostname().slice(0, 40)}-${folder}-`
  return await db.transaction().execute(async (tx) => {
    const { id: organizationId } = await tx
      .selectFrom('organizations')
      .select('id')
      .where('is_default', '=', true)
      .executeTakeFirstOrThrow()
    await tx
      .deleteFrom('provisioner_daemons')
      .where((eb) => eb(eb.fn('starts_with', ['name', eb.val(stem)]), '=', true))
      .execute()
    const ids = Array.from({ length: config.provisionerDaemons }, () => randomUUID())
    if (ids.length === 0) return ids
    await tx
      .insertInto('provisioner_daemons')
      .values(
        ids.map((id, at) => ({
          id,
          organization_id: organizationId,
          name: `${stem}${at}`,
          // Clients compare it with the server's and call what differs outdated.
          version: coderVersion,
          api_version: apiVersion,
          tags: JSON.stringify(daemonTags),
          last_seen_at: new Date(),
        })),
      )
      .execute()
    return ids
  })
}

async function markSeen({ db }: ServerContext, ids: readonly string[]): Promise<void> {
  if (ids.length === 0) return
  await db.updateTable('provisioner_daemons').set({ last_seen_at: new Date() }).where('id', 'in', ids).execute()
}

/** Wakes waiting daemons. One job needs one daemon; a ring that nobody waits for is kept for who waits next, because a
 *  daemon that has just found nothing may have looked a moment too early. */
function createWakeSignal() {
  const waiting = new Set<() => void>()
  let isKept = false
  return {
    wakeOne(): void {
      const [wake] = waiting
      if (wake) wake()
      else isKept = true
    },
    wakeAll(): void {
      for (const wake of [...waiting]) wake()
    },
    wait(limitMs: number, signal: AbortSignal): Promise<void> {
      return new Promise((resolve) => {
        const wake = () => {
          clearTimeout(timer)
          signal.removeEventListener('abort', wake)
          waiting.delete(wake)
          resolve()
        }
        const timer = setTimeout(wake, limitMs)
        signal.addEventListener('abort', wake)
        waiting.add(wake)
        if (isKept || signal.aborted) wake()
        isKept = false
      })
    },
  }
}
