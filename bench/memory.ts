// Memory and idle CPU time of all processes of a deployment with twenty idle workspaces on this computer: after their
// start, after a load of 100,000 requests, and after an idle minute.

import { fork } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { startDeployment } from '../e2e/support/deployment.ts'
import type { Process } from '../e2e/support/processes.ts'
import { createLocalWorkspace } from '../server/testing/workspace-fixtures.ts'
import type { Figure } from './figures.ts'
import { cpuMsOf, pssOf } from './proc.ts'

const workspaces = 20
const requests = 100_000
const connections = 16
const settleMs = 10_000
const idleMs = 60_000
// Limits in megabytes.
const agentMb = 35
const loadedServerMb = 170
const idleServerMb = 150
/** Share of one CPU. */
const idleShare = 0.01

const kinds = {
  holder: /agent\/main\.js/,
  services: /agent\/services\.js/,
  coderd: /cli\/coder\.js/,
  relay: /server\/relay\.js/,
  PostgreSQL: /postgres/,
} as const
type Kind = keyof typeof kinds

export async function measureMemory(): Promise<Figure[]> {
  const deployment = await startDeployment()
  try {
    const { client, token } = await deployment.signIn()
    for (let n = 0; n < workspaces; n++) await createLocalWorkspace(client, `idle-${n}`)
    await sleep(settleMs)
    const started = measureKinds(deployment.processes())
    for (const path of [
      '/api/v2/workspaces?limit=25',
      '/api/v2/users/me',
      '/api/v2/templates',
      '/api/v2/users/me/workspace/idle-0',
    ])
      await load(deployment.url + path, token, requests / 4)
    const loaded = measureKinds(deployment.processes())
    await sleep(settleMs)
    const running = deployment.processes().filter(({ command }) => !kinds.PostgreSQL.test(command))
    const [usedBefore, startedAt] = [cpuMs(running), performance.now()]
    await sleep(idleMs - settleMs)
    const usedMs = cpuMs(running) - usedBefore
    const elapsedMs = performance.now() - startedAt
    const idle = measureKinds(deployment.processes())
    return [
      ...details('after the start', started),
      { name: 'an idle agent, PSS', value: agentOf(started), limit: agentMb, unit: 'MB' },
      ...details(`after ${requests} requests`, loaded),
      {
        name: `coderd and relay after ${requests} requests`,
        value: serverOf(loaded),
        limit: loadedServerMb,
        unit: 'MB',
      },
      ...details('after an idle minute', idle),
      { name: 'coderd and relay after an idle minute', value: serverOf(idle), limit: idleServerMb, unit: 'MB' },
      {
        name: 'CPU of coderd, relay and agents while idle',
        value: usedMs / elapsedMs,
        limit: idleShare,
        unit: '×',
        basis: 'of one CPU',
      },
    ]
  } finally {
    await deployment.close()
  }
}

type Memory = Readonly<Record<Kind, number>>

function measureKinds(processes: readonly Process[]): Memory {
  const sum = (pattern: RegExp) =>
    processes.filter(({ command }) => pattern.test(command)).reduce((total, { pid }) => total + pssOf(pid), 0)
  return Object.fromEntries(Object.entries(kinds).map(([kind, pattern]) => [kind, sum(pattern)])) as Memory
}

const agentOf = ({ holder, services }: Memory) => (holder + services) / workspaces
const serverOf = ({ coderd, relay }: Memory) => coderd + relay

const details = (when: string, memory: Memory): Figure[] => [
  { name: `holder ${when}`, value: memory.holder / workspaces, unit: 'MB' },
  { name: `services ${when}`, value: memory.services / workspaces, unit: 'MB' },
  { name: `coderd ${when}`, value: memory.coderd, unit: 'MB' },
  { name: `relay ${when}`, value: memory.relay, unit: 'MB' },
  { name: `PostgreSQL ${when}`, value: memory.PostgreSQL, unit: 'MB' },
]

const cpuMs = (processes: readonly Process[]) => processes.reduce((total, { pid }) => total + cpuMsOf(pid), 0)

async function load(url: string, token: string, count: number): Promise<void> {
  const program = fileURLToPath(new URL('./load-program.ts', import.meta.url))
  const child = fork(program, [url, token, String(connections), '600', String(count)])
  const [report] = (await once(child, 'message')) as [{ failures: string[] }]
  if (report.failures.length > 0) throw new Error(`${url} → ${report.failures.join(', ')}`)
}
