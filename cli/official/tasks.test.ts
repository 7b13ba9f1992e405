// Tasks, with a real agent and a tool that implements AgentAPI.

import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type RunningAgent, startAgent } from '../../server/agents/testing/terminal-harness.ts'
import { templateForTasks } from '../../server/testing/agent-templates.ts'
import { createTemplate, until } from '../../server/testing/workspace-fixtures.ts'
import { describeOfficialCli } from './official-coder.ts'

describeOfficialCli('a task', (cli) => {
  const { run, stdoutOf, stderrOf, json, table } = cli
  const received: { content: string; type: string }[] = []
  const tool = createServer(async (request, answer) => {
    const body = Buffer.concat(await request.toArray()).toString()
    if (request.url === '/status') return answer.end('{"status":"stable"}')
    if (request.url === '/messages') {
      const messages = [{ id: 0, content: 'Hello', role: 'agent', time: '2026-01-01T00:00:00Z' }]
      return answer.end(JSON.stringify({ messages }))
    }
    received.push(JSON.parse(body))
    answer.end('{"ok":true}')
  })
  let agent: RunningAgent | undefined
  beforeAll(async () => {
    await once(tool.listen(0, '127.0.0.1'), 'listening')
    const text = templateForTasks((tool.address() as AddressInfo).port)
    await createTemplate(cli.server.client, 'thinker', { 'main.tf': text })
  })
  afterAll(async () => {
    await agent?.stop()
    tool.close()
  })
  const statusOf = async (name: string) => (await json('task', 'status', name)).status

  test('is created with a prompt from an argument or stdin', async () => {
    expect(await json('task', 'list')).toEqual([])
    await stdoutOf('task', 'create', 'Write a poem', '--name', 'poem')
    const { stdout: id } = await run(['task', 'create', '--name', 'song', '--quiet', '--stdin'], {
      input: 'Write a song',
    })
    expect(await json('task', 'status', 'song')).toMatchObject({
      id: id.trim(),
      name: 'song',
      initial_prompt: 'Write a song',
      template_name: 'thinker',
    })
    expect((await table('task', 'list', '--column', 'name')).map(({ NAME }) => NAME).sort()).toEqual(['poem', 'song'])
    expect(await stderrOf('task', 'create', 'x', '--template', 'none')).toContain('not found')
    expect(await stderrOf('task', 'status', 'novel')).toContain('not found')
  })

  test('becomes active with its agent, receives messages, and has logs', async () => {
    const token = await until('the state of the task', async () => {
      const { status, stdout } = await run(['state', 'pull', 'poem'])
      const resources = status === 0 && stdout.trim() ? JSON.parse(stdout).resources : []
      return resources.find(({ type }: { type: string }) => type === 'coder_agent')?.instances[0].attributes
        .token as string
    })
    agent = startAgent(cli.server.url, { token })
    await until('the task to be active', async () => (await statusOf('poem')) === 'active')
    await stdoutOf('task', 'send', 'poem', 'And now in French')
    expect(received).toEqual([{ content: 'And now in French', type: 'user' }])
    expect(await json('task', 'logs', 'poem')).toMatchObject([{ content: 'Hello', type: 'output' }])
    expect(await stderrOf('task', 'send', 'song', 'Louder')).toContain('error')
  })

  test('is deleted with its workspace', async () => {
    await stdoutOf('task', 'delete', 'poem', 'song', '--yes')
    expect(await json('task', 'list')).toEqual([])
    expect(await stderrOf('task', 'status', 'poem')).toContain('not found')
    await until('the workspaces to be gone', async () => (await json('list')).length === 0)
  })
})
