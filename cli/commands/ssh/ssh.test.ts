// `coder ssh` and its ProxyCommand with the real OpenSSH client, coderd, agent and relay.

import { spawn } from 'node:child_process'
import { createHash, randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { listUsers } from '../../../api/account/users.ts'
import type { WorkspaceBuild } from '../../../api/workspaces/builds.ts'
import { getWorkspace } from '../../../api/workspaces/workspaces.ts'
import { requires } from '../../../lib/testing/requirements.ts'
import { type RunningAgent, startAgent } from '../../../server/agents/testing/terminal-harness.ts'
import { templateWithAgent } from '../../../server/testing/agent-templates.ts'
import { startTestServer, type TestServer } from '../../../server/testing/start-test-server.ts'
import {
  agentsOf,
  build,
  createTemplate,
  createWorkspace,
  expectSuccess,
  until,
  waitForAgent,
  waitForBuild,
} from '../../../server/testing/workspace-fixtures.ts'
import { ownCommand } from '../../launch/entrypoints.ts'
import { PtyProcess } from '../../testing/pty-process.ts'
import { createCliUser, type Outcome } from '../../testing/run-coder.ts'
import { proxyCommandLine } from './openssh-client.ts'

const user = createCliUser()
let server: TestServer
let workspaceId: string
let agent: RunningAgent
let config: string

beforeAll(async () => {
  server = await startTestServer()
  const { id } = await createTemplate(server.client, 'ssh', { 'main.tf': templateWithAgent() })
  const workspace = await createWorkspace(server.client, id, 'dev')
  workspaceId = workspace.id
  await startAgentOf(await waitForBuild(server.client, workspace.latest_build.id))
  config = join(user.home, 'ssh_config')
  writeFileSync(
    config,
    `Host *
  ProxyCommand ${proxyCommandLine(ownCommand('--global-config', server.dataDir, 'ssh', '--stdio', '--ssh-host-prefix', 'coder.', '%h')).replaceAll('%%', '%')}
  StrictHostKeyChecking no
  UserKnownHostsFile /dev/null
  LogLevel ERROR
`,
  )
}, 60_000)
afterAll(async () => {
  await agent?.stop()
  await server?.close()
  user.remove()
})

async function startAgentOf(finished: WorkspaceBuild): Promise<void> {
  const [{ id } = { id: '' }] = agentsOf(await expectSuccess(server.client, finished))
  agent = startAgent(server.url, { token: await server.agentToken(id) })
  await waitForAgent(server.client, workspaceId)
}

const environment = () => ({ CODER_CONFIG_DIR: server.dataDir })
const coder = (args: readonly string[], input = ''): Promise<Outcome> => user.coder(args, environment(), input)

/** A program of OpenSSH with our ProxyCommand. */
const run = (program: string, args: readonly string[], input: string | Buffer = '', file = config) =>
  new Promise<Outcome>((resolve, reject) => {
    const child = spawn(program, ['-F', file, ...args], {
      cwd: user.home,
      env: { PATH: process.env.PATH, HOME: user.home },
    })
    const output = { stdout: '', stderr: '' }
    for (const name of ['stdout', 'stderr'] as const)
      child[name].setEncoding('latin1').on('data', (text: string) => (output[name] += text))
    child.stdin.on('error', () => undefined)
    child.stdin.end(input)
    child.once('error', reject)
    child.once('close', (status) => resolve({ status, ...output }))
  })

const sha = (data: string | Buffer) => createHash('sha256').update(data).digest('hex')

describe('the ProxyCommand', requires('ssh'), () => {
  test('runs a command with its output, input and exit status', async () => {
    const outcome = await run('ssh', ['coder.dev', 'cat; echo $CODER_WORKSPACE_NAME >&2; exit 7'], 'input')
    expect(outcome).toEqual({ status: 7, stdout: 'input', stderr: 'dev\n' })
  })

  test('copies megabytes in both directions unchanged', async () => {
    const input = randomBytes(8_000_000)
    const { stdout } = await run('ssh', ['coder.me--dev.main', 'cat'], input)
    expect(sha(Buffer.from(stdout, 'latin1'))).toBe(sha(input))
  })

  test('transfers files with sftp and scp', requires('sftp', 'scp'), async () => {
    const bytes = randomBytes(1_000_000)
    const folder = join(user.home, 'remote')
    mkdirSync(folder)
    writeFileSync(join(user.home, 'file'), bytes)
    expect(await run('scp', ['file', `coder.dev:${folder}/with-scp`])).toMatchObject({ status: 0, stderr: '' })
    expect(await run('sftp', ['-b', '-', 'coder.dev'], `put file ${folder}/with-sftp\n`)).toMatchObject({ status: 0 })
    for (const name of ['with-scp', 'with-sftp']) expect(sha(readFileSync(join(folder, name)))).toBe(sha(bytes))
  })

  test('reports an unknown workspace on stderr', async () => {
    const { status, stderr } = await run('ssh', ['coder.otter', 'true'])
    expect(status).toBe(255)
    expect(stderr).toContain('Workspace otter not found.')
  })
})

describe('coder config-ssh', requires('ssh'), () => {
  test('configures the host names of workspaces, repeatedly, without changing other sections', async () => {
    const file = join(user.home, '.ssh', 'config')
    mkdirSync(join(user.home, '.ssh'))
    const mine = 'Host other\n  Port 2222\n'
    writeFileSync(file, mine, { mode: 0o640 })
    const configure = (...args: string[]) => coder(['config-ssh', '--ssh-config-file', file, ...args])
    expect((await configure('--dry-run')).stdout).toContain('Host coder.*\n')
    expect(readFileSync(file, 'utf8')).toBe(mine)
    expect(await configure('--yes', '-o', 'SetEnv=FROM_CONFIG=yes')).toMatchObject({ status: 0, stderr: '' })
    expect((await configure('--yes', '--use-previous-options')).stdout).toContain('is up to date')
    const text = readFileSync(file, 'utf8')
    expect(text.startsWith(mine)).toBe(true)
    expect(text).not.toContain(server.token)
    expect(statSync(file).mode & 0o777).toBe(0o640)
    for (const host of ['coder.dev', 'dev.coder', 'main.dev.me.coder'])
      expect(await run('ssh', [host, 'echo $FROM_CONFIG; exit 4'], '', file)).toEqual({
        status: 4,
        stdout: 'yes\n',
        stderr: '',
      })
  })
})

describe('the flow of the VS Code extension', requires('ssh'), () => {
  const connectLikeExtension = (proxy: readonly string[], infoFolder: string) =>
    spawn(
      'ssh',
      ['-F', 'none', '-o', `ProxyCommand=${proxyCommandLine(proxy).replaceAll('%%', '%')}`]
        .concat(['-o', 'StrictHostKeyChecking=no', '-o', 'UserKnownHostsFile=/dev/null', '-o', 'LogLevel=ERROR'])
        .concat(['-o', 'SetEnv=CODER_SSH_SESSION_TYPE=vscode', '-o', 'ServerAliveInterval=10'])
        .concat(['any', 'echo ready; cat']),
      { cwd: infoFolder, env: { PATH: process.env.PATH, HOME: user.home } },
    )

  test.each(['ssh --stdio', 'vscodessh'])(
    '%s writes the network information while it is connected',
    async (command) => {
      const folder = join(user.home, command.replaceAll(' ', ''))
      mkdirSync(folder)
      const [owner] = (await server.client.call(listUsers)).users
      const host = `coder-vscode.127.0.0.1--${owner?.username}--dev.main`
      writeFileSync(join(folder, 'url'), `${server.url}\n`)
      writeFileSync(join(folder, 'session'), server.token)
      const proxy =
        command === 'vscodessh'
          ? ownCommand('vscodessh', '--url-file', join(folder, 'url'), '--session-token-file', join(folder, 'session'))
          : ownCommand('--url', server.url, '--token', server.token, 'ssh', '--stdio', '--usage-app=vscode', '-v')
      const info = join(folder, 'info')
      const options = ['--network-info-dir', info, '--network-info-interval', '50ms', '--log-dir', join(folder, 'logs')]
      const prefix = command === 'vscodessh' ? [] : ['--ssh-host-prefix', 'coder-vscode.127.0.0.1--']
      const child = connectLikeExtension([...proxy, ...options, ...prefix, host], folder)
      await once(child.stdout, 'data')
      const file = join(info, `${child.pid}.json`)
      const values = await until('the network information', () => existsSync(file) && readJson(file))
      expect(values).toEqual({
        p2p: false,
        latency: expect.any(Number),
        preferred_derp: 'Coder Local',
        derp_latency: { 'Coder Local': expect.any(Number) },
        upload_bytes_sec: expect.any(Number),
        download_bytes_sec: expect.any(Number),
        using_coder_connect: false,
      })
      expect(values.latency).toBeGreaterThan(0)
      child.stdin.end()
      expect((await once(child, 'exit'))[0]).toBe(0)
      await until('the removal of the file', () => !existsSync(file))
      const [log = ''] = readdirSync(join(folder, 'logs'))
      expect(readFileSync(join(folder, 'logs', log), 'utf8')).toContain('Connected.')
    },
  )
})

const readJson = (file: string) => JSON.parse(readFileSync(file, 'utf8')) as { latency: number }

describe('coder ssh', requires('ssh'), () => {
  test('runs a command with stdin and exits with its status', async () => {
    const outcome = await coder(
      ['ssh', '-e', 'GREETING=hello "you"', 'dev', '--', 'cat; echo "$GREETING"; exit 3'],
      'in ',
    )
    expect(outcome).toEqual({ status: 3, stdout: 'in hello "you"\n', stderr: '' })
  })

  test('opens a shell on a terminal of the size of this one', async () => {
    const terminal = new PtyProcess(['ssh', 'dev'], { cwd: user.home, env: environment() })
    try {
      await terminal.run('stty size', '25 90')
      terminal.resize(70, 20)
      await terminal.run('stty size', '20 70')
      terminal.type('exit 5\r')
      expect(await terminal.waitForExit()).toMatchObject({ code: 5 })
    } finally {
      terminal.close()
    }
  })

  test('starts a stopped workspace, unless that is disabled', async () => {
    await agent.stop()
    await build(server.client, workspaceId, 'stop')
    const refused = await coder(['ssh', '--disable-autostart', 'dev', 'true'])
    expect(refused).toMatchObject({ status: 1, stdout: '' })
    expect(refused.stderr).toContain('Workspace dev is stopped.')
    expect(refused.stderr).toContain('coder start dev')

    const session = coder(['ssh', 'dev', 'echo started'])
    const isStarted = async () => {
      const { latest_build } = await server.client.call(getWorkspace, { params: { workspace: workspaceId } })
      return latest_build.transition === 'start' && latest_build.status === 'running' ? latest_build : null
    }
    const started = await until('the start of the workspace', isStarted)
    expect(started.reason).toBe('ssh_connection')
    await startAgentOf(started)
    expect(await session).toMatchObject({ status: 0, stdout: 'started\n' })
  })
})
