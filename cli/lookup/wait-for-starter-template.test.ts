import { expect, test } from 'vitest'
import { ApiError } from '../../api/errors.ts'
import { getThisComputer } from '../../api/local.ts'
import { startProvisioners } from '../../server/provisioner/daemon.ts'
import { ensureStarterTemplates } from '../../server/templates/starter-templates.ts'
import { startTestServer } from '../../server/testing/start-test-server.ts'
import { until } from '../../server/testing/workspace-fixtures.ts'
import type { Connection } from '../connection/connect.ts'
import { createCliUser } from '../testing/run-coder.ts'
import { waitForStarterTemplate } from './wait-for-starter-template.ts'

test('creating a workspace waits for the import of the starter template', async () => {
  const server = await startTestServer({ provisionerDaemons: '0' })
  const cliUser = createCliUser({ CODER_CONFIG_DIR: server.dataDir })
  await ensureStarterTemplates(server.context)
  const creating = cliUser.coder(['create', 'early', '-t', 'this-computer', '--no-wait', '--yes'])
  await until('the command line to have found no template', async () => server.statuses.has('GET /api/v2/templates'))
  const { config } = server.context
  const provisioners = await startProvisioners({ ...server.context, config: { ...config, provisionerDaemons: 1 } })
  const { status, stdout, stderr } = await creating
  expect([status, stdout, stderr]).toEqual([
    0,
    'early is being created.\n',
    expect.stringContaining('Waiting for the import of its template this-computer'),
  ])
  await provisioners.close()
  await server.close()
  cliUser.remove()
})

test("there is nothing to wait for on Coder's server, which answers this endpoint with a dashboard page", async () => {
  const page = new ApiError(200, 'The response is not from a Coder deployment.')
  const call = async (endpoint: unknown) => {
    expect(endpoint).toBe(getThisComputer)
    throw page
  }
  const connection = { client: { call } } as unknown as Connection
  await expect(waitForStarterTemplate(connection)).resolves.toBeUndefined()
})
