// From a keystroke to its echo, one at a time: through /pty, and in a bare pty for the limit. Again while builds run.

import { startBuilding, startRestarting } from './build-loop.ts'
import { type CountingTerminal, openCounting, type Road } from './counting-terminal.ts'
import { type Figure, median, percentile } from './figures.ts'
import type { Scene } from './scene.ts'

// Answers each byte as it comes, so that what is measured is the road and one program.
const echoing = 'stty raw -echo; printf ready; exec cat'

const samplesPerTurn = 500
const turns = 8
// The first ones are of programs that have compiled nothing yet, on all of the road, and whose young heaps are still small:
// in one window of five some keys wait 2 to 3 ms then, whichever bench ran before. Both roads in turns.
const warmUpMs = 6_000
// What the road may add at its median, and what no keystroke in a hundred may pass.
const roadMs = 0.3
const worstMs = 1.5

export async function measureEcho(scene: Scene): Promise<Figure[]> {
  const quiet = await measureBoth(scene)
  const flood = await openCounting('ours', scene, 'exec yes a line of a flood', () => undefined)
  const flooded = await measureBoth(scene)
  // Left alone it would go on beside all that follows.
  flood.type('\x03')
  await flood.ended
  const stopBuilding = await startBuilding(scene)
  const building = await measureBoth(scene)
  const builds = await stopBuilding()
  const stopRestarting = await startRestarting(scene)
  const restarting = await measureBoth(scene)
  const restarts = await stopRestarting()
  return [
    ...toFigures('echo', quiet),
    ...toFigures('echo while another terminal floods', flooded),
    ...toFigures(`echo during ${builds} builds`, building),
    // What starts there wants both processors for itself, and the bare pty waits as well: told, not judged.
    ...toFigures(`echo during ${restarts} restarts of a workspace`, restarting).map((figure) => ({
      ...figure,
      limit: undefined,
    })),
  ]
}

interface Samples {
  readonly bare: number[]
  readonly ours: number[]
}

/** In turns, so that what else the machine does meets both alike. */
async function measureBoth(scene: Scene): Promise<Samples> {
  const bare = await openReady('bare', scene)
  const ours = await openReady('ours', scene)
  const samples: Samples = { bare: [], ours: [] }
  const warmAt = performance.now() + warmUpMs
  while (performance.now() < warmAt) {
    await collect(bare)
    await collect(ours)
  }
  for (let turn = 0; turn < turns; turn++) {
    samples.bare.push(...(await collect(bare)))
    samples.ours.push(...(await collect(ours)))
  }
  bare.close()
  ours.close()
  return samples
}

async function openReady(road: Road, scene: Scene): Promise<CountingTerminal> {
  const ready = Promise.withResolvers<void>()
  let text = ''
  const terminal = await openCounting(road, scene, echoing, (bytes) => {
    text += bytes
    if (text.includes('ready')) ready.resolve()
  })
  await ready.promise
  return terminal
}

async function collect(terminal: CountingTerminal): Promise<number[]> {
  const samples: number[] = []
  for (let sample = 0; sample < samplesPerTurn; sample++) samples.push(await echoOne(terminal))
  return samples
}

function echoOne(terminal: CountingTerminal): Promise<number> {
  return new Promise((resolve) => {
    const began = performance.now()
    terminal.onOutput = () => resolve(performance.now() - began)
    terminal.type('x')
  })
}

function toFigures(name: string, { bare, ours }: Samples): Figure[] {
  const bareMs = median(bare)
  return [
    {
      name: `${name} p50`,
      value: median(ours),
      limit: bareMs + roadMs,
      unit: 'ms',
      basis: `bare pty ${bareMs.toFixed(3)} + ${roadMs}`,
    },
    {
      name: `${name} p99`,
      value: percentile(ours, 0.99),
      limit: worstMs,
      unit: 'ms',
      basis: `bare pty p99 is ${percentile(bare, 0.99).toFixed(2)}`,
    },
  ]
}
