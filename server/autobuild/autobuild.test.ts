// Schedules with a complete coderd and a fake clock. The tests run the passes themselves: a pass depends on the database
// and the time only.

import { sql } from 'kysely'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { getWorkspace, type Workspace } from '../../api/workspaces/workspaces.ts'
import { notificationTemplates } from '../notifications/templates.ts'
import { recordActivity } from '../schedule/activity.ts'
import { type FakeClock, fakeClock } from '../testing/fake-clock.ts'
import { startTestServer, type TestServer } from '../testing/start-test-server.ts'
import {
  build,
  createTemplate,
  createWorkspace,
  expectSuccess,
  until,
  waitForBuild,
} from '../testing/workspace-fixtures.ts'
import { runAutobuild } from './autobuild.ts'

const hour = 3_600_000
let server: TestServer
let clock: FakeClock
let templateId: string
let count = 0

beforeAll(async () => {
  clock = fakeClock('2026-06-01T08:00:00Z')
  // Disables the scheduler, whose passes would interfere with those of the test.
  server = await startTestServer({}, { ...clock, after: () => () => undefined })
  templateId = (await createTemplate(server.client, 'empty', { 'main.tf': 'resource "terraform_data" "x" {}' })).id
})
afterAll(() => server.close())
beforeEach(async () => {
  clock.set('2026-06-01T08:00:00Z')
  await server.context.db.updateTable('workspaces').set({ deleted: true }).execute()
  await server.context.db
    .updateTable('templates')
    .set({ default_ttl_ms: 0, time_til_dormant_ms: 0, time_til_dormant_autodelete_ms: 0, failure_ttl_ms: 0 })
    .execute()
})

const show = (id: string): Promise<Workspace> =>
  server.client.call(getWorkspace, { params: { workspace: id }, query: { include_deleted: true } })

async function createRunning(settings: { ttl_ms?: number; autostart_schedule?: string } = {}): Promise<string> {
  const { id, latest_build } = await createWorkspace(server.client, templateId, `w-${count++}`)
  await expectSuccess(server.client, await waitForBuild(server.client, latest_build.id))
  if (Object.keys(settings).length > 0) {
    await server.context.db.updateTable('workspaces').set(settings).where('id', '=', id).execute()
    await build(server.client, id, 'start')
  }
  return id
}

const runPass = (now = clock.now()) => runAutobuild(server.context, now)
const setTemplate = (values: Record<string, unknown>) =>
  server.context.db.updateTable('templates').set(values).where('id', '=', templateId).execute()

/** Waits until the latest build is completed. */
const waitForLatestBuild = async (id: string) => waitForBuild(server.client, (await show(id)).latest_build.id)

test('a workspace is stopped once at its deadline, and started at its scheduled time', async () => {
  const id = await createRunning({ ttl_ms: 2 * hour, autostart_schedule: 'CRON_TZ=Europe/Berlin 0 9 * * *' })
  expect((await show(id)).latest_build).toMatchObject({ deadline: '2026-06-01T10:00:00.000Z', max_deadline: null })
  await runPass(new Date('2026-06-01T09:59:59Z'))
  expect((await show(id)).latest_build.build_number).toBe(2)
  clock.set('2026-06-01T10:00:00Z')
  await runPass()
  await runPass()
  const stop = await waitForLatestBuild(id)
  expect(stop).toMatchObject({
    build_number: 3,
    transition: 'stop',
    reason: 'autostop',
    initiator_id: expect.anything(),
  })
  await runPass()
  expect((await show(id)).latest_build.build_number).toBe(3)
  // 09:00 in Berlin in summer.
  expect((await show(id)).next_start_at).toBe('2026-06-02T07:00:00.000Z')
  clock.set('2026-06-02T07:00:00Z')
  await runPass()
  await runPass()
  expect(await waitForLatestBuild(id)).toMatchObject({ build_number: 4, transition: 'start', reason: 'autostart' })
  expect((await show(id)).latest_build.deadline).toBe('2026-06-02T09:00:00.000Z')
})

test('a workspace that fails with a transient database error is retried, and others are processed', async () => {
  const { db } = server.context
  const failing = await createRunning({ ttl_ms: 2 * hour })
  const other = await createRunning({ ttl_ms: 2 * hour })
  await sql`create function fail_insert() returns trigger language plpgsql as 'begin raise disk_full; end'`.execute(db)
  await sql`create trigger fail_insert before insert on workspace_builds for each row
    when (new.workspace_id = ${sql.lit(failing)}) execute function fail_insert()`.execute(db)
  clock.set('2026-06-01T10:00:00Z')
  await expect(runPass()).rejects.toMatchObject({ code: '53100' })
  expect(await waitForLatestBuild(other)).toMatchObject({ transition: 'stop', reason: 'autostop' })
  expect((await show(failing)).latest_build.transition).toBe('start')
  await sql`drop function fail_insert() cascade`.execute(db)
  await runPass()
  expect(await waitForLatestBuild(failing)).toMatchObject({ transition: 'stop', reason: 'autostop' })
})

test('missed starts during a suspension result in one start', async () => {
  const id = await createRunning({ autostart_schedule: 'CRON_TZ=UTC 0 9 * * *' })
  await build(server.client, id, 'stop')
  clock.set('2026-06-09T13:20:00Z')
  await runPass()
  expect(await waitForLatestBuild(id)).toMatchObject({ build_number: 4, reason: 'autostart' })
  await build(server.client, id, 'stop')
  await runPass()
  expect((await show(id)).latest_build.build_number).toBe(5)
  expect((await show(id)).next_start_at).toBe('2026-06-10T09:00:00.000Z')
})

test('a clock that is set back does not repeat a start', async () => {
  const id = await createRunning({ autostart_schedule: 'CRON_TZ=UTC 0 9 * * *' })
  await build(server.client, id, 'stop')
  clock.set('2026-06-01T09:00:00Z')
  await runPass()
  await waitForLatestBuild(id)
  clock.set('2026-06-01T07:00:00Z')
  await runPass()
  clock.set('2026-06-01T09:00:00Z')
  await runPass()
  expect((await show(id)).latest_build.build_number).toBe(4)
})

test('a start follows the allowed days of the template and their changes', async () => {
  const id = await createRunning({ autostart_schedule: 'CRON_TZ=UTC 0 9 * * *' })
  await build(server.client, id, 'stop')
  await setTemplate({ autostart_requirement_days_of_week: ['friday'] })
  await runPass()
  expect((await show(id)).next_start_at).toBe('2026-06-05T09:00:00.000Z')
  await setTemplate({ allow_user_autostart: false })
  clock.set('2026-06-05T09:00:00Z')
  await runPass()
  expect((await show(id)).latest_build.transition).toBe('stop')
  await setTemplate({
    allow_user_autostart: true,
    autostart_requirement_days_of_week: ['monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday', 'sunday'],
  })
})

test('a workspace started two hours before the quiet hours is stopped during them, even after a late start', async () => {
  const everyDay = ['monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday', 'sunday']
  await setTemplate({ autostop_requirement_days_of_week: everyDay })
  const id = await createRunning({ autostart_schedule: 'CRON_TZ=UTC 0 22 * * *' })
  await build(server.client, id, 'stop')
  for (const [day, next] of [
    ['2026-06-01', '2026-06-02'],
    ['2026-06-02', '2026-06-03'],
  ]) {
    clock.set(`${day}T22:00:41Z`)
    await runPass()
    const midnight = `${next}T00:00:00.000Z`
    expect(await waitForLatestBuild(id)).toMatchObject({
      reason: 'autostart',
      deadline: midnight,
      max_deadline: midnight,
    })
    clock.set(midnight)
    await runPass()
    expect(await waitForLatestBuild(id)).toMatchObject({ transition: 'stop', reason: 'autostop' })
  }
  await setTemplate({ autostop_requirement_days_of_week: [] })
})

test('an unused workspace becomes dormant and is deleted by the current settings of its template', async () => {
  await setTemplate({ time_til_dormant_ms: 48 * hour, time_til_dormant_autodelete_ms: 24 * hour })
  const id = await createRunning()
  clock.advance(48 * hour)
  await runPass()
  expect(await waitForLatestBuild(id)).toMatchObject({ transition: 'stop', reason: 'dormancy' })
  expect(await show(id)).toMatchObject({
    dormant_at: '2026-06-03T08:00:00.000Z',
    deleting_at: '2026-06-04T08:00:00.000Z',
  })
  await setTemplate({ time_til_dormant_autodelete_ms: 12 * hour })
  await runPass()
  expect((await show(id)).deleting_at).toBe('2026-06-03T20:00:00.000Z')
  clock.set('2026-06-03T20:00:00Z')
  await runPass()
  expect(await waitForLatestBuild(id)).toMatchObject({ transition: 'delete', reason: 'autodelete' })
  await until('the workspace to be deleted', async () => (await show(id)).latest_build.status === 'deleted')
})

test('activity extends the deadline up to the maximum deadline', async () => {
  await setTemplate({ activity_bump_ms: hour })
  const id = await createRunning({ ttl_ms: hour })
  clock.advance(30 * 60_000)
  await recordActivity(server.context, id)
  const shown = await show(id)
  expect(shown.latest_build.deadline).toBe('2026-06-01T09:30:00.000Z')
  expect(shown.last_used_at).toBe('2026-06-01T08:30:00.000Z')
  const { db } = server.context
  const last = new Date('2026-06-01T09:40:00Z')
  await db.updateTable('workspace_builds').set({ max_deadline: last }).where('id', '=', shown.latest_build.id).execute()
  clock.advance(30 * 60_000)
  await recordActivity(server.context, id)
  expect((await show(id)).latest_build.deadline).toBe('2026-06-01T09:40:00.000Z')
})

test('concurrent passes start one build per workspace', async () => {
  const ids = await Promise.all([createRunning({ ttl_ms: hour }), createRunning({ ttl_ms: hour })])
  clock.advance(hour)
  await Promise.all([runPass(), runPass(), runPass()])
  for (const id of ids) expect((await waitForLatestBuild(id)).build_number).toBe(3)
})

test('users are notified of scheduled actions', async () => {
  const { db } = server.context
  await db.deleteFrom('notification_messages').execute()
  await setTemplate({ time_til_dormant_ms: 48 * hour, time_til_dormant_autodelete_ms: 24 * hour })
  const id = await createRunning()
  clock.advance(48 * hour)
  await runPass()
  await waitForLatestBuild(id)
  const messages = () =>
    db
      .selectFrom('notification_messages')
      .selectAll()
      .where('targets', '@>', sql<string[]>`array[${id}::uuid]`)
      .execute()
  const templateIds = async () => [...new Set((await messages()).map(({ template_id }) => template_id))]
  expect(await templateIds()).toEqual([notificationTemplates.workspaceDormant.id])
  expect((await messages())[0]?.payload).toMatchObject({ labels: { timeTilDormant: '1 day' } })
  clock.advance(24 * hour)
  await runPass()
  await waitForLatestBuild(id)
  expect(await templateIds()).toContain(notificationTemplates.workspaceDeleted.id)
})
