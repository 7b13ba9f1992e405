// From Ctrl-C in a flood to the prompt of the shell.

import { openCounting } from './counting-terminal.ts'
import { type Figure, median, percentile } from './figures.ts'
import type { Scene } from './scene.ts'

const runs = 15
const limitMs = 30
// A flood that has filled every queue on its road.
const floodBytes = 8 * 1024 * 1024
const prompt = 'what-next>'

export async function measureInterrupt(scene: Scene): Promise<Figure[]> {
  const samples: number[] = []
  for (let run = 0; run < runs; run++) samples.push(await interruptOne(scene))
  return [
    { name: 'Ctrl-C in a flood → prompt p50', value: median(samples), limit: limitMs, unit: 'ms' },
    { name: 'Ctrl-C in a flood → prompt p90', value: percentile(samples, 0.9), unit: 'ms' },
  ]
}

async function interruptOne(scene: Scene): Promise<number> {
  // The prompt is put together by the shell, so that its echo of the command is not taken for it.
  const terminal = await openCounting('ours', scene, `PS1=what-next'>' exec bash --norc --noprofile -i`)
  const received = (isEnough: (bytes: Buffer, count: number) => boolean) => {
    let count = 0
    return new Promise<void>((resolve) => {
      terminal.onOutput = (bytes) => {
        count += bytes.length
        if (isEnough(bytes, count)) resolve()
      }
    })
  }
  const showsPrompt = (bytes: Buffer) => bytes.includes(prompt)
  await received(showsPrompt)
  terminal.type('yes\r')
  await received((_, count) => count > floodBytes)
  const began = performance.now()
  terminal.type('\x03')
  await received(showsPrompt)
  const took = performance.now() - began
  terminal.type('exit\r')
  await terminal.ended
  return took
}
