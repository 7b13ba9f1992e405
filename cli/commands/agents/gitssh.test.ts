// Asserts the key that ssh receives, and that its file is removed.

import { readdirSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { getGitSshKey } from '../../../api/account/user-settings.ts'
import { requires } from '../../../lib/testing/requirements.ts'
import { templateWithAgent } from '../../../server/testing/agent-templates.ts'
import { startTestServer, type TestServer } from '../../../server/testing/start-test-server.ts'
import { agentsOf, createTemplate, createWorkspace, waitForBuild } from '../../../server/testing/workspace-fixtures.ts'
import { createCliUser } from '../../testing/run-coder.ts'

const cliUser = createCliUser()
let server: TestServer
beforeAll(async () => {
  server = await startTestServer()
})
afterAll(async () => {
  await server.close()
  cliUser.remove()
})

test('outside a workspace, the command fails', async () => {
  const { status, stderr } = await cliUser.coder(['gitssh', '--', 'git@example.com', 'true'])
  expect(status).toBe(1)
  expect(stderr).toContain('run it in a terminal of a workspace')
})

test(
  "ssh receives the owner's key in a temporary file, which is removed afterward",
  requires('ssh-keygen'),
  async () => {
    const template = await createTemplate(server.client, 'agent', { 'main.tf': templateWithAgent() })
    const workspace = await createWorkspace(server.client, template.id, 'git')
    const [agent] = agentsOf(await waitForBuild(server.client, workspace.latest_build.id))
    const token = await server.agentToken(agent?.id ?? '')
    writeFileSync(join(cliUser.home, 'ssh'), '#!/bin/sh\nssh-keygen -y -f "$2"\necho "$3 $4"\n', { mode: 0o755 })
    const env = { PATH: `${cliUser.home}:${process.env.PATH}`, CODER_AGENT_URL: server.url, CODER_AGENT_TOKEN: token }
    const { status, stdout, stderr } = await cliUser.coder(['gitssh', '--', 'git@example.com', 'git-upload-pack'], env)
    const { public_key } = await server.client.call(getGitSshKey, { params: { user: 'me' } })
    const [type, key] = public_key.split(' ')
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
    expect(stdout).toMatch(new RegExp(`^${type} ${key?.replaceAll('+', '\\+')}`))
    expect(stdout).toContain('git@example.com git-upload-pack')
    expect(listKeyFolders()).toEqual([])
  },
)

const listKeyFolders = () => readdirSync(tmpdir()).filter((name) => name.startsWith('coder-gitssh-'))

test('with an invalid agent token, ssh is not run and no key is written', async () => {
  writeFileSync(join(cliUser.home, 'ssh'), '#!/bin/sh\necho "ssh was run"\n', { mode: 0o755 })
  const env = {
    PATH: `${cliUser.home}:${process.env.PATH}`,
    CODER_AGENT_URL: server.url,
    CODER_AGENT_TOKEN: '00000000-0000-4000-8000-000000000000',
  }
  const { status, stdout } = await cliUser.coder(['gitssh', '--', 'git@example.com', 'true'], env)
  expect(status).toBe(1)
  expect(stdout).not.toContain('ssh was run')
  expect(listKeyFolders()).toEqual([])
})
