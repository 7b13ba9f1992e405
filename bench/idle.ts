// Idle cost of an agent: memory of its two processes and of each additional terminal, and CPU time.

import { readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { processesWith } from '../e2e/support/processes.ts'
import { type CountingTerminal, openCounting } from './counting-terminal.ts'
import type { Figure } from './figures.ts'
import type { Fixture } from './fixture.ts'

const terminals = 20
const idleMb = 110
const terminalMb = 8
const watchMs = 10_000
/** Share of one CPU. */
const idleShare = 0.01

export async function measureIdle(fixture: Fixture): Promise<Figure[]> {
  const mark = fixture.deployment.env.E2E_DEPLOYMENT ?? ''
  const agent = processesWith(mark).filter(({ command }) => /agent\/(?:main|services)\.js/.test(command))
  const memory = () => agent.reduce((sum, { pid }) => sum + pssOf(pid), 0)
  // The first terminal allocates shared memory.
  const opened = [await openPrompt(fixture)]
  await sleep(2_000)
  const before = memory()
  for (let count = 0; count < terminals; count++) opened.push(await openPrompt(fixture))
  await sleep(2_000)
  const after = memory()
  const [ticks, startedAt] = [agent.reduce((sum, { pid }) => sum + ticksOf(pid), 0), performance.now()]
  await sleep(watchMs)
  const spent = agent.reduce((sum, { pid }) => sum + ticksOf(pid), 0) - ticks
  for (const terminal of opened) terminal.close()
  return [
    { name: 'agent and holder, one terminal, PSS', value: before, limit: idleMb, unit: 'MB' },
    { name: 'each additional idle terminal', value: (after - before) / terminals, limit: terminalMb, unit: 'MB' },
    {
      name: `CPU with ${opened.length} idle terminals`,
      value: (spent * msPerTick) / (performance.now() - startedAt),
      limit: idleShare,
      unit: '×',
      basis: 'of one CPU',
    },
  ]
}

// The kernel counts CPU time in hundredths of a second.
const msPerTick = 10

async function openPrompt(fixture: Fixture): Promise<CountingTerminal> {
  const shown = Promise.withResolvers<void>()
  const terminal = await openCounting('ours', fixture, '', () => shown.resolve())
  await shown.promise
  return terminal
}

/** Proportional set size in megabytes. */
function pssOf(pid: number): number {
  const kilobytes = /^Pss:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8'))?.[1]
  return Number(kilobytes) / 1024
}

function ticksOf(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return Number(fields[11]) + Number(fields[12])
}
