// Resource monitors: from the template to the agent's manifest, and from measurements to notifications.

import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { monitorResources } from '../../agent/services/resource-monitors.ts'
import { listInboxNotifications } from '../../api/account/notifications.ts'
import type { Client } from '../../api/client.ts'
import { getManifest, reportResources } from '../../api/local.ts'
import { notificationTemplates } from '../notifications/templates.ts'
import { templateWithAgent } from '../testing/agent-templates.ts'
import { type FakeClock, fakeClock } from '../testing/fake-clock.ts'
import { startTestServer, type TestServer } from '../testing/start-test-server.ts'
import {
  agentsOf,
  createTemplate,
  createWorkspace,
  expectSuccess,
  importVersion,
  until,
  waitForBuild,
} from '../testing/workspace-fixtures.ts'
import { isAlarming, sampling } from './resource-monitors.ts'

let server: TestServer
let clock: FakeClock
beforeAll(async () => {
  clock = fakeClock('2026-06-01T08:00:00Z')
  server = await startTestServer({}, { ...clock, after: () => () => undefined })
})
afterAll(() => server.close())
beforeEach(() => clock.set('2026-06-01T08:00:00Z'))

/** Creates a workspace with these monitors, and a client with the token of its agent. */
async function agentWith(name: string, monitors: string): Promise<{ workspaceId: string; agent: Client }> {
  const template = await createTemplate(server.client, name, {
    'main.tf': templateWithAgent({ agentArguments: monitors }),
  })
  const { id, latest_build } = await createWorkspace(server.client, template.id, name)
  const build = await expectSuccess(server.client, await waitForBuild(server.client, latest_build.id))
  return { workspaceId: id, agent: server.clientWith(await server.agentToken(agentsOf(build)[0]?.id ?? '')) }
}

const findAlarms = async (workspaceId: string) =>
  (await server.client.call(listInboxNotifications, { query: { targets: workspaceId } })).notifications
    .filter(({ title }) => title.includes('low on'))
    .map(({ template_id, title, content }) => ({ template_id, title, content }))

/** Waits until all queued notifications are sent. */
const waitForNotifications = () =>
  until('the notifications to be sent', async () => {
    const { left } = await server.context.db
      .selectFrom('notification_messages')
      .select((eb) => eb.fn.countAll<number>().as('left'))
      .where('status', 'in', ['pending', 'leased'])
      .executeTakeFirstOrThrow()
    return Number(left) === 0
  })

/** Samples above and below the thresholds. */
const createSamples = (above: number, below: number) => {
  const sample = (share: number) => ({
    memory: { used: share * 100, total: 100 },
    volumes: [
      { path: '/home', used: share * 100, total: 100 },
      { path: '/var', used: 0, total: 100 },
    ],
  })
  return [...Array(above).fill(sample(0.9)), ...Array(below).fill(sample(0.1))]
}

const monitors = `
  resources_monitoring {
    memory {
      enabled   = true
      threshold = 80
    }
    volume {
      path      = "/home"
      enabled   = true
      threshold = 90
    }
    volume {
      path      = "/var"
      enabled   = true
      threshold = 50
    }
    volume {
      path      = "/opt"
      enabled   = false
      threshold = 50
    }
  }`

test('a fifth of the measurements above the threshold triggers an alarm, and none clears it', () => {
  const measured = (above: number, below: number, failed = 0) => [
    ...Array(above).fill({ used: 8, total: 10 }),
    ...Array(below).fill({ used: 7, total: 10 }),
    ...Array(failed).fill(null),
  ]
  expect(isAlarming(measured(4, 16), 80, false)).toBe(true)
  expect(isAlarming(measured(3, 17), 80, false)).toBe(false)
  expect(isAlarming(measured(3, 17), 80, true)).toBe(true)
  expect(isAlarming(measured(0, 20), 80, true)).toBe(false)
  // Failed measurements do not clear an alarm.
  expect(isAlarming(measured(0, 19, 1), 80, true)).toBe(true)
  expect(isAlarming(measured(0, 0, 20), 80, false)).toBe(false)
})

test('the manifest contains the monitors of the template, if any', async () => {
  const { agent } = await agentWith('watched', monitors)
  expect((await agent.call(getManifest)).monitors).toEqual({
    every_ms: sampling.everyMs,
    count: sampling.count,
    memory: true,
    volumes: ['/home', '/var'],
  })
  const unwatched = await agentWith('unwatched', '')
  expect((await unwatched.agent.call(getManifest)).monitors).toBe(null)
  await unwatched.agent.call(reportResources, { body: { samples: createSamples(20, 0) } })
  await waitForNotifications()
  expect(await findAlarms(unwatched.workspaceId)).toEqual([])
})

test('the owner is notified once per alarm, and at most every half hour', async () => {
  const { workspaceId, agent } = await agentWith('alarmed', monitors)
  const report = async (above: number, below: number) => {
    await agent.call(reportResources, { body: { samples: createSamples(above, below) } })
    await waitForNotifications()
  }
  await report(3, 17)
  expect(await findAlarms(workspaceId)).toEqual([])

  await report(4, 16)
  await report(5, 15)
  const { workspaceOutOfMemory: memory, workspaceOutOfDisk: disk } = notificationTemplates
  const alarms = await findAlarms(workspaceId)
  expect(alarms.map(({ template_id }) => template_id).sort()).toEqual([memory.id, disk.id].sort())
  expect(alarms.find(({ template_id }) => template_id === memory.id)?.content).toContain('80%')
  const diskAlarm = alarms.find(({ template_id }) => template_id === disk.id)?.content
  expect(diskAlarm).toContain('/home')
  expect(diskAlarm).not.toContain('/var')

  // A new alarm within half an hour is not notified.
  clock.advance(10 * 60_000)
  await report(0, 20)
  await report(20, 0)
  expect(await findAlarms(workspaceId)).toHaveLength(2)
  clock.advance(20 * 60_000)
  await report(0, 20)
  await report(20, 0)
  expect(await findAlarms(workspaceId)).toHaveLength(4)
})

test('measurements of the agent notify its owner', async () => {
  const { workspaceId, agent } = await agentWith(
    'measured',
    `resources_monitoring {
      memory {
        enabled   = true
        threshold = 0
      }
      volume {
        path      = "/tmp"
        enabled   = true
        threshold = 0
      }
    }`,
  )
  const { monitors: configured } = await agent.call(getManifest)
  const stopping = new AbortController()
  try {
    monitorResources(
      configured && { ...configured, every_ms: 5 },
      async (samples) => void (await agent.call(reportResources, { body: { samples } })),
      stopping.signal,
    )
    await until('two alarms', async () => (await findAlarms(workspaceId)).length === 2)
  } finally {
    stopping.abort()
  }
})

test.each([
  ['a threshold above 100', 'memory {\n enabled = true\n threshold = 101\n }', 'percentage'],
  [
    'a volume twice',
    'volume {\n path = "/a"\n enabled = true\n threshold = 1\n }\n volume {\n path = "/a"\n enabled = true\n threshold = 2\n }',
    'monitored twice',
  ],
  ['a relative path', 'volume {\n path = "a"\n enabled = true\n threshold = 1\n }', 'absolute'],
])('the import of a template with %s fails', async (_name, blocks, reason) => {
  const files = { 'main.tf': templateWithAgent({ agentArguments: `resources_monitoring {\n${blocks}\n}` }) }
  await expect(importVersion(server.client, files)).rejects.toThrow(reason)
})
