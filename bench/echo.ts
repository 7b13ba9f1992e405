// Time from a keystroke to its echo, one at a time: through /pty, and in a pty of this process as the reference. Also
// during builds.

import { startBuilding, startRestarting } from './build-loop.ts'
import { type CountingTerminal, openCounting } from './counting-terminal.ts'
import { echoOne, openEchoing } from './echo-terminal.ts'
import { type Figure, median, percentile } from './figures.ts'
import type { Fixture } from './fixture.ts'

const samplesPerTurn = 500
const turns = 8
// The first keystrokes are slow, because no program on the path has compiled its code and the young generations of their
// heaps are small: in one of five windows some take 2 to 3 ms.
const warmUpMs = 6_000
// Limits: time added to the median of the reference, and p99.
const maxAddedMs = 0.2
const maxAddedP99Ms = 1

export async function measureEcho(fixture: Fixture): Promise<Figure[]> {
  const quiet = await measureBoth(fixture)
  const flood = await openCounting('ours', fixture, 'exec yes a line of a flood', () => undefined)
  const flooded = await measureBoth(fixture)
  // Stops the flood before the following measurements.
  flood.type('\x03')
  await flood.ended
  const stopBuilding = await startBuilding(fixture)
  const building = await measureBoth(fixture)
  const builds = await stopBuilding()
  const stopRestarting = await startRestarting(fixture)
  const restarting = await measureBoth(fixture)
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
async function measureBoth(fixture: Fixture): Promise<Samples> {
  const bare = await openEchoing('bare', fixture)
  const ours = await openEchoing('ours', fixture)
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

async function collect(terminal: CountingTerminal): Promise<number[]> {
  const samples: number[] = []
  for (let sample = 0; sample < samplesPerTurn; sample++) samples.push(await echoOne(terminal))
  return samples
}

function toFigures(name: string, { bare, ours }: Samples): Figure[] {
  const bareMs = median(bare)
  const bareP99Ms = percentile(bare, 0.99)
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
      limit: bareP99Ms + maxAddedP99Ms,
      unit: 'ms',
      basis: `bare pty ${bareP99Ms.toFixed(2)} + ${maxAddedP99Ms}`,
    },
  ]
}
