// Time from opening a new terminal to the first output of its shell.

import { openCounting } from './counting-terminal.ts'
import { type Figure, median, percentile } from './figures.ts'
import type { Scene } from './scene.ts'

const runs = 20
const limitMs = 40

export async function measureNewTerminal(scene: Scene): Promise<Figure[]> {
  const samples: number[] = []
  for (let run = 0; run < runs; run++) samples.push(await openOne(scene))
  return [
    { name: 'new terminal → output p50', value: median(samples), limit: limitMs, unit: 'ms' },
    { name: 'new terminal → output p90', value: percentile(samples, 0.9), unit: 'ms' },
  ]
}

async function openOne(scene: Scene): Promise<number> {
  const startedAt = performance.now()
  const shown = Promise.withResolvers<void>()
  const terminal = await openCounting('ours', scene, '', () => shown.resolve())
  await shown.promise
  const took = performance.now() - startedAt
  terminal.type('exit\r')
  await terminal.ended
  return took
}
