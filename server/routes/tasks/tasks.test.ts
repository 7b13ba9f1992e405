// Tasks with a real agent and a stub of an AI tool that serves AgentAPI.

import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { patchOwnAppStatus } from '../../../api/agents/agent-measurements.ts'
import {
  createTask,
  deleteTask,
  getTask,
  getTaskExperimental,
  getTaskLogs,
  listTasks,
  pauseTask,
  postLogSnapshot,
  resumeTask,
  sendToTask,
  type Task,
  updateTaskInput,
} from '../../../api/tasks/tasks.ts'
import type { Template } from '../../../api/templates/templates.ts'
import { createWorkspace, getWorkspace, listWorkspaces } from '../../../api/workspaces/workspaces.ts'
import { type RunningAgent, startAgent } from '../../agents/testing/terminal-harness.ts'
import { templateForTasks } from '../../testing/agent-templates.ts'
import { startTestServer, type TestServer } from '../../testing/start-test-server.ts'
import { createTemplate, until, waitForBuild } from '../../testing/workspace-fixtures.ts'

let server: TestServer
let tool: Server
let template: Template
let plain: Template
let running: RunningAgent | undefined
let state = 'stable'
const received: { content: string; type: string }[] = []

beforeAll(async () => {
  tool = createServer(async (request, response) => {
    const body = Buffer.concat(await request.toArray()).toString()
    if (request.url === '/status') return response.end(JSON.stringify({ status: state }))
    if (request.url === '/messages') {
      const messages = [{ id: 0, content: 'Hello', role: 'agent', time: '2026-01-01T00:00:00Z' }]
      for (const { content } of received) messages.push({ id: messages.length, content, role: 'user', time: '' })
      return response.end(JSON.stringify({ messages }))
    }
    received.push(JSON.parse(body))
    response.end('{"ok":true}')
  }).listen(0, '127.0.0.1')
  await once(tool, 'listening')
  server = await startTestServer()
  const { port } = tool.address() as AddressInfo
  template = await createTemplate(server.client, 'with-task', { 'main.tf': templateForTasks(port) })
  plain = await createTemplate(server.client, 'plain', { 'main.tf': 'resource "terraform_data" "x" {}' })
})
afterAll(async () => {
  await running?.stop()
  await server.close()
  tool.close()
})

const params = (task: Task) => ({ user: 'me', task: task.name })
const show = (task: Task) => server.client.call(getTask, { params: params(task) })

async function startTaskAgent(task: Task): Promise<string> {
  const { latest_build } = await server.client.call(getWorkspace, {
    params: { workspace: task.workspace_id as string },
  })
  await waitForBuild(server.client, latest_build.id)
  const agentId = await until('the agent', async () => (await show(task)).workspace_agent_id)
  const token = await server.agentToken(agentId)
  running = startAgent(server.url, { token })
  await server.context.connections.waitFor(agentId, 'services', 10_000)
  return token
}

test('a task is created, receives input, and is paused, resumed and deleted', { timeout: 60_000 }, async () => {
  const task = await server.client.call(createTask, {
    params: { user: 'me' },
    body: { template_version_id: template.active_version_id, input: 'Fix the login page!\nIt is broken.' },
  })
  expect(task).toMatchObject({
    initial_prompt: 'Fix the login page!\nIt is broken.',
    display_name: 'Fix the login page!',
    name: expect.stringMatching(/^fix-the-login-page-[a-z-]*[0-9a-f]{4}$/),
    template_name: 'with-task',
    current_state: { state: 'working', message: expect.any(String), uri: '' },
  })
  const token = await startTaskAgent(task)
  await until('the task to be active', async () => (await show(task)).status === 'active')
  const { latest_build, task_id } = await server.client.call(getWorkspace, {
    params: { workspace: task.workspace_id as string },
  })
  expect([latest_build.has_ai_task, task_id]).toEqual([true, task.id])
  const agent = latest_build.resources.flatMap(({ agents }) => agents ?? [])[0]
  expect(agent?.environment_variables).toEqual({ PROMPT: task.initial_prompt })
  const found = await server.client.call(listWorkspaces, { query: { q: 'has-ai-task:true' } })
  expect(found.workspaces.map(({ id }) => id)).toEqual([task.workspace_id])

  await server.client.call(sendToTask, { params: params(task), body: { input: 'And the logout page' } })
  expect(received).toEqual([{ content: 'And the logout page', type: 'user' }])
  state = 'running'
  await expect(
    server.client.call(sendToTask, { params: params(task), body: { input: 'Hurry' } }),
  ).rejects.toMatchObject({ status: 409 })
  const { logs } = await server.client.call(getTaskLogs, { params: params(task) })
  expect(logs.map(({ content, type }) => [type, content])).toEqual([
    ['output', 'Hello'],
    ['input', 'And the logout page'],
  ])
  const own = server.clientWith(token)
  await own.call(patchOwnAppStatus, { body: { app_slug: 'tool', state: 'failure', message: 'No such page' } })
  expect((await show(task)).current_state).toMatchObject({ state: 'failed', message: 'No such page' })
  await own.call(postLogSnapshot, {
    params: { task: task.id },
    query: { format: 'agentapi' },
    body: { messages: [{ id: 0, content: 'Hello', role: 'agent' }] },
  })

  const paused = await server.client.call(pauseTask, { params: params(task) })
  expect(paused.workspace_build).toMatchObject({ transition: 'stop', reason: 'task_manual_pause' })
  await waitForBuild(server.client, paused.workspace_build.id)
  expect((await show(task)).status).toBe('paused')
  const snapshot = await server.client.call(getTaskLogs, { params: params(task) })
  expect(snapshot).toMatchObject({ snapshot: true, logs: [{ content: 'Hello', type: 'output' }] })
  await expect(
    server.client.call(sendToTask, { params: params(task), body: { input: 'Hurry' } }),
  ).rejects.toMatchObject({ status: 400 })
  await server.client.call(updateTaskInput, { params: params(task), body: { input: 'Fix the logout page' } })
  const resumed = await server.client.call(resumeTask, { params: params(task) })
  expect(resumed.workspace_build).toMatchObject({ transition: 'start', reason: 'task_resume' })
  const again = await waitForBuild(server.client, resumed.workspace_build.id)
  const restarted = again.resources.flatMap(({ agents }) => agents ?? [])[0]
  expect(restarted?.environment_variables).toEqual({ PROMPT: 'Fix the logout page' })
  await expect(
    server.client.call(updateTaskInput, { params: params(task), body: { input: 'No' } }),
  ).rejects.toMatchObject({ status: 409 })

  await server.client.call(deleteTask, { params: params(task) })
  await expect(show(task)).rejects.toMatchObject({ status: 404 })
  await until('the workspace to be deleted', async () => {
    const { workspaces } = await server.client.call(listWorkspaces)
    return workspaces.every(({ id }) => id !== task.workspace_id)
  })
})

test('a task without a prompt rejects input and log requests until its tool is ready', async () => {
  const user = 'me'
  const task = await server.client.call(createTask, {
    params: { user },
    body: { template_version_id: template.active_version_id, input: '' },
  })
  expect(task).toMatchObject({
    initial_prompt: '',
    name: expect.stringMatching(/^task-[0-9a-f]{4}$/),
    display_name: task.name,
  })
  const tooEarly = { status: 400 }
  await expect(server.client.call(getTaskLogs, { params: params(task) })).rejects.toMatchObject(tooEarly)
  const sent = server.client.call(sendToTask, { params: params(task), body: { input: 'Begin' } })
  await expect(sent).rejects.toMatchObject(tooEarly)
  await until('the build to finish', async () => (await show(task)).workspace_status === 'running')
  await server.client.call(deleteTask, { params: params(task) })
})

test('a template without an AI tool cannot create tasks, and the error names the field', async () => {
  await expect(
    server.client.call(createTask, {
      params: { user: 'me' },
      body: { template_version_id: plain.active_version_id, input: 'Do it' },
    }),
  ).rejects.toMatchObject({ status: 400, validations: [{ field: 'template_version_id' }] })
})

test.each([['template_id'], ['template_version_id']] as const)(
  'an unknown %s in a body is a validation error',
  async (field) => {
    const invalid = { status: 400, validations: [{ field }] }
    const [absent, params] = [randomUUID(), { user: 'me' }]
    const body = { name: 'of-nothing', [field]: absent }
    await expect(server.client.call(createWorkspace, { params, body })).rejects.toMatchObject(invalid)
    if (field === 'template_id') return
    const task = { template_version_id: absent, input: 'Do it' }
    await expect(server.client.call(createTask, { params, body: task })).rejects.toMatchObject(invalid)
  },
)

test('tasks are filtered by permission and query, and also served at the experimental path', async () => {
  const friend = await server.createUser('friend')
  const task = await friend.client.call(createTask, {
    params: { user: 'me' },
    body: { template_version_id: template.active_version_id, input: 'Write tests', name: 'tests' },
  })
  const names = async (client: TestServer['client'], q: string) =>
    (await client.call(listTasks, { query: { q } })).tasks.map(({ name }) => name)
  expect(await names(friend.client, '')).toEqual(['tests'])
  expect(await names(server.client, 'owner:friend')).toEqual(['tests'])
  expect(await names(server.client, 'FRIEND')).toEqual(['tests'])
  expect(await names(server.client, 'owner:me')).toEqual([])
  expect(await names(server.client, `owner:${randomUUID()}`)).toEqual([])
  for (const [q, field] of [
    ['status:happy', 'status'],
    ['color:red', 'color'],
    ['organization:elsewhere', 'organization'],
    ['two words', 'owner'],
    ['owner:me owner:me', 'owner'],
  ] as const) {
    await expect(names(server.client, q)).rejects.toMatchObject({ status: 400, validations: [{ field }] })
  }
  const byId = { user: 'friend', task: task.id }
  expect((await server.client.call(getTaskExperimental, { params: byId })).name).toBe('tests')
  const stranger = await server.createUser('stranger')
  await expect(stranger.client.call(getTask, { params: byId })).rejects.toMatchObject({ status: 404 })
  await expect(names(stranger.client, 'owner:friend')).rejects.toMatchObject({ status: 400 })
  const elsewhere = { user: 'me', task: task.id }
  expect((await server.client.call(getTask, { params: elsewhere })).name).toBe('tests')
  await expect(server.client.call(getTask, { params: { user: 'nobody', task: task.id } })).rejects.toMatchObject({
    status: 400,
  })
  expect(await names(stranger.client, '')).toEqual([])
  await expect(
    friend.client.call(createTask, {
      params: { user: 'me' },
      body: { template_version_id: template.active_version_id, input: 'Again', name: 'tests' },
    }),
  ).rejects.toMatchObject({ status: 409 })
})
