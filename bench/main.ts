// `npm run bench`: measures the build in dist/ with real processes: coderd, agent and shell in their own, the client in
// this one. `npm run bench -- echo flood` runs the named benchmarks. Exits with status 1 if a limit is missed.

import { measureAnswers } from './answers.ts'
import { measureAttach } from './attach.ts'
import { measureBuilds } from './builds.ts'
import { measureCommands } from './commands.ts'
import { measureEcho } from './echo.ts'
import { measureEvaluation } from './evaluation.ts'
import { type Figure, isMet, toTable } from './figures.ts'
import { type Fixture, openFixture } from './fixture.ts'
import { measureFlood } from './flood.ts'
import { measureIdle } from './idle.ts'
import { measureInterrupt } from './interrupt.ts'
import { measureMemory } from './memory.ts'
import { measureNewTerminal } from './new-terminal.ts'
import { measurePage } from './page.ts'
import { measureParameters } from './parameters.ts'
import { measureParse } from './parse.ts'
import { measurePortForward } from './port-forward.ts'
import { measureSsh } from './ssh.ts'
import { measureStart } from './start.ts'
import { measureWatches } from './watches.ts'

type Bench =
  | { readonly needs: 'nothing'; readonly measure: () => Promise<Figure[]> }
  | { readonly needs: 'workspace'; readonly measure: (fixture: Fixture) => Promise<Figure[]> }

const benches: Readonly<Record<string, Bench>> = {
  start: { needs: 'nothing', measure: measureStart },
  parse: { needs: 'nothing', measure: measureParse },
  evaluation: { needs: 'nothing', measure: measureEvaluation },
  memory: { needs: 'nothing', measure: measureMemory },
  builds: { needs: 'workspace', measure: measureBuilds },
  commands: { needs: 'workspace', measure: measureCommands },
  parameters: { needs: 'workspace', measure: measureParameters },
  terminal: { needs: 'workspace', measure: measureNewTerminal },
  idle: { needs: 'workspace', measure: measureIdle },
  attach: { needs: 'workspace', measure: measureAttach },
  echo: { needs: 'workspace', measure: measureEcho },
  flood: { needs: 'workspace', measure: measureFlood },
  interrupt: { needs: 'workspace', measure: measureInterrupt },
  page: { needs: 'workspace', measure: measurePage },
  ssh: { needs: 'workspace', measure: measureSsh },
  'port-forward': { needs: 'workspace', measure: measurePortForward },
  watches: { needs: 'workspace', measure: measureWatches },
  // Last, because it fills the database.
  answers: { needs: 'workspace', measure: measureAnswers },
}

/** Opened by the first benchmark that needs it. */
let fixture: Fixture | undefined

function measure(bench: Bench): Promise<Figure[]> {
  if (bench.needs === 'nothing') return bench.measure()
  if (!fixture) throw new Error('There is no workspace to measure.')
  return bench.measure(fixture)
}

const wanted = process.argv.slice(2)
const unknown = wanted.filter((name) => !(name in benches))
if (unknown.length > 0) {
  console.error(`Unknown benchmark: ${unknown.join(', ')}. Benchmarks: ${Object.keys(benches).join(', ')}`)
  process.exit(2)
}

// Cleans up after Ctrl-C.
async function leave(): Promise<void> {
  await fixture?.close()
  process.exit(1)
}
process.once('SIGINT', leave).once('SIGTERM', leave)

const figures: Figure[] = []
try {
  for (const [name, bench] of Object.entries(benches)) {
    if (wanted.length > 0 && !wanted.includes(name)) continue
    process.stderr.write(`${name} …\n`)
    if (bench.needs === 'workspace') fixture ??= await openFixture()
    figures.push(...(await measure(bench)))
  }
} finally {
  await fixture?.close()
}
console.log(toTable(figures))
process.exitCode = figures.every(isMet) ? 0 : 1
