// Time from a keystroke to its echo, one at a time: through /pty, and in a pty of this process as the reference. Also
// during builds.

import { startBuilding, startRestarting } from './build-loop.ts'
import { type CountingTerminal, openCounting, type Transport } from './counting-terminal.ts'
import { type Figure, median, percentile } from './figures.ts'
import type { Scene } from './scene.ts'

// Echoes each byte immediately, so that only the path and one program are measured.
const echoCommand = 'stty raw -echo; printf ready; exec cat'

const samplesPerTurn = 500
const turns = 8
// The first keystrokes are slow, because no program on the path has compiled its code and the young generations of their
// heaps are small: in one of five windows some take 2 to 3 ms.
const warmUpMs = 6_000
// Limits: time added to the median of the reference, and p99.
const maxAddedMs = 0.3
const maxP99Ms = 1.5

export async function measureEcho(scene: Scene): Promise<Figure[]> {
  const quiet = await measureBoth(scene)
  const flood = await openCounting('ours', scene, 'exec yes a line of a flood', () => undefined)
  const flooded = await measureBoth(scene)
  // Stops the flood before the following measurements.
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
    // Starting programs occupy both CPUs and delay the reference as well, so these figures have no limit.
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

/** Alternating, so that other load affects both equally. */
async function measureBoth(scene: Scene): Promise<Samples> {
  const bare = await openReady('bare', scene)
  const ours = await openReady('ours', scene)
  const samples: Samples = { bare: [], ours: [] }
  const warmUpEndsAt = performance.now() + warmUpMs
  while (performance.now() < warmUpEndsAt) {
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

async function openReady(transport: Transport, scene: Scene): Promise<CountingTerminal> {
  const ready = Promise.withResolvers<void>()
  let text = ''
  const terminal = await openCounting(transport, scene, echoCommand, (bytes) => {
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
    const startedAt = performance.now()
    terminal.onOutput = () => resolve(performance.now() - startedAt)
    terminal.type('x')
  })
}

function toFigures(name: string, { bare, ours }: Samples): Figure[] {
  const bareMs = median(bare)
  return [
    {
      name: `${name} p50`,
      value: median(ours),
      limit: bareMs + maxAddedMs,
      unit: 'ms',
      basis: `bare pty ${bareMs.toFixed(3)} + ${maxAddedMs}`,
    },
    {
      name: `${name} p99`,
      value: percentile(ours, 0.99),
      limit: maxP99Ms,
      unit: 'ms',
      basis: `bare pty p99 is ${percentile(bare, 0.99).toFixed(2)}`,
    },
  ]
}
