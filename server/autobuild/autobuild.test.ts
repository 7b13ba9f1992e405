// Schedules against a whole coderd whose clock the test turns. The rounds are run by hand: what a round does must come
// from the database and the time alone.

import { sql } from 'kysely'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import type { Workspace } from '../../api/workspaces/workspaces.ts'
import { getWorkspace } from '../../api/workspaces/workspaces.ts'
import { notificationTemplates } from '../notifications/templates.ts'
import { noteActivity } from '../schedule/activity.ts'
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
  // The scheduler's own rounds would take turns with those of the test.
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

async function running(settings: { ttl_ms?: number; autostart_schedule?: string } = {}): Promise<string> {
  const { id, latest_build } = await createWorkspace(server.client, templateId, `w-${count++}`)
  await expectSuccess(server.client, await waitForBuild(server.client, latest_build.id))
  if (Object.keys(settings).length > 0) {
    await server.context.db.updateTable('workspaces').set(settings).where('id', '=', id).execute()
    await build(server.client, id, 'start')
  }
  return id
}

const round = (now = clock.now()) => runAutobuild(server.context, now)
const setTemplate = (values: Record<string, unknown>) =>
  server.context.db.updateTable('templates').set(values).where('id', '=', templateId).execute()

/** The latest build once it has ended. */
const settled = async (id: string) => waitForBuild(server.client, (await show(id)).latest_build.id)

test('a workspace is stopped at its deadline, once, and started again at its time', async () => {
  const id = await running({ ttl_ms: 2 * hour, autostart_schedule: 'CRON_TZ=Europe/Berlin 0 9 * * *' })
  expect((await show(id)).latest_build).toMatchObject({ deadline: '2026-06-01T10:00:00.000Z', max_deadline: null })
  await round(new Date('2026-06-01T09:59:59Z'))
  expect((await show(id)).latest_build.build_number).toBe(2)
  clock.set('2026-06-01T10:00:00Z')
  await round()
  await round()
  const stop = await settled(id)
  expect(stop).toMatchObject({
    build_number: 3,
    transition: 'stop',
    reason: 'autostop',
    initiator_id: expect.anything(),
  })
  await round()
  expect((await show(id)).latest_build.build_number).toBe(3)
  // Nine in Berlin, in summer.
  expect((await show(id)).next_start_at).toBe('2026-06-02T07:00:00.000Z')
  clock.set('2026-06-02T07:00:00Z')
  await round()
  await round()
  expect(await settled(id)).toMatchObject({ build_number: 4, transition: 'start', reason: 'autostart' })
  expect((await show(id)).latest_build.deadline).toBe('2026-06-02T09:00:00.000Z')
})

test('whom the database has no room for is stopped in a later round, and holds up nobody else', async () => {
  const { db } = server.context
  const poor = await running({ ttl_ms: 2 * hour })
  const other = await running({ ttl_ms: 2 * hour })
  await sql`create function refuse() returns trigger language plpgsql as 'begin raise disk_full; end'`.execute(db)
  await sql`create trigger refuse before insert on workspace_builds for each row
    when (new.workspace_id = ${sql.lit(poor)}) execute function refuse()`.execute(db)
  clock.set('2026-06-01T10:00:00Z')
  await expect(round()).rejects.toMatchObject({ code: '53100' })
  expect(await settled(other)).toMatchObject({ transition: 'stop', reason: 'autostop' })
  expect((await show(poor)).latest_build.transition).toBe('start')
  await sql`drop function refuse() cascade`.execute(db)
  await round()
  expect(await settled(poor)).toMatchObject({ transition: 'stop', reason: 'autostop' })
})

test('a computer that slept makes up for what was due, and not for each day', async () => {
  const id = await running({ autostart_schedule: 'CRON_TZ=UTC 0 9 * * *' })
  await build(server.client, id, 'stop')
  clock.set('2026-06-09T13:20:00Z')
  await round()
  expect(await settled(id)).toMatchObject({ build_number: 4, reason: 'autostart' })
  await build(server.client, id, 'stop')
  await round()
  expect((await show(id)).latest_build.build_number).toBe(5)
  expect((await show(id)).next_start_at).toBe('2026-06-10T09:00:00.000Z')
})

test('a clock that jumps back and forth starts nothing twice', async () => {
  const id = await running({ autostart_schedule: 'CRON_TZ=UTC 0 9 * * *' })
  await build(server.client, id, 'stop')
  clock.set('2026-06-01T09:00:00Z')
  await round()
  await settled(id)
  clock.set('2026-06-01T07:00:00Z')
  await round()
  clock.set('2026-06-01T09:00:00Z')
  await round()
  expect((await show(id)).latest_build.build_number).toBe(4)
})

test("a template's days are followed, and a change of them too", async () => {
  const id = await running({ autostart_schedule: 'CRON_TZ=UTC 0 9 * * *' })
  await build(server.client, id, 'stop')
  await setTemplate({ autostart_requirement_days_of_week: ['friday'] })
  await round()
  expect((await show(id)).next_start_at).toBe('2026-06-05T09:00:00.000Z')
  await setTemplate({ allow_user_autostart: false })
  clock.set('2026-06-05T09:00:00Z')
  await round()
  expect((await show(id)).latest_build.transition).toBe('stop')
  await setTemplate({
    allow_user_autostart: true,
    autostart_requirement_days_of_week: ['monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday', 'sunday'],
  })
})

test('a start two hours before the quiet hours is stopped in them each night, though the start comes late', async () => {
  const everyDay = ['monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday', 'sunday']
  await setTemplate({ autostop_requirement_days_of_week: everyDay })
  const id = await running({ autostart_schedule: 'CRON_TZ=UTC 0 22 * * *' })
  await build(server.client, id, 'stop')
  for (const [day, next] of [
    ['2026-06-01', '2026-06-02'],
    ['2026-06-02', '2026-06-03'],
  ]) {
    clock.set(`${day}T22:00:41Z`)
    await round()
    const midnight = `${next}T00:00:00.000Z`
    expect(await settled(id)).toMatchObject({ reason: 'autostart', deadline: midnight, max_deadline: midnight })
    clock.set(midnight)
    await round()
    expect(await settled(id)).toMatchObject({ transition: 'stop', reason: 'autostop' })
  }
  await setTemplate({ autostop_requirement_days_of_week: [] })
})

test('a workspace that nobody uses falls asleep and goes after a while, as its template says by then', async () => {
  await setTemplate({ time_til_dormant_ms: 48 * hour, time_til_dormant_autodelete_ms: 24 * hour })
  const id = await running()
  clock.advance(48 * hour)
  await round()
  expect(await settled(id)).toMatchObject({ transition: 'stop', reason: 'dormancy' })
  expect(await show(id)).toMatchObject({
    dormant_at: '2026-06-03T08:00:00.000Z',
    deleting_at: '2026-06-04T08:00:00.000Z',
  })
  await setTemplate({ time_til_dormant_autodelete_ms: 12 * hour })
  await round()
  expect((await show(id)).deleting_at).toBe('2026-06-03T20:00:00.000Z')
  clock.set('2026-06-03T20:00:00Z')
  await round()
  expect(await settled(id)).toMatchObject({ transition: 'delete', reason: 'autodelete' })
  await until('the workspace to be gone', async () => (await show(id)).latest_build.status === 'deleted')
})

test('activity puts the stop off, up to the last time the template gives', async () => {
  await setTemplate({ activity_bump_ms: hour })
  const id = await running({ ttl_ms: hour })
  clock.advance(30 * 60_000)
  await noteActivity(server.context, id)
  const shown = await show(id)
  expect(shown.latest_build.deadline).toBe('2026-06-01T09:30:00.000Z')
  expect(shown.last_used_at).toBe('2026-06-01T08:30:00.000Z')
  const { db } = server.context
  const last = new Date('2026-06-01T09:40:00Z')
  await db.updateTable('workspace_builds').set({ max_deadline: last }).where('id', '=', shown.latest_build.id).execute()
  clock.advance(30 * 60_000)
  await noteActivity(server.context, id)
  expect((await show(id)).latest_build.deadline).toBe('2026-06-01T09:40:00.000Z')
})

test('two rounds at once do the work of one', async () => {
  const ids = await Promise.all([running({ ttl_ms: hour }), running({ ttl_ms: hour })])
  clock.advance(hour)
  await Promise.all([round(), round(), round()])
  for (const id of ids) expect((await settled(id)).build_number).toBe(3)
})

test('people are told of what schedules did', async () => {
  const { db } = server.context
  await db.deleteFrom('notification_messages').execute()
  await setTemplate({ time_til_dormant_ms: 48 * hour, time_til_dormant_autodelete_ms: 24 * hour })
  const id = await running()
  clock.advance(48 * hour)
  await round()
  await settled(id)
  const messages = () =>
    db
      .selectFrom('notification_messages')
      .selectAll()
      .where('targets', '@>', sql<string[]>`array[${id}::uuid]`)
      .execute()
  const kinds = async () => [...new Set((await messages()).map(({ template_id }) => template_id))]
  expect(await kinds()).toEqual([notificationTemplates.workspaceDormant.id])
  expect((await messages())[0]?.payload).toMatchObject({ labels: { timeTilDormant: '1 day' } })
  clock.advance(24 * hour)
  await round()
  await settled(id)
  expect(await kinds()).toContain(notificationTemplates.workspaceDeleted.id)
})
