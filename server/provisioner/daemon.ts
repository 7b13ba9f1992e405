// Built-in provisioner daemons: each runs one job at a time, and they share the engine. Also runs the reaper, which fails
// the jobs of daemons that no longer exist.

import { createHash, randomUUID } from 'node:crypto'
import { hostname } from 'node:os'
import { setTimeout as sleep } from 'node:timers/promises'
import { coderVersion } from '../../lib/version.ts'
import type { ServerContext } from '../context.ts'
import { isConnectionError } from '../database/connect.ts'
import { acquireJob, daemonTags } from '../jobs/acquire-job.ts'
import type { Engine } from '../jobs/engine.ts'
import { listenForCancellations } from '../jobs/heartbeat.ts'
import { jobPosted } from '../jobs/job-channels.ts'
import { removeUnfinished, removeUnusedTemplateFiles } from '../templates/template-files.ts'
import { reapOrphans, reapStale } from './reaper.ts'
import { runJob } from './run-job.ts'

export interface Provisioners {
  /** Acquires no new jobs, waits briefly for running ones, then cancels them. Resolves when all are completed. */
  close(): Promise<void>
}

// Daemons are woken by NOTIFY; polling, with an increasing interval while idle, covers a lost notification.
const minPollMs = 1_000
const maxPollMs = 30_000

// Coder considers a daemon offline after three intervals without an update.
const updateIntervalMs = 30_000
const reapIntervalMs = 60_000
const cleanupIntervalMs = 60 * 60_000

// Lets short builds finish. Longer ones are canceled and keep the state stored so far.
const closeGraceMs = 3_000

/** Version of Coder's provisioner API that the daemons report. */
const apiVersion = '1.15'

/** Registers the daemons, fails jobs orphaned by an earlier coderd, and starts to acquire jobs. */
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
  const cancelListener = await listenForCancellations(context.channels)
  const removeReconnectHook = context.channels.onReconnect(() => wakeSignal.wakeAll())
  const cleanUpFiles = () => removeUnusedTemplateFiles(context.db, context.config.dataDir, new Date())
  const timers = [
    setInterval(
      () => void context.outages.watch('provisioner heartbeat', updateLastSeen(context, daemonIds)),
      updateIntervalMs,
    ),
    setInterval(() => void context.outages.watch('stale jobs', reapStale(context.db, context.events)), reapIntervalMs),
    setInterval(() => void context.outages.watch('template files', cleanUpFiles()), cleanupIntervalMs),
  ]
  const loops = daemonIds.map((id) => serveJobs(id))
  // Loads the engine in the background, so that neither the first build nor the start of coderd waits for its thread.
  engine.warm().catch((error: unknown) => {
    // If coderd stops right after its start, the engine is closed while it loads.
    if (!closing.signal.aborted) context.log.error({ err: error }, 'could not start the engine')
  })
  removeUnfinished(context.config.dataDir)
    .then(cleanUpFiles)
    .catch((error: unknown) => {
      if (!isConnectionError(error) && !closing.signal.aborted)
        context.log.warn({ err: error }, 'could not remove stale template files')
    })

  async function serveJobs(id: string): Promise<void> {
    let pollMs = minPollMs
    while (!closing.signal.aborted) {
      const hasRunJob = await runNextJob(id)
      if (hasRunJob) {
        pollMs = minPollMs
      } else {
        await wakeSignal.wait(pollMs, closing.signal)
        pollMs = Math.min(pollMs * 2, maxPollMs)
      }
    }
  }

  async function runNextJob(id: string): Promise<boolean> {
    try {
      const job = await acquireJob(context.pool, id)
      context.outages.succeeded('jobs')
      if (job) await runJob({ context, engine, cancelListener, stopping: stopping.signal }, job)
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
      removeReconnectHook()
      await Promise.all([stopListening(), cancelListener.close()])
      const finished = Promise.all(loops)
      await Promise.race([finished, sleep(closeGraceMs, undefined, { ref: false })])
      stopping.abort()
      await finished
    },
  }
}

/** Replaces the daemon rows of an earlier coderd on this data folder, which orphans the jobs assigned to them. The
 *  instance lock guarantees that no other coderd uses the folder. */
async function registerDaemons({ db, config }: ServerContext): Promise<string[]> {
  const folder = createHash('sha256').update(config.dataDir).digest('hex').slice(0, 6)
  const namePrefix = `${hostname().slice(0, 40)}-${folder}-`
  return await db.transaction().execute(async (tx) => {
    const { id: organizationId } = await tx
      .selectFrom('organizations')
      .select('id')
      .where('is_default', '=', true)
      .executeTakeFirstOrThrow()
    await tx
      .deleteFrom('provisioner_daemons')
      .where((eb) => eb(eb.fn('starts_with', ['name', eb.val(namePrefix)]), '=', true))
      .execute()
    const ids = Array.from({ length: config.provisionerDaemons }, () => randomUUID())
    if (ids.length === 0) return ids
    await tx
      .insertInto('provisioner_daemons')
      .values(
        ids.map((id, at) => ({
          id,
          organization_id: organizationId,
          name: `${namePrefix}${at}`,
          // Clients show a daemon as outdated when its version differs from the server's.
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

async function updateLastSeen({ db }: ServerContext, ids: readonly string[]): Promise<void> {
  if (ids.length === 0) return
  await db.updateTable('provisioner_daemons').set({ last_seen_at: new Date() }).where('id', 'in', ids).execute()
}

/** Wakes waiting daemons, one per queued job. A signal without a waiter wakes the next one, because a daemon may have
 *  queried just before the job was queued. */
function createWakeSignal() {
  const waiting = new Set<() => void>()
  let isSignaled = false
  return {
    wakeOne(): void {
      const [wake] = waiting
      if (wake) wake()
      else isSignaled = true
    },
    wakeAll(): void {
      for (const wake of [...waiting]) wake()
    },
    wait(timeoutMs: number, signal: AbortSignal): Promise<void> {
      return new Promise((resolve) => {
        const wake = () => {
          clearTimeout(timer)
          signal.removeEventListener('abort', wake)
          waiting.delete(wake)
          resolve()
        }
        const timer = setTimeout(wake, timeoutMs)
        signal.addEventListener('abort', wake)
        waiting.add(wake)
        if (isSignaled || signal.aborted) wake()
        isSignaled = false
      })
    },
  }
}
