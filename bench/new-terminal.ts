// Time from opening a new terminal to the first output of its shell.

import { openCounting } from './counting-terminal.ts'
import { type Figure, median, percentile } from './figures.ts'
import type { Fixture } from './fixture.ts'

const runs = 20
const limitMs = 40

export async function measureNewTerminal(fixture: Fixture): Promise<Figure[]> {
  const samples: number[] = []
  for (let run = 0; run < runs; run++) samples.push(await openOne(fixture))
  return [
    { name: 'new terminal → output p50', value: median(samples), limit: limitMs, unit: 'ms' },
    { name: 'new terminal → output p90', value: percentile(samples, 0.9), unit: 'ms' },
  ]
}

async function openOne(fixture: Fixture): Promise<number> {
  const startedAt = performance.now()
  const shown = Promise.withResolvers<void>()
  const terminal = await openCounting('ours', fixture, '', () => shown.resolve())
  await shown.promise
  const took = performance.now() - startedAt
  terminal.type('exit\r')
  await terminal.ended
  return took
}
