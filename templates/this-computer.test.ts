import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, watch, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { identifyProcess, readBootId } from '../lib/process-identity.ts'
import { isEmptyState, readState, type State, writeState } from '../terraform/engine/state/state.ts'
import { openTemplate } from '../terraform/engine/template/template.ts'
import { extractResources } from '../terraform/extraction/extract-resources.ts'
import { extractParameters } from '../terraform/extraction/extract-template-data.ts'
import { hostProvider } from '../terraform/providers/host/provider.ts'
import { build } from '../terraform/testing/build-fixture.ts'

const dataDir = mkdtempSync(join(tmpdir(), 'this computer '))
const agentBinDir = join(dataDir, 'bin')
const greeting = join(dataDir, 'greeting')
const template = openTemplate(join(import.meta.dirname, 'this-computer'))
let state: State | null = null

// A stub of the agent: writes its arguments and environment to a file, and waits.
mkdirSync(agentBinDir)
writeFileSync(
  join(agentBinDir, 'coder'),
  '#!/bin/sh\necho "$1 $PWD $CODER_AGENT_URL $CODER_AGENT_TOKEN" > "$GREETING"\nexec sleep 100\n',
)
chmodSync(join(agentBinDir, 'coder'), 0o755)

afterAll(() => rmSync(dataDir, { recursive: true, force: true }))

async function run(
  transition: 'start' | 'stop',
  mode: 'apply' | 'destroy' = 'apply',
  parameters: Record<string, string> = {},
) {
  const environment = { ...process.env, GREETING: greeting }
  const host = hostProvider({ dataDir, workspaceId: 'ws-1', agentBinDir, environment, bootId: readBootId() })
  const built = await build(template, { providers: [host], state, mode, coder: { transition, parameters } })
  // The state passes through JSON, as in the database.
  const stored = readState(writeState(built.state))
  if ('state' in stored) state = stored.state
  return built
}

async function waitForGreeting(): Promise<string> {
  const { promise, resolve } = Promise.withResolvers<void>()
  const isWritten = () => existsSync(greeting) && readFileSync(greeting, 'utf8').endsWith('\n')
  const watcher = watch(dataDir, () => isWritten() && resolve())
  if (isWritten()) resolve()
  await promise
  watcher.close()
  const text = readFileSync(greeting, 'utf8').trim()
  rmSync(greeting)
  return text
}

const agentPid = () =>
  state?.resources.find(({ type }) => type === 'host_process')?.instances[0]?.attributes.pid as number

test('a workspace starts, stops, restarts and is deleted', async () => {
  expect(template.diagnostics).toEqual([])
  const values = { folder: agentBinDir, shell: 'bash' }
  const started = await run('start', 'apply', values)
  expect(started.diagnostics).toEqual([])
  expect(started.changes).toEqual(['create coder_agent.main', 'create host_process.agent[0]'])
  const [resource] = extractResources(started.snapshot).items
  const [agent] = resource?.agents ?? []
  expect(resource).toMatchObject({ type: 'host_process', name: 'agent' })
  expect(agent).toMatchObject({ name: 'main', directory: agentBinDir, environment: { SHELL: 'bash' } })
  expect(await waitForGreeting()).toBe(`agent ${agentBinDir} http://127.0.0.1:3000 ${agent?.token}`)
  const first = agentPid()

  const stopped = await run('stop', 'apply', values)
  expect(stopped.changes).toContain('delete host_process.agent[0]')
  expect(stopped.diagnostics).toEqual([])
  expect(identifyProcess(first)).toBeNull()
  expect(extractResources(stopped.snapshot).items).toEqual([])

  const restarted = await run('start', 'apply', values)
  const [secondAgent] = extractResources(restarted.snapshot).items[0]?.agents ?? []
  expect(secondAgent?.id).toBe(agent?.id)
  expect(secondAgent?.token).not.toBe(agent?.token)
  await waitForGreeting()
  const second = agentPid()

  const gone = await run('stop', 'destroy', values)
  expect(gone.diagnostics).toEqual([])
  expect(identifyProcess(second)).toBeNull()
  expect(state && isEmptyState(state)).toBe(true)
})

test('a missing folder is reported before anything is created', async () => {
  const { diagnostics } = await run('start', 'apply', { folder: '/no/such/folder' })
  expect(diagnostics).toMatchObject([{ summary: 'No such folder', range: { file: 'main.tf' } }])
  expect(state && isEmptyState(state)).toBe(true)
})

test('the parameters are the folder and the shell, in this order', async () => {
  const { planSnapshot } = await run('stop')
  const { items, diagnostics } = extractParameters(planSnapshot)
  expect(diagnostics).toEqual([])
  expect(items.map(({ name, defaultValue, required }) => ({ name, defaultValue, required }))).toEqual([
    { name: 'folder', defaultValue: '~', required: false },
    { name: 'shell', defaultValue: 'login', required: false },
  ])
})
