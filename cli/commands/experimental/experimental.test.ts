// `coder exp mcp`, driven like an MCP client does, and `coder exp rpty`, with a real coderd and a real agent.

import { spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { getWorkspace, type Workspace } from '../../../api/workspaces/workspaces.ts'
import { type RunningAgent, startAgent } from '../../../server/agents/testing/terminal-harness.ts'
import { appBlock, templateWithAgent } from '../../../server/testing/agent-templates.ts'
import { startTestServer, type TestServer } from '../../../server/testing/start-test-server.ts'
import {
  agentsOf,
  createTemplate,
  createWorkspace,
  expectSuccess,
  until,
  waitForAgent,
  waitForBuild,
} from '../../../server/testing/workspace-fixtures.ts'
import { createCliUser, type Outcome } from '../../testing/run-coder.ts'

const template = templateWithAgent({
  blocks: `
  data "coder_parameter" "size" {
    name    = "size"
    type    = "number"
    default = 1
    mutable = true
  }
  ${appBlock('tool', 'http://127.0.0.1:1')}`,
})

const cliUser = createCliUser()
let server: TestServer
let versionId: string
let workspace: Workspace
let agentToken: string
let agent: RunningAgent

beforeAll(async () => {
  server = await startTestServer()
  const { id, active_version_id } = await createTemplate(server.client, 'handy', { 'main.tf': template })
  versionId = active_version_id
  workspace = await createWorkspace(server.client, id, 'otter')
  const build = await expectSuccess(server.client, await waitForBuild(server.client, workspace.latest_build.id))
  agentToken = await server.agentToken(agentsOf(build)[0]?.id ?? '')
  agent = startAgent(server.url, { token: agentToken })
  await waitForAgent(server.client, workspace.id)
})
afterAll(async () => {
  await agent.stop()
  await server.close()
  cliUser.remove()
})

const coder = (args: readonly string[], env: NodeJS.ProcessEnv = {}, input = ''): Promise<Outcome> =>
  cliUser.coder(args, { CODER_CONFIG_DIR: server.dataDir, ...env }, input)

interface Answer {
  readonly id: number | null
  readonly result?: Record<string, unknown> & { content?: { text: string }[]; isError?: boolean }
  readonly error?: { code: number; message: string }
}

const request = (id: number, method: string, params?: object) => JSON.stringify({ jsonrpc: '2.0', id, method, params })

/** The responses to these lines, by id. */
async function exchange(lines: readonly string[], args: readonly string[] = [], env: NodeJS.ProcessEnv = {}) {
  const { status, stdout, stderr } = await coder(['exp', 'mcp', 'server', ...args], env, `${lines.join('\n')}\n`)
  expect({ status, stderr }).toMatchObject({ status: 0 })
  const answers = stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Answer)
  return new Map(answers.map((answer) => [answer.id, answer]))
}

/** The result of a tool call. */
async function callTool(name: string, input: object = {}): Promise<{ text: string; isError: boolean }> {
  const answer = (await exchange([request(1, 'tools/call', { name, arguments: input })])).get(1)
  return { text: answer?.result?.content?.[0]?.text ?? '', isError: answer?.result?.isError ?? false }
}

const read = async (name: string, input: object = {}) => JSON.parse((await callTool(name, input)).text)

describe('the protocol', () => {
  test('initializes, lists its tools with their schemas, and answers pings', async () => {
    const answers = await exchange(
      [
        request(1, 'initialize', { protocolVersion: '2025-03-26', capabilities: {}, clientInfo: { name: 'test' } }),
        JSON.stringify({ jsonrpc: '2.0', method: 'notifications/initialized' }),
        request(2, 'tools/list'),
        request(3, 'ping'),
      ],
      ['--instructions', 'Be brief.'],
    )
    expect(answers.get(1)?.result).toMatchObject({
      protocolVersion: '2025-03-26',
      capabilities: { tools: {} },
      serverInfo: { name: 'Coder Local' },
      instructions: 'Be brief.',
    })
    const tools = (answers.get(2)?.result?.tools ?? []) as { name: string; inputSchema: object }[]
    expect(tools.map(({ name }) => name)).toEqual(
      expect.arrayContaining(['coder_list_workspaces', 'coder_create_workspace_build', 'coder_workspace_bash']),
    )
    expect(tools.find(({ name }) => name === 'coder_create_workspace')?.inputSchema).toMatchObject({
      type: 'object',
      required: ['name', 'template_version_id'],
      properties: { rich_parameters: { type: 'object', additionalProperties: { type: 'string' } } },
    })
    // Reporting needs --app-status-slug.
    expect(tools.map(({ name }) => name)).not.toContain('coder_report_task')
    expect(answers.get(3)?.result).toEqual({})
  })

  test('rejects malformed requests, unknown methods and tools, and invalid arguments', async () => {
    const answers = await exchange([
      '{"jsonrpc":',
      '[]',
      request(1, 'resources/list'),
      request(2, 'tools/call', { name: 'coder_fly' }),
      request(3, 'tools/call', { name: 'coder_get_workspace', arguments: {} }),
      request(4, 'tools/call', {
        name: 'coder_create_workspace_build',
        arguments: { workspace_id: 'otter', transition: 'explode' },
      }),
      request(5, 'tools/call', { name: 'coder_get_workspace', arguments: { workspace_id: 'badger' } }),
    ])
    expect(answers.get(null)?.error?.code).toBeLessThan(-32_000)
    expect(answers.get(1)?.error).toEqual({ code: -32_601, message: 'Method resources/list not found.' })
    expect(answers.get(2)?.error).toEqual({ code: -32_602, message: 'Tool coder_fly not found.' })
    const resultOf = (id: number) => answers.get(id)?.result
    expect(resultOf(3)).toEqual({ content: [{ type: 'text', text: 'workspace_id is missing.' }], isError: true })
    expect(resultOf(4)?.content?.[0]?.text).toBe('transition must be one of start, stop, delete.')
    expect(resultOf(5)).toMatchObject({ isError: true })
    expect(resultOf(5)?.content?.[0]?.text).toContain('Workspace badger not found.')
  })

  test('offers only the allowed tools', async () => {
    const tools = ['coder_list_workspaces', 'coder_list_templates']
    const answers = await exchange([request(1, 'tools/list')], ['--allowed-tools', tools.join(',')])
    expect(answers.get(1)?.result?.tools).toHaveLength(2)
    const { status, stderr } = await coder(['exp', 'mcp', 'server', '--allowed-tools', 'coder_fly'])
    expect({ status, stderr }).toEqual({ status: 1, stderr: expect.stringContaining('Tool coder_fly not found.') })
  })
})

describe('a tool', () => {
  test('reads the user, templates, their parameters, and workspaces', async () => {
    expect(await read('coder_get_authenticated_user')).toMatchObject({ roles: [{ name: 'owner' }] })
    expect(await read('coder_list_templates')).toEqual(
      expect.arrayContaining([expect.objectContaining({ name: 'handy', active_version_id: versionId })]),
    )
    expect(await read('coder_template_version_parameters', { template_version_id: versionId })).toMatchObject({
      parameters: [{ name: 'size', value: { value: '1' } }],
    })
    expect(await read('coder_list_workspaces')).toMatchObject([
      { name: 'otter', status: 'running', agents: [{ name: 'main', status: 'connected' }] },
    ])
    expect(await read('coder_get_workspace', { workspace_id: workspace.id })).toMatchObject({ name: 'otter' })
    expect(await read('coder_workspace_list_apps', { workspace: 'otter' })).toMatchObject([{ name: 'tool' }])
  })

  test('creates a template and a workspace, builds it and deletes both', async () => {
    const files = { 'main.tf': 'resource "terraform_data" "it" {\n  input = 1\n}\n' }
    const { file_id } = await read('coder_upload_tar_file', { files })
    const version = await read('coder_create_template_version', { file_id })
    const isImported = async () =>
      (await callTool('coder_create_template', { name: 'made', version_id: version.id })).isError === false
    await until('the import', isImported)
    expect((await callTool('coder_get_template_version_logs', { template_version_id: version.id })).text).toContain('[')

    const made = await read('coder_create_workspace', { name: 'beaver', template_version_id: version.id })
    await expectSuccess(server.client, await waitForBuild(server.client, made.latest_build_id))
    const logs = await callTool('coder_get_workspace_build_logs', { workspace_build_id: made.latest_build_id })
    expect(logs.text).toContain('terraform_data.it')
    const build = await read('coder_create_workspace_build', { workspace_id: 'beaver', transition: 'delete' })
    await expectSuccess(server.client, await waitForBuild(server.client, build.id))
    expect(await callTool('coder_delete_template', { template_id: made.template_id })).toEqual({
      text: 'The template was deleted.',
      isError: false,
    })
  })

  test('runs commands in a workspace and returns their exit status', async () => {
    const bash = (command: string, more: object = {}) =>
      read('coder_workspace_bash', { workspace: 'otter', command, ...more })
    expect(await bash('echo "it\'s $((20 + 22))"; echo wrong >&2; exit 3')).toEqual({
      output: "it's 42\nwrong",
      exit_code: 3,
    })
    expect(await bash('seq 1 2000 | tail -1; cat')).toEqual({ output: '2000', exit_code: 0 })
    expect(await bash('echo before; sleep 60', { timeout_ms: 300 })).toMatchObject({
      output: expect.stringContaining('before'),
      error: 'The command was interrupted after 300 ms.',
    })
    const file = join(cliUser.home, 'later')
    await bash(`sleep 0.3; echo done > '${file}'`, { background: true })
    await until('the background command', () => existsSync(file) && readFileSync(file, 'utf8') === 'done\n')
    expect(await callTool('coder_workspace_bash', { workspace: 'otter.elsewhere', command: 'true' })).toEqual({
      text: 'Workspace otter has no agent elsewhere.\n  Agents: main',
      isError: true,
    })
  })

  test('reports the status as the workspace, without a signed-in user', async () => {
    const elsewhere = { CODER_CONFIG_DIR: join(cliUser.home, 'nobody') }
    const env = { ...elsewhere, CODER_AGENT_URL: server.url, CODER_AGENT_TOKEN: agentToken }
    const report = { summary: 'Reading the code', link: 'https://example.com/pr/1', state: 'working' }
    const answers = await exchange(
      [request(1, 'tools/list'), request(2, 'tools/call', { name: 'coder_report_task', arguments: report })],
      [],
      { ...env, CODER_MCP_APP_STATUS_SLUG: 'tool' },
    )
    expect(answers.get(1)?.result?.tools).toHaveLength(1)
    expect(answers.get(2)?.result).toEqual({ content: [{ type: 'text', text: 'The status was reported.' }] })
    const { latest_app_status } = await server.client.call(getWorkspace, { params: { workspace: workspace.id } })
    expect(latest_app_status).toMatchObject({ state: 'working', message: 'Reading the code', uri: report.link })
    expect((await coder(['exp', 'mcp', 'server'], elsewhere)).stderr).toContain('You are not signed in')
  })
})

describe('configure', () => {
  const json = (...path: string[]) => JSON.parse(readFileSync(join(cliUser.home, ...path), 'utf8'))

  test('registers the server with Claude Desktop and Cursor, and keeps other settings', async () => {
    mkdirSync(join(cliUser.home, '.cursor'))
    writeFileSync(join(cliUser.home, '.cursor', 'mcp.json'), '{"mcpServers":{"other":{"command":"x"}},"theme":1}')
    expect(await coder(['exp', 'mcp', 'configure', 'cursor'])).toMatchObject({ status: 0 })
    const cursor = json('.cursor', 'mcp.json')
    expect(cursor).toMatchObject({ theme: 1, mcpServers: { other: { command: 'x' } } })
    const { command, args, env } = cursor.mcpServers.coder
    expect([command, ...args.slice(1)]).toEqual([process.execPath, 'exp', 'mcp', 'server'])
    expect(env).toEqual({ CODER_CONFIG_DIR: server.dataDir })

    await coder(['exp', 'mcp', 'configure', 'claude-desktop'])
    expect(json('Claude', 'claude_desktop_config.json').mcpServers.coder.args).toEqual(args)
  })

  test('registers the server with Claude Code for a project, once, with reporting', async () => {
    writeFileSync(join(cliUser.home, 'CLAUDE.md'), 'Mine.\n')
    const command = ['exp', 'mcp', 'configure', 'claude-code', join(cliUser.home, 'project')]
    const flags = ['--claude-md-path', join(cliUser.home, 'CLAUDE.md'), '--claude-app-status-slug', 'tool']
    flags.push('--claude-api-key', 'sk-of-nobody')
    for (const prompt of ['Old.', 'New.'])
      expect((await coder([...command, ...flags, '--claude-system-prompt', prompt])).status).toBe(0)
    expect(json('.claude.json')).toMatchObject({ primaryApiKey: 'sk-of-nobody', hasCompletedOnboarding: true })
    expect(json('.claude.json').projects[join(cliUser.home, 'project')]).toMatchObject({
      allowedTools: ['mcp__coder__coder_report_task'],
      mcpServers: { coder: { env: { CODER_MCP_APP_STATUS_SLUG: 'tool' } } },
    })
    const memory = readFileSync(join(cliUser.home, 'CLAUDE.md'), 'utf8')
    expect(memory).toMatch(
      /^<coder-prompt>\nCall [^<]+<\/coder-prompt>\n<system-prompt>\nNew\.\n<\/system-prompt>\nMine\.\n$/,
    )
  })

  test('does not modify a file with invalid JSON', async () => {
    const file = join(cliUser.home, 'broken.json')
    writeFileSync(file, '{"projects": ')
    const args = ['exp', 'mcp', 'configure', 'claude-code', '.', '--claude-config-path', file]
    expect(await coder(args)).toMatchObject({ status: 1, stderr: expect.stringContaining('was not modified') })
    expect(readFileSync(file, 'utf8')).toBe('{"projects": ')
  })
})

describe('rpty', () => {
  test('runs a command and exits with its status', async () => {
    expect(await coder(['exp', 'rpty', 'otter', '--', 'echo', 'hello;', 'exit', '5'])).toEqual({
      status: 5,
      stdout: 'hello\r\n',
      stderr: '',
    })
  })

  test('detaches, attaches again by id, and sends input', async () => {
    const id = randomUUID()
    const attach = ['exp', 'rpty', 'otter', '--reconnect', id]
    const main = fileURLToPath(new URL('../../main.ts', import.meta.url))
    const first = spawn(process.execPath, [main, ...attach, '--', 'echo ready; read word; echo "got $word"'], {
      env: { ...process.env, CODER_CONFIG_DIR: server.dataDir },
    })
    await once(first.stdout, 'data')
    first.kill()
    expect(await once(first, 'exit')).toEqual([0, null])
    expect(await coder(attach, {}, 'two\n')).toMatchObject({
      status: 0,
      stdout: expect.stringMatching(/ready[\s\S]*got two/),
    })
  })

  test('rejects invalid arguments', async () => {
    expect((await coder(['exp', 'rpty', 'otter', '--reconnect', 'x'])).stderr).toContain('is not a session ID')
    expect((await coder(['exp', 'rpty', 'badger'])).stderr).toContain('Workspace badger not found.')
  })
})
