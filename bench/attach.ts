// Time from attaching to a session until its screen arrives: a session with a full screen, and one with ten thousand lines
// of scrollback while keystrokes in another terminal are measured.

import { type CountingTerminal, openCounting } from './counting-terminal.ts'
import { echoOne, openEchoing } from './echo-terminal.ts'
import { type Figure, median, percentile } from './figures.ts'
import type { Fixture } from './fixture.ts'

const runs = 25
const screenMs = 30
/** Additional delay allowed in another terminal. */
const pauseMs = 5

export async function measureAttach(fixture: Fixture): Promise<Figure[]> {
  const full = await measureFullScreen(fixture, 60)
  const long = await openDrawn(fixture, 10_000)
  const echoing = await openEchoing('ours', fixture)
  const quiet: number[] = []
  for (let key = 0; key < 1_000; key++) quiet.push(await echoOne(echoing))
  const [during, screens] = await echoWhile(echoing, () => measureAttaches(fixture, long.id))
  long.terminal.close()
  echoing.close()
  return [
    { name: 'attach to a full screen p50', value: median(full), limit: screenMs, unit: 'ms' },
    { name: 'attach under 10,000 lines → screen p50', value: median(screens), limit: screenMs, unit: 'ms' },
    {
      name: 'echo of another terminal meanwhile p99',
      value: percentile(during, 0.99),
      limit: percentile(quiet, 0.99) + pauseMs,
      unit: 'ms',
      basis: `${percentile(quiet, 0.99).toFixed(2)} without attaching clients + ${pauseMs}`,
    },
    { name: 'slowest echo of it', value: Math.max(...during), unit: 'ms', basis: `of ${during.length}` },
  ]
}

async function measureFullScreen(fixture: Fixture, lines: number): Promise<number[]> {
  const { id, terminal } = await openDrawn(fixture, lines)
  const samples = await measureAttaches(fixture, id)
  terminal.close()
  return samples
}

async function measureAttaches(fixture: Fixture, id: string): Promise<number[]> {
  const samples: number[] = []
  for (let run = 0; run < runs; run++) samples.push(await attachOne(fixture, id))
  return samples
}

async function attachOne(fixture: Fixture, id: string): Promise<number> {
  const startedAt = performance.now()
  const shown = Promise.withResolvers<void>()
  const terminal = await openCounting('ours', fixture, '', () => shown.resolve(), id)
  await shown.promise
  const took = performance.now() - startedAt
  await terminal.complete
  terminal.close()
  await terminal.ended
  return took
}

/** A session with colored output on its screen and the given number of lines. */
async function openDrawn(fixture: Fixture, lines: number): Promise<{ id: string; terminal: CountingTerminal }> {
  const id = crypto.randomUUID()
  const drawn = Promise.withResolvers<void>()
  let end = ''
  const line =
    '\\033[32m%d\\033[m a line of usual length with \\033[1;34mcolors\\033[m in it, as compilers write them\\n'
  const command = `seq 1 ${lines} | while read i; do printf '${line}' $i; done; echo dr''awn; exec cat`
  const terminal = await openCounting(
    'ours',
    fixture,
    command,
    (bytes) => {
      end = (end + bytes.toString('latin1')).slice(-200)
      if (end.includes('drawn')) drawn.resolve()
    },
    id,
  )
  await drawn.promise
  return { id, terminal }
}

async function echoWhile<T>(terminal: CountingTerminal, work: () => Promise<T>): Promise<[number[], T]> {
  const samples: number[] = []
  let isFinished = false
  const working = work().finally(() => (isFinished = true))
  while (!isFinished) samples.push(await echoOne(terminal))
  return [samples, await working]
}
