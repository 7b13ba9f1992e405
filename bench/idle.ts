// Idle cost of an agent: memory of its two processes and of each additional terminal, and CPU time.

import { setTimeout as sleep } from 'node:timers/promises'
import { processesWith } from '../e2e/support/processes.ts'
import { type CountingTerminal, openCounting } from './counting-terminal.ts'
import type { Figure } from './figures.ts'
import type { Fixture } from './fixture.ts'
import { cpuMsOf, pssOf } from './proc.ts'

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
  const [usedBefore, startedAt] = [agent.reduce((sum, { pid }) => sum + cpuMsOf(pid), 0), performance.now()]
  await sleep(watchMs)
  const spent = agent.reduce((sum, { pid }) => sum + cpuMsOf(pid), 0) - usedBefore
  for (const terminal of opened) terminal.close()
  return [
    { name: 'agent and holder, one terminal, PSS', value: before, limit: idleMb, unit: 'MB' },
    { name: 'each additional idle terminal', value: (after - before) / terminals, limit: terminalMb, unit: 'MB' },
    {
      name: `CPU with ${opened.length} idle terminals`,
      value: spent / (performance.now() - startedAt),
      limit: idleShare,
      unit: '×',
      basis: 'of one CPU',
    },
  ]
}

async function openPrompt(fixture: Fixture): Promise<CountingTerminal> {
  const shown = Promise.withResolvers<void>()
  const terminal = await openCounting('ours', fixture, '', () => shown.resolve())
  await shown.promise
  return terminal
}
