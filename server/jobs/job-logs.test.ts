import { EventEmitter, once } from 'node:events'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type JobFixture, openJobFixture } from '../testing/job-fixture.ts'
import { jobChanged } from './job-channels.ts'
import { type JobLogLine, maxLogBytes, openJobLog } from './job-logs.ts'

let fixture: JobFixture
beforeAll(async () => {
  fixture = await openJobFixture()
})
afterAll(() => fixture.close())

const line = (output: string): JobLogLine => ({ source: 'provisioner', level: 'info', stage: 'Setting up', output })
const fail = (error: unknown) => {
  throw error
}

async function readOutputs(jobId: string): Promise<string[]> {
  const rows = await fixture.db
    .selectFrom('provisioner_job_logs')
    .select('output')
    .where('job_id', '=', jobId)
    .orderBy('id')
    .execute()
  return rows.map(({ output }) => output)
}

test('the first line is stored without a flush and readers are notified', async () => {
  const jobId = await fixture.addJob()
  const notifications = new EventEmitter()
  await fixture.channels.listen(jobChanged(jobId), () => notifications.emit('changed'))
  const changed = once(notifications, 'changed')
  openJobLog(fixture.pool, jobId, fail).write(line('hello'))
  await changed
  expect(await readOutputs(jobId)).toEqual(['hello'])
})

test('lines keep their order across batches and NUL bytes are removed', async () => {
  const jobId = await fixture.addJob()
  const log = openJobLog(fixture.pool, jobId, fail)
  const outputs = Array.from({ length: 500 }, (_, at) => `line ${at}`)
  for (const output of outputs.slice(0, 100)) log.write(line(output))
  await log.flush()
  for (const output of outputs.slice(100)) log.write(line(output))
  log.write(line('zero \0 byte'))
  await log.flush()
  expect(await readOutputs(jobId)).toEqual([...outputs, 'zero  byte'])
})

test('a log beyond its limit is truncated and the job records the overflow', async () => {
  const jobId = await fixture.addJob()
  const log = openJobLog(fixture.pool, jobId, fail)
  const long = 'x'.repeat(maxLogBytes / 4)
  for (let count = 0; count < 6; count++) log.write(line(long))
  await log.flush()
  const job = await fixture.db
    .selectFrom('provisioner_jobs')
    .selectAll()
    .where('id', '=', jobId)
    .executeTakeFirstOrThrow()
  expect(job.logs_overflowed).toBe(true)
  expect(job.logs_length).toBe(maxLogBytes)
  expect(await readOutputs(jobId)).toHaveLength(4)
})
