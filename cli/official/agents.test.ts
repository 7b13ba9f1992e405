// A workspace with a real agent.

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { strFromU8, unzipSync } from 'fflate'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type RunningAgent, startAgent } from '../../server/agents/testing/terminal-harness.ts'
import { appBlock, templateWithAgent } from '../../server/testing/agent-templates.ts'
import { createTemplate, until } from '../../server/testing/workspace-fixtures.ts'
import { describeOfficialCli } from './official-coder.ts'

const template = templateWithAgent({
  blocks: `
  data "coder_workspace" "me" {}
  resource "coder_script" "greet" {
    agent_id     = coder_agent.main.id
    display_name = "Greet"
    run_on_start = true
    script       = "echo greeted $((40 + 2))"
  }
  ${appBlock('web', 'http://localhost:1')}
  ${appBlock('docs', 'https://example.com/docs?token=$SESSION_TOKEN', { isExternal: true })}`,
})

describeOfficialCli('an agent', (cli) => {
  const { run, stdoutOf, stderrOf, json } = cli
  let agent: RunningAgent
  let owner: string
  const findAgent = async () => {
    const [workspace] = await json('list')
    return workspace.latest_build.resources.flatMap(({ agents }: { agents?: object[] }) => agents ?? [])[0]
  }

  beforeAll(async () => {
    await createTemplate(cli.server.client, 'with-agent', { 'main.tf': template })
    await stdoutOf('create', 'otter', '--template', 'with-agent', '--yes')
    const { resources } = JSON.parse(await stdoutOf('state', 'pull', 'otter'))
    const { attributes } = resources.find(({ type }: { type: string }) => type === 'coder_agent').instances[0]
    agent = startAgent(cli.server.url, { token: attributes.token })
    owner = (await json('list'))[0].owner_name
    await until('the agent to be ready', async () => (await findAgent()).lifecycle_state === 'ready')
  })
  afterAll(() => agent.stop())

  test('is shown as connected with our version', async () => {
    expect(await stdoutOf('show', 'otter')).toMatch(
      /main \(linux, amd64\) .*connected.*healthy.*v2\.30\.0 .*coder ssh otter/,
    )
    expect(await findAgent()).toMatchObject({ status: 'connected', health: { healthy: true } })
  })

  test('has the output of its scripts in the logs', async () => {
    expect(await stdoutOf('logs', 'otter')).toMatch(/\[agent\.main\|Greet\] greeted 42/)
  })

  test('runs commands', async () => {
    const { status, stdout } = await run(['exp', 'rpty', 'otter', '--', 'echo', 'sum', '$((40 + 2))'])
    expect({ status, stdout }).toMatchObject({ status: 0, stdout: expect.stringContaining('sum 42') })
  })

  test('has internal and external apps that can be opened', async () => {
    expect((await run(['open', 'app', 'otter'])).stderr).toContain('docs web')
    const open = async (...args: string[]) => (await run(['open', 'app', 'otter', ...args, '--test.open-error'])).stderr
    expect(await open('web')).toContain(`${cli.server.url}/@${owner}/otter.main/apps/web/`)
    expect(await open('docs')).toMatch(/https:\/\/example\.com\/docs\?token=\w+-\w+/)
    expect(await stderrOf('open', 'app', 'otter', 'mail')).toContain('mail')
    expect(await stderrOf('open', 'app', 'otter', 'web', '--region', 'moon')).toContain('moon')
  })

  test('opens in VS Code with a valid token', async () => {
    const { stdout } = await run(['open', 'vscode', 'otter', '/srv', '--generate-token', '--test.open-error'])
    const address = new URL(/vscode:\S+/.exec(stdout)?.[0] ?? '')
    const { token, ...rest } = Object.fromEntries(address.searchParams)
    expect(rest).toEqual({ owner, workspace: 'otter', agent: 'main', folder: '/srv', url: cli.server.url })
    const env = { CODER_SESSION_TOKEN: token }
    expect(JSON.parse((await run(['whoami', '--output', 'json'], { env })).stdout)).toMatchObject([{ username: owner }])
  })

  test('is included in the support bundle', async () => {
    const file = join(cli.home, 'bundle.zip')
    await stdoutOf('support', 'bundle', 'otter', '--yes', '--output-file', file)
    const files = Object.fromEntries(
      Object.entries(unzipSync(readFileSync(file))).map(([name, content]) => [name, strFromU8(content)]),
    )
    const read = (name: string) => JSON.parse(files[name] ?? 'null')
    expect(read('deployment/buildinfo.json')).toMatchObject({ version: expect.stringMatching(/^v2\.30\.0/) })
    expect(read('deployment/config.json').config).toMatchObject({ http_address: expect.any(String) })
    expect(read('deployment/health.json')).toMatchObject({ database: { healthy: true } })
    expect(read('workspace/workspace.json')).toMatchObject({ name: 'otter' })
    expect(read('agent/agent.json')).toMatchObject({ name: 'main', status: 'connected' })
    expect(files['workspace/build_logs.txt']).toContain('Creation complete')
    expect(files['agent/startup_logs.txt']).toContain('greeted 42')
  })

  test('rejects commands that need a WireGuard network', async () => {
    for (const command of [
      ['ssh', 'otter'],
      ['ping', 'otter'],
      ['speedtest', 'otter'],
      ['port-forward', 'otter', '--tcp', '1'],
    ])
      expect(await stderrOf(...command)).toContain('no WireGuard network')
  })
})
