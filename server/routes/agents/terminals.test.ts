// Terminal preferences, layouts and retention, and the command history, over REST.

import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import {
  closeTerminal,
  defaultTerminalPreferences,
  deleteCommands,
  getTerminalLayouts,
  getTerminalPreferences,
  getTerminalRetention,
  type LayoutNode,
  type ReportedCommand,
  reportCommands,
  searchCommands,
  type TerminalLayouts,
  updateTerminalLayouts,
  updateTerminalPreferences,
  updateTerminalRetention,
} from '../../../api/agents/terminals.ts'
import { listAuditLogs } from '../../../api/deployment/audit.ts'
import { getManifest } from '../../../api/local.ts'
import { purgeCommands } from '../../terminals/commands.ts'
import { templateWithAgent } from '../../testing/agent-templates.ts'
import { startTestServer, type TestServer } from '../../testing/start-test-server.ts'
import {
  agentsOf,
  createTemplate,
  createWorkspace,
  expectSuccess,
  waitForBuild,
} from '../../testing/workspace-fixtures.ts'

type TestUser = Awaited<ReturnType<TestServer['createUser']>>

let server: TestServer
let ada: TestUser
let bob: TestUser
let template: string
beforeAll(async () => {
  server = await startTestServer()
  ada = await server.createUser('ada')
  bob = await server.createUser('bob')
  template = (await createTemplate(server.client, 'agents', { 'main.tf': templateWithAgent() })).id
})
afterAll(() => server.close())

const me = { params: { user: 'me' } }

describe('preferences', () => {
  const set = (user: TestUser, body: object) => user.client.call(updateTerminalPreferences, { ...me, body })

  test('are the defaults until changed, and unchanged fields keep their defaults', async () => {
    expect(await ada.client.call(getTerminalPreferences, me)).toEqual(defaultTerminalPreferences)
    const ansi = Array.from({ length: 16 }, (_, at) => `#0000${at.toString(16).padStart(2, '0')}`)
    const theme = { id: 'night', name: 'Night', background: '#000000', foreground: '#ffffff', cursor: '#ffffff' }
    const change = {
      theme: 'night',
      themes: [{ ...theme, cursor_accent: '#000000', selection_background: '#44444480', ansi }],
      profiles: [
        { id: 'fish', name: 'Fish', shell: 'fish', env: { EDITOR: 'vim' }, font: '', font_size: null, theme: 'night' },
      ],
      keys: { 'split-right': 'Ctrl+Shift+D' },
    }
    expect(await set(ada, change)).toEqual({ ...defaultTerminalPreferences, ...change })
    expect(await set(ada, { font_size: 15.5 })).toEqual({ ...defaultTerminalPreferences, ...change, font_size: 15.5 })
    expect(await ada.client.call(getTerminalPreferences, me)).toMatchObject({ theme: 'night', font_size: 15.5 })
    expect(await bob.client.call(getTerminalPreferences, me)).toEqual(defaultTerminalPreferences)
  })

  test('changed concurrently by two windows are merged', async () => {
    await Promise.all([set(bob, { bell: 'none' }), set(bob, { cursor: 'bar' })])
    expect(await bob.client.call(getTerminalPreferences, me)).toMatchObject({ bell: 'none', cursor: 'bar' })
  })

  test.each([
    [{ font_size: 200 }, 'font_size'],
    [{ cursor: 'heart' }, 'cursor'],
    [{ profiles: [{ id: 'a' }] }, 'profiles.0.name'],
    [{ profiles: ['a', 'a'].map((id) => profile(id, {})) }, 'profiles.1.id'],
    [{ profiles: [profile('a', { 'NOT A NAME': '' })] }, 'profiles.0.env'],
    [{ profiles: [profile('a', { A: 'x'.repeat(8000), B: 'x'.repeat(8000), C: 'x'.repeat(8000) })] }, 'profiles.0.env'],
  ])('that are invalid are rejected with the field: %j', async (body, field) => {
    const response = set(ada, body)
    await expect(response).rejects.toMatchObject({ status: 400 })
    await expect(response).rejects.toSatisfy((error: { validations: { field: string }[] }) =>
      error.validations.some(({ field: actual }) => actual.startsWith(field)),
    )
  })

  test('of another user are hidden', async () => {
    const params = { user: 'ada' }
    await expect(bob.client.call(getTerminalPreferences, { params })).rejects.toMatchObject({ status: 400 })
    await expect(bob.client.call(updateTerminalPreferences, { params, body: {} })).rejects.toMatchObject({
      status: 400,
    })
    await expect(bob.client.call(getTerminalLayouts, { params })).rejects.toMatchObject({ status: 400 })
  })
})

function profile(id: string, env: Record<string, string>) {
  return { id, name: id, shell: '', env, font: '', font_size: null, theme: '' }
}

describe('layouts', () => {
  const pane = (title: string): LayoutNode => ({
    kind: 'pane',
    workspace_id: randomUUID(),
    agent_name: 'main',
    session_id: randomUUID(),
    profile: '',
    title,
  })
  const split = (...children: LayoutNode[]): LayoutNode => ({
    kind: 'split',
    direction: 'row',
    sizes: children.map(() => 1),
    children,
  })
  const layoutsOf = (root: LayoutNode, revision = 0): TerminalLayouts => ({
    revision,
    last: [{ id: 'w', active_tab: 't', tabs: [{ id: 't', title: '', active_pane: '', root }] }],
    named: [{ id: 'n', name: 'Morning', windows: [] }],
  })
  const put = (user: TestUser, body: TerminalLayouts) => user.client.call(updateTerminalLayouts, { ...me, body })

  test('are returned as stored, with nested splits', async () => {
    expect(await ada.client.call(getTerminalLayouts, me)).toEqual({ revision: 0, last: [], named: [] })
    const layouts = layoutsOf(split(pane('one'), split(pane('two'), pane('日本'))))
    expect(await put(ada, layouts)).toEqual({ ...layouts, revision: 1 })
    expect(await ada.client.call(getTerminalLayouts, me)).toEqual({ ...layouts, revision: 1 })
  })

  test('changed by another window are not overwritten', async () => {
    const { revision } = await put(bob, layoutsOf(pane('first')))
    const both = [layoutsOf(pane('a'), revision), layoutsOf(pane('b'), revision)].map((layouts) => put(bob, layouts))
    const outcomes = await Promise.allSettled(both)
    expect(outcomes.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected'])
    await expect(put(bob, layoutsOf(pane('late')))).rejects.toMatchObject({ status: 409 })
  })

  test('with an invalid tree are rejected with the field', async () => {
    const deep = Array.from({ length: 20 }).reduce<LayoutNode>((inner) => split(inner, pane('')), pane(''))
    const invalid: [LayoutNode, string][] = [
      [deep, 'last.0.tabs.0.root.children.0'],
      [split(pane('alone')), 'last.0.tabs.0.root'],
      [Object.assign(split(pane('a'), pane('b')), { sizes: [1, 0] }), 'last.0.tabs.0.root'],
      [{ kind: 'pane' } as LayoutNode, 'last.0.tabs.0.root.workspace_id'],
      [{ kind: 'window' } as never, 'last.0.tabs.0.root'],
      [split(pane('a'), 'b' as never), 'last.0.tabs.0.root.children.1'],
    ]
    for (const [root, field] of invalid) {
      const response = put(ada, layoutsOf(root, 1))
      await expect(response).rejects.toSatisfy((error: { status: number; validations: { field: string }[] }) =>
        error.validations.some(({ field: actual }) => actual.startsWith(field)),
      )
    }
  })
})

async function createStartedWorkspace(user: TestUser, name: string) {
  const { id, latest_build } = await createWorkspace(user.client, template, name)
  const build = await expectSuccess(user.client, await waitForBuild(user.client, latest_build.id))
  const agentId = agentsOf(build)[0]?.id as string
  return { id, agentId, agent: server.clientWith(await server.agentToken(agentId)) }
}

describe('terminal retention of a workspace', () => {
  test('is set by users who can update the workspace, sent to its agent, and audited', async () => {
    const { id, agent } = await createStartedWorkspace(ada, 'kept')
    const params = { workspace: id }
    expect(await ada.client.call(getTerminalRetention, { params })).toEqual({ kept_lines: 10_000, kept_days: 30 })
    const body = { kept_lines: 0, kept_days: 3 }
    await expect(bob.client.call(updateTerminalRetention, { params, body })).rejects.toMatchObject({ status: 404 })
    expect(await ada.client.call(updateTerminalRetention, { params, body })).toEqual(body)
    expect(await ada.client.call(getTerminalRetention, { params })).toEqual(body)
    expect((await agent.call(getManifest)).terminals).toEqual(body)
    const { audit_logs } = await server.client.call(listAuditLogs, { query: { q: `resource_id:${id} action:write` } })
    expect(audit_logs[0]?.diff).toMatchObject({ terminal_kept_lines: { old: 10_000, new: 0 } })
    const none = { kept_lines: 5, kept_days: 0 }
    await expect(ada.client.call(updateTerminalRetention, { params, body: none })).rejects.toMatchObject({
      validations: [{ field: 'kept_days' }],
    })
  })
})

test('a terminal of a disconnected agent cannot be closed, and the error gives the reason', async () => {
  const { agentId } = await createStartedWorkspace(ada, 'away')
  const params = { workspaceagent: agentId, terminal: randomUUID() }
  await expect(ada.client.call(closeTerminal, { params })).rejects.toMatchObject({
    status: 409,
    detail: expect.stringContaining('not connected'),
  })
  await expect(bob.client.call(closeTerminal, { params })).rejects.toMatchObject({ status: 404 })
})

describe('the command history', () => {
  const session_id = randomUUID()
  const reported = (command: string, at: number, other: Partial<ReportedCommand> = {}): ReportedCommand => ({
    session_id,
    command,
    cwd: '/home/ada/shed',
    exit_code: 0,
    started_at: new Date(Date.UTC(2030, 0, 1) + at * 1000).toISOString(),
    duration_ms: 1234,
    ...other,
  })
  let first: Awaited<ReturnType<typeof createStartedWorkspace>>
  let second: Awaited<ReturnType<typeof createStartedWorkspace>>
  let carol: TestUser
  beforeAll(async () => {
    carol = await server.createUser('carol')
    first = await createStartedWorkspace(carol, 'one')
    second = await createStartedWorkspace(carol, 'two')
    await first.agent.call(reportCommands, {
      body: {
        commands: [
          reported('make test', 1),
          reported('git commit -m "100% done"', 2, { exit_code: 1 }),
          reported(' export TOKEN=secret', 3),
          reported('exec sleep 1', 4, { exit_code: null }),
        ],
      },
    })
    await second.agent.call(reportCommands, { body: { commands: [reported('make install', 5, { cwd: '/srv' })] } })
  })

  const search = async (user: TestUser, query: object = {}) =>
    (await user.client.call(searchCommands, { query: { limit: 100, ...query } })).commands.map((it) => it.command)

  test('lists the commands of all own workspaces, newest first, without those typed after a space', async () => {
    const { commands, next } = await carol.client.call(searchCommands, { query: { limit: 100 } })
    expect(commands.map(({ command }) => command)).toEqual([
      'make install',
      'exec sleep 1',
      'git commit -m "100% done"',
      'make test',
    ])
    expect(next).toBeNull()
    expect(commands[1]).toMatchObject({ workspace_name: 'one', agent_name: 'main', exit_code: null, session_id })
    expect(commands[3]).toMatchObject({ ...reported('make test', 1), workspace_id: first.id })
  })

  test('is searched by words of the command line and its folder, in any order and case, and by workspace', async () => {
    expect(await search(carol, { q: 'TEST make' })).toEqual(['make test'])
    expect(await search(carol, { q: 'make /srv' })).toEqual(['make install'])
    expect(await search(carol, { q: '0%' })).toEqual(['git commit -m "100% done"'])
    expect(await search(carol, { q: '_' })).toEqual([])
    expect(await search(carol, { workspace: second.id })).toEqual(['make install'])
  })

  test('is paged', async () => {
    const first = await carol.client.call(searchCommands, { query: { limit: 3 } })
    const second = await carol.client.call(searchCommands, { query: { limit: 3, before: first.next as string } })
    expect([...first.commands, ...second.commands]).toHaveLength(4)
    expect(second).toMatchObject({ commands: [{ command: 'make test' }], next: null })
    await expect(search(carol, { before: 'yesterday' })).rejects.toMatchObject({ status: 400 })
  })

  test('is visible only to its user, not to an owner of the deployment', async () => {
    expect(await search(bob)).toEqual([])
    expect((await server.client.call(searchCommands, { query: { limit: 100 } })).commands).toEqual([])
    expect(await bob.client.call(deleteCommands, { query: {} })).toEqual({ deleted: 0 })
  })

  test('refuses commands with characters that act as keys or hide text in a terminal, and stores the others', async () => {
    const dave = await server.createUser('dave')
    const { agent } = await createStartedWorkspace(dave, 'hostile')
    const hostile = ['ls\rid', 'ls\x1b[201~\rid', 'ls\x15id', 'ls\x7f', 'ls\x9b201~', 'ls \u202eid']
    const commands = [
      ...hostile.map((command, at) => reported(command, at)),
      reported('ls', 20, { cwd: '/\x1b[2J' }),
      reported('for x in *\n\tdo echo "$x"; done', 21),
    ]
    await agent.call(reportCommands, { body: { commands } })
    expect(await search(dave)).toEqual(['for x in *\n\tdo echo "$x"; done'])
  })

  test('is bounded in bytes: a page by its size, the whole by the purge', async () => {
    const erin = await server.createUser('erin')
    const { agent } = await createStartedWorkspace(erin, 'long')
    const long = 'x'.repeat(64 * 1024)
    for (const part of [0, 40])
      await agent.call(reportCommands, {
        body: { commands: Array.from({ length: 40 }, (_, at) => reported(long, part + at)) },
      })
    const first = await erin.client.call(searchCommands, { query: { limit: 100 } })
    expect(first.commands).toHaveLength(64)
    const query = { limit: 100, before: first.next as string }
    const second = await erin.client.call(searchCommands, { query })
    expect(second.commands).toHaveLength(16)
    expect(second.next).toBeNull()
    await purgeCommands(server.context.db, new Date(Date.UTC(2030, 0, 2)), undefined, 10 * 64 * 1024)
    expect(await search(erin)).toHaveLength(10)
    await erin.client.call(deleteCommands, { query: {} })
  })

  test('stores a command reported twice only once', async () => {
    await first.agent.call(reportCommands, { body: { commands: [reported('make test', 1), reported('make test', 6)] } })
    expect(await search(carol, { q: 'make test' })).toEqual(['make test', 'make test'])
  })

  test('deletes one command, those of a workspace, or all', async () => {
    const { commands } = await carol.client.call(searchCommands, { query: { limit: 1 } })
    expect(await carol.client.call(deleteCommands, { query: { id: commands[0]?.id as string } })).toEqual({
      deleted: 1,
    })
    expect(await carol.client.call(deleteCommands, { query: { workspace: second.id } })).toEqual({ deleted: 1 })
    expect(await search(carol)).toHaveLength(3)
    expect(await carol.client.call(deleteCommands, { query: {} })).toEqual({ deleted: 3 })
  })

  test('stores nothing of a workspace with retention disabled', async () => {
    const setKeptLines = (kept_lines: number) =>
      carol.client.call(updateTerminalRetention, {
        params: { workspace: first.id },
        body: { kept_lines, kept_days: 30 },
      })
    await first.agent.call(reportCommands, { body: { commands: [reported('before', 20)] } })
    await second.agent.call(reportCommands, { body: { commands: [reported('elsewhere', 21)] } })
    await setKeptLines(0)
    await first.agent.call(reportCommands, { body: { commands: [reported('meanwhile', 22)] } })
    expect(await search(carol)).toEqual(['elsewhere'])
    await setKeptLines(100)
    await first.agent.call(reportCommands, { body: { commands: [reported('after', 23)] } })
    expect(await search(carol)).toEqual(['after', 'elsewhere'])
    await carol.client.call(deleteCommands, { query: {} })
  })

  test('deletes commands after the number of days in the user’s preferences, and stores none for 0 days', async () => {
    await first.agent.call(reportCommands, { body: { commands: [reported('old', 0), reported('new', 3 * 86_400)] } })
    const now = new Date(Date.UTC(2030, 0, 5))
    await purgeCommands(server.context.db, now)
    expect(await search(carol)).toEqual(['new', 'old'])
    const setHistoryDays = (history_days: number) =>
      carol.client.call(updateTerminalPreferences, { ...me, body: { history_days } })
    await setHistoryDays(3)
    await purgeCommands(server.context.db, now)
    expect(await search(carol)).toEqual(['new'])
    await first.agent.call(reportCommands, { body: { commands: [reported('newer', 3 * 86_400 + 1)] } })
    await purgeCommands(server.context.db, now, 1)
    expect(await search(carol)).toEqual(['newer'])
    await setHistoryDays(0)
    expect(await search(carol)).toEqual([])
    await first.agent.call(reportCommands, { body: { commands: [reported('unrecorded', 9)] } })
    expect(await search(carol)).toEqual([])
    await setHistoryDays(90)
  })
})
