import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { completeJob } from '../builds/complete-job.ts'
import { acquireJob } from '../jobs/acquire-job.ts'
import { type JobFixture, openJobFixture } from '../testing/job-fixture.ts'
import { reapOrphans, reapStale } from './reaper.ts'

let fixture: JobFixture
beforeAll(async () => {
  fixture = await openJobFixture()
})
afterAll(() => fixture.close())

const minutesAgo = (minutes: number) => new Date(Date.now() - minutes * 60_000)

async function readJob(id: string) {
  return await fixture.db.selectFrom('provisioner_jobs').selectAll().where('id', '=', id).executeTakeFirstOrThrow()
}

async function addDaemon(): Promise<string> {
  const { id: organizationId } = await fixture.db.selectFrom('organizations').select('id').executeTakeFirstOrThrow()
  const id = randomUUID()
  await fixture.db
    .insertInto('provisioner_daemons')
    .values({ id, organization_id: organizationId, name: `daemon-${id.slice(0, 8)}` })
    .execute()
  return id
}

test('a job of a removed daemon fails with an error that states the next step, and other jobs continue', async () => {
  const alive = await fixture.addJob()
  await acquireJob(fixture.pool, await addDaemon())
  const orphan = await fixture.addJob()
  await acquireJob(fixture.pool, randomUUID())
  expect(await reapOrphans(fixture.db, fixture.events)).toBe(1)
  const failed = await readJob(orphan)
  expect(failed.job_status).toBe('failed')
  expect(failed.error).toContain('start the workspace again')
  expect((await readJob(alive)).job_status).toBe('running')
})

test('a job without a heartbeat for five minutes fails', async () => {
  const id = await fixture.addJob()
  await acquireJob(fixture.pool, await addDaemon())
  await fixture.db
    .updateTable('provisioner_jobs')
    .set({ updated_at: minutesAgo(6) })
    .where('id', '=', id)
    .execute()
  expect(await reapStale(fixture.db, fixture.events)).toBe(1)
  expect((await readJob(id)).error).toContain('5 minutes')
})

test('a job that no daemon acquires within half an hour fails', async () => {
  const id = await fixture.addJob({ createdAt: minutesAgo(31) })
  const fresh = await fixture.addJob()
  expect(await reapStale(fixture.db, fixture.events)).toBe(1)
  expect((await readJob(id)).job_status).toBe('failed')
  expect((await readJob(fresh)).job_status).toBe('pending')
})

test('a job is completed once', async () => {
  const id = await fixture.addJob()
  const complete = (error: string | null) =>
    fixture.db.transaction().execute((tx) => completeJob(tx, fixture.events, id, { error }))
  expect(await complete(null)).toBe(true)
  expect(await complete('too late')).toBe(false)
  expect(await readJob(id)).toMatchObject({ job_status: 'succeeded', error: null })
})
