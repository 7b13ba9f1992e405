// Restarting workspaces when coderd starts after a reboot.

import { afterAll, beforeAll, expect, test } from 'vitest'
import { getWorkspace } from '../../api/workspaces/workspaces.ts'
import { readMachineId } from '../../lib/machine-id.ts'
import { readBootId } from '../../lib/process-identity.ts'
import { templateWithAgent } from '../testing/agent-templates.ts'
import { startTestServer, type TestServer } from '../testing/start-test-server.ts'
import { createTemplate, createWorkspace, waitForBuild } from '../testing/workspace-fixtures.ts'
import { restartAfterReboot } from './restart-after-reboot.ts'

let server: TestServer
let templateId: string
beforeAll(async () => {
  server = await startTestServer()
  const template = await createTemplate(server.client, 'agents', { 'main.tf': templateWithAgent() })
  templateId = template.id
})
afterAll(() => server.close())

let names = 0

/** Creates a workspace whose agent ran on this computer during the boot with this ID. */
async function createInBoot(bootId: string): Promise<string> {
  const { id, latest_build } = await createWorkspace(server.client, templateId, `one-${++names}`)
  await waitForBuild(server.client, latest_build.id)
  const agents = server.context.db
    .selectFrom('workspace_resources as resource')
    .innerJoin('workspace_builds as build', 'build.job_id', 'resource.job_id')
    .where('build.workspace_id', '=', id)
    .select('resource.id')
  await server.context.db
    .updateTable('workspace_agents')
    .set({ process_pid: 1, process_started_at: '1', boot_id: bootId, machine_id: readMachineId() })
    .where('resource_id', 'in', agents)
    .execute()
  return id
}

const latestBuild = async (workspace: string) =>
  (await server.client.call(getWorkspace, { params: { workspace } })).latest_build

test('workspaces that a reboot terminated are restarted exactly once', async () => {
  const id = await createInBoot('an earlier boot')
  await restartAfterReboot(server.context)
  const again = await latestBuild(id)
  expect(again).toMatchObject({ build_number: 2, transition: 'start', reason: 'autostart' })
  await waitForBuild(server.client, again.id)
  await restartAfterReboot(server.context)
  expect((await latestBuild(id)).build_number).toBe(2)
})

test('two concurrent coderds restart a workspace once', async () => {
  const id = await createInBoot('an earlier boot')
  await Promise.all([restartAfterReboot(server.context), restartAfterReboot(server.context)])
  expect((await latestBuild(id)).build_number).toBe(2)
})

test('workspaces that exited otherwise, are dormant or are due to stop are not restarted', async () => {
  const { db } = server.context
  const exited = await createInBoot(readBootId())
  const [dormant, due] = [await createInBoot('an earlier boot'), await createInBoot('an earlier boot')]
  await db.updateTable('workspaces').set({ dormant_at: new Date() }).where('id', '=', dormant).execute()
  const past = new Date(Date.now() - 1_000)
  await db.updateTable('workspace_builds').set({ deadline: past }).where('workspace_id', '=', due).execute()
  await restartAfterReboot(server.context)
  for (const id of [exited, dormant, due]) expect((await latestBuild(id)).build_number).toBe(1)
})
