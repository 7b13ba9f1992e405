// The first seconds of a deployment, in which its template is not there yet.

import { expect, test } from 'vitest'
import { ApiError } from '../../api/errors.ts'
import { getThisComputer } from '../../api/local.ts'
import { startProvisioners } from '../../server/provisioner/daemon.ts'
import { ensureStarterTemplates } from '../../server/templates/starter-templates.ts'
import { until } from '../../server/testing/scenes.ts'
import { startTestServer } from '../../server/testing/start-test-server.ts'
import type { Connection } from '../connection/connect.ts'
import { sitDown } from '../testing/run-coder.ts'
import { awaitStarterTemplate } from './await-starter-template.ts'

test('a workspace that is asked for while the template is imported is made when it is', async () => {
  const server = await startTestServer({ provisionerDaemons: '0' })
  const person = sitDown({ CODER_CONFIG_DIR: server.dataDir })
  await ensureStarterTemplates(server.context)
  const creating = person.coder(['create', 'early', '-t', 'this-computer', '--no-wait', '--yes'])
  await until('the command line to have found no template', async () => server.statuses.has('GET /api/v2/templates'))
  const { config } = server.context
  const provisioners = await startProvisioners({ ...server.context, config: { ...config, provisionerDaemons: 1 } })
  const { status, stdout, stderr } = await creating
  expect([status, stdout, stderr]).toEqual([
    0,
    'early is being built.\n',
    expect.stringContaining('waiting until its template this-computer is imported'),
  ])
  await provisioners.close()
  await server.close()
  person.leave()
})

test("there is nothing to wait for on Coder's server, which answers this endpoint with a dashboard page", async () => {
  const page = new ApiError(200, 'This is not the answer of a deployment.')
  const call = async (endpoint: unknown) => {
    expect(endpoint).toBe(getThisComputer)
    throw page
  }
  const connection = { client: { call } } as unknown as Connection
  await expect(awaitStarterTemplate(connection)).resolves.toBeUndefined()
})
