// `coder gitssh`: the key that ssh receives, the removal of its file, and Git over a real sshd in a workspace.

import { execFileSync } from 'node:child_process'
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { tmpdir, userInfo } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { getGitSshKey, regenerateGitSshKey } from '../../../api/account/user-settings.ts'
import type { Workspace } from '../../../api/workspaces/workspaces.ts'
import { shellQuoted } from '../../../lib/shell-quoted.ts'
import { requires } from '../../../lib/testing/requirements.ts'
import { type Sshd, startSshd } from '../../../lib/testing/sshd.ts'
import { type RunningAgent, startAgent } from '../../../server/agents/testing/terminal-harness.ts'
import { templateWithAgent } from '../../../server/testing/agent-templates.ts'
import { startTestServer, type TestServer } from '../../../server/testing/start-test-server.ts'
import {
  agentsOf,
  createTemplate,
  createWorkspace,
  waitForAgent,
  waitForBuild,
} from '../../../server/testing/workspace-fixtures.ts'
import { ownCommand } from '../../launch/entrypoints.ts'
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
    writeFileSync(
      join(cliUser.home, 'ssh'),
      '#!/bin/sh\n[ "$1" = -G ] && exit\nssh-keygen -y -f "$2"\necho "$3 $4"\n',
      { mode: 0o755 },
    )
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

describe('Git in a workspace', requires('git', 'ssh', 'sshd', 'ssh-keygen'), () => {
  let agent: RunningAgent
  let sshd: Sshd
  let workspace: Workspace

  beforeAll(async () => {
    const template = await createTemplate(server.client, 'git', { 'main.tf': templateWithAgent() })
    workspace = await createWorkspace(server.client, template.id, 'dev')
    const [found] = agentsOf(await waitForBuild(server.client, workspace.latest_build.id))
    const { public_key } = await server.client.call(getGitSshKey, { params: { user: 'me' } })
    sshd = await startSshd([public_key])
    const bin = join(cliUser.home, 'bin')
    mkdirSync(bin)
    // The host key of this sshd is unknown, and ssh does not look up its configuration in $HOME.
    const isUnverified = '-o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null -o LogLevel=ERROR'
    const ssh = execFileSync('sh', ['-c', 'command -v ssh'], { encoding: 'utf8' }).trim()
    writeFileSync(join(bin, 'ssh'), `#!/bin/sh\nexec ${ssh} -F none ${isUnverified} "$@"\n`, { mode: 0o755 })
    const coder = ownCommand().map(shellQuoted).join(' ')
    writeFileSync(join(bin, 'coder'), `#!/bin/sh\nexec ${coder} "$@"\n`, { mode: 0o755 })
    agent = startAgent(server.url, {
      token: await server.agentToken(found?.id ?? ''),
      env: { PATH: `${bin}:${process.env.PATH}` },
    })
    await waitForAgent(server.client, workspace.id)
  }, 60_000)
  afterAll(async () => {
    await agent?.stop()
    sshd?.stop()
  })

  const inWorkspace = (command: string) => cliUser.coder(['ssh', 'dev', command], { CODER_CONFIG_DIR: server.dataDir })

  test("clones, commits and pushes with the owner's key, which another key does not replace", async () => {
    const repository = join(cliUser.home, 'repository.git')
    execFileSync('git', ['init', '-q', '--bare', '-b', 'main', repository])
    const address = `ssh://${userInfo().username}@127.0.0.1:${sshd.port}${repository}`
    const folder = join(cliUser.home, 'clone')
    const identity = '-c user.name=a -c user.email=a@example.com'
    const script = [
      `git clone -q ${address} ${folder}`,
      `cd ${folder}`,
      `git ${identity} commit -q --allow-empty -m first`,
      'git push -q origin HEAD:main',
      'git ls-remote origin main',
    ].join(' && ')
    expect(await inWorkspace(script)).toMatchObject({
      status: 0,
      stdout: expect.stringMatching(/\trefs\/heads\/main\n$/),
    })
    expect(listKeyFolders()).toEqual([])
    await server.client.call(regenerateGitSshKey, { params: { user: 'me' } })
    const rejected = await inWorkspace(`cd ${folder} && git ls-remote origin`)
    expect(rejected.status).not.toBe(0)
    expect(rejected.stderr).toContain('Permission denied')
    expect(rejected.stderr).toContain('register it there')
  })
})
