import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type JobFixture, openJobFixture } from '../testing/job-fixture.ts'
import { type AcquiredJob, acquireJob } from './acquire-job.ts'

let fixture: JobFixture
beforeAll(async () => {
  fixture = await openJobFixture()
})
afterAll(() => fixture.close())

async function acquireAll(daemonId: string): Promise<AcquiredJob[]> {
  const acquired: AcquiredJob[] = []
  for (let job = await acquireJob(fixture.pool, daemonId); job; job = await acquireJob(fixture.pool, daemonId))
    acquired.push(job)
  return acquired
}

test('three concurrent daemons acquire each job exactly once', async () => {
  const posted = await Promise.all(Array.from({ length: 60 }, () => fixture.addJob()))
  const daemons = [randomUUID(), randomUUID(), randomUUID()]
  const acquired = await Promise.all(daemons.map(acquireAll))
  const ids = acquired.flat().map(({ id }) => id)
  expect(ids).toHaveLength(60)
  expect(new Set(ids)).toEqual(new Set(posted))
  for (const [at, jobs] of acquired.entries()) for (const job of jobs) expect(job.workerId).toBe(daemons[at])
})

test('the oldest job is acquired first and records its daemon', async () => {
  const later = await fixture.addJob({ createdAt: new Date('2026-01-02') })
  const earlier = await fixture.addJob({ createdAt: new Date('2026-01-01') })
  const daemon = randomUUID()
  expect((await acquireAll(daemon)).map(({ id }) => id)).toEqual([earlier, later])
  const row = await fixture.db.selectFrom('provisioner_jobs').selectAll().where('id', '=', earlier).executeTakeFirst()
  expect(row).toMatchObject({ job_status: 'running', worker_id: daemon })
})

test('a job whose tags the daemon lacks is not acquired', async () => {
  await fixture.addJob({ tags: { scope: 'organization', owner: '', region: 'moon' } })
  expect(await acquireJob(fixture.pool, randomUUID())).toBeNull()
})

test('a job canceled while it waited is not acquired', async () => {
  const id = await fixture.addJob()
  await fixture.db.updateTable('provisioner_jobs').set({ canceled_at: new Date() }).where('id', '=', id).execute()
  expect(await acquireJob(fixture.pool, randomUUID())).toBeNull()
})
