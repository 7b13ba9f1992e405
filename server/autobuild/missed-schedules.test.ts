// Scheduled actions that were due while coderd was not running.

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { createClient } from '../../api/client.ts'
import { updateWorkspaceTtl } from '../../api/workspaces/workspace-schedules.ts'
import { getWorkspace } from '../../api/workspaces/workspaces.ts'
import { readConfig } from '../config.ts'
import { runServer } from '../main.ts'
import { fakeClock } from '../testing/fake-clock.ts'
import { createTestDatabase } from '../testing/postgres.ts'
import { build, createTemplate, createWorkspace, until, waitForBuild } from '../testing/workspace-fixtures.ts'
import { createKey } from '../users/api-keys.ts'
import { findOrCreateOwner } from '../users/users.ts'

test('a workspace whose deadline passed while coderd was stopped is stopped at the next start', async () => {
  const database = await createTestDatabase()
  const dataDir = mkdtempSync(join(tmpdir(), 'coder-local-test-'))
  const config = readConfig(
    { dataDir, httpAddress: '127.0.0.1:0', postgresUrl: database.url, logLevel: 'error' },
    { HOME: process.env.HOME },
  )
  const clock = fakeClock('2026-06-01T08:00:00Z')
  const first = await runServer(config, undefined, clock)
  const { id: userId } = await findOrCreateOwner(first.context)
  const token = await createKey(first.context.db, {
    userId,
    loginType: 'password',
    lifetimeSeconds: 3600,
    ip: '127.0.0.1',
  })
  const client = createClient({ baseUrl: first.url, token, timeoutMs: 20_000 })
  const { id: templateId } = await createTemplate(client, 'empty', { 'main.tf': 'resource "terraform_data" "x" {}' })
  const { id, latest_build } = await createWorkspace(client, templateId, 'one')
  await waitForBuild(client, latest_build.id)
  await client.call(updateWorkspaceTtl, { params: { workspace: id }, body: { ttl_ms: 3_600_000 } })
  await build(client, id, 'start')
  await first.stop()
  clock.set('2026-06-02T07:00:00Z')
  const second = await runServer(config, undefined, clock)
  const again = createClient({ baseUrl: second.url, token, timeoutMs: 20_000 })
  const stopped = await until('the stop', async () => {
    const { latest_build: latest } = await again.call(getWorkspace, { params: { workspace: id } })
    return latest.status === 'stopped' && latest
  })
  expect(stopped).toMatchObject({ build_number: 3, reason: 'autostop' })
  await second.stop()
  await database.drop()
  rmSync(dataDir, { recursive: true, force: true })
})
