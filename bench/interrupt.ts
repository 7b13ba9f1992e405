// Time from Ctrl-C during a flood to the prompt of the shell.

import { openCounting } from './counting-terminal.ts'
import { type Figure, median, percentile } from './figures.ts'
import type { Fixture } from './fixture.ts'

const runs = 15
const limitMs = 30
// Enough to fill every queue on the path.
const floodBytes = 8 * 1024 * 1024
const prompt = 'bench-prompt>'

export async function measureInterrupt(fixture: Fixture): Promise<Figure[]> {
  const samples: number[] = []
  for (let run = 0; run < runs; run++) samples.push(await interruptOne(fixture))
  return [
    { name: 'Ctrl-C in a flood → prompt p50', value: median(samples), limit: limitMs, unit: 'ms' },
    { name: 'Ctrl-C in a flood → prompt p90', value: percentile(samples, 0.9), unit: 'ms' },
  ]
}

async function interruptOne(fixture: Fixture): Promise<number> {
  let count = 0
  let end = ''
  let check: () => void = () => undefined
  const until = (condition: () => boolean) =>
    new Promise<void>((resolve) => {
      check = () => void (condition() && resolve())
      check()
    })
  // The shell composes the prompt, so that the echoed command does not match it.
  const terminal = await openCounting(
    'ours',
    fixture,
    `PS1=bench-prompt'>' exec bash --norc --noprofile -i`,
    (bytes) => {
      count += bytes.length
      // The prompt may be split across two chunks, so the end of the previous chunk is kept.
      end = (end + bytes.toString('latin1')).slice(-bytes.length - prompt.length)
      check()
    },
  )
  const showsPrompt = () => end.includes(prompt)
  await until(showsPrompt)
  end = ''
  terminal.type('yes\r')
  await until(() => count > floodBytes)
  end = ''
  const startedAt = performance.now()
  terminal.type('\x03')
  await until(showsPrompt)
  const tookMs = performance.now() - startedAt
  terminal.type('exit\r')
  await terminal.ended
  return tookMs
}
