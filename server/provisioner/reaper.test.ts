import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { completeJob } from '../builds/complete-job.ts'
import { acquireJob } from '../jobs/acquire-job.ts'
import { type JobFixture, openJobFixture } from '../testing/job-fixture.ts'
import { reapOrphans, reapStale } from './reaper.ts'

let scene: JobFixture
beforeAll(async () => {
  scene = await openJobFixture()
})
afterAll(() => scene.close())

const minutesAgo = (minutes: number) => new Date(Date.now() - minutes * 60_000)

async function readJob(id: string) {
  return await scene.db.selectFrom('provisioner_jobs').selectAll().where('id', '=', id).executeTakeFirstOrThrow()
}

async function addDaemon(): Promise<string> {
  const { id: organizationId } = await scene.db.selectFrom('organizations').select('id').executeTakeFirstOrThrow()
  const id = randomUUID()
  await scene.db
    .insertInto('provisioner_daemons')
    .values({ id, organization_id: organizationId, name: `daemon-${id.slice(0, 8)}` })
    .execute()
  return id
}

test('a job of a removed daemon fails with an error that states the next step, and other jobs continue', async () => {
  const alive = await scene.addJob()
  await acquireJob(scene.pool, await addDaemon())
  const orphan = await scene.addJob()
  await acquireJob(scene.pool, randomUUID())
  expect(await reapOrphans(scene.db, scene.events)).toBe(1)
  const failed = await readJob(orphan)
  expect(failed.job_status).toBe('failed')
  expect(failed.error).toContain('start the workspace again')
  expect((await readJob(alive)).job_status).toBe('running')
})

test('a job without a heartbeat for five minutes fails', async () => {
  const id = await scene.addJob()
  await acquireJob(scene.pool, await addDaemon())
  await scene.db
    .updateTable('provisioner_jobs')
    .set({ updated_at: minutesAgo(6) })
    .where('id', '=', id)
    .execute()
  expect(await reapStale(scene.db, scene.events)).toBe(1)
  expect((await readJob(id)).error).toContain('5 minutes')
})

test('a job that no daemon acquires within half an hour fails', async () => {
  const id = await scene.addJob({ createdAt: minutesAgo(31) })
  const fresh = await scene.addJob()
  expect(await reapStale(scene.db, scene.events)).toBe(1)
  expect((await readJob(id)).job_status).toBe('failed')
  expect((await readJob(fresh)).job_status).toBe('pending')
})

test('a job is completed once', async () => {
  const id = await scene.addJob()
  const complete = (error: string | null) =>
    scene.db.transaction().execute((tx) => completeJob(tx, scene.events, id, { error }))
  expect(await complete(null)).toBe(true)
  expect(await complete('too late')).toBe(false)
  expect(await readJob(id)).toMatchObject({ job_status: 'succeeded', error: null })
})
