// Time from opening a new terminal to the first output of its shell, compared with a login shell on a pty of this process.

import { spawn } from 'node-pty'
import { openCounting } from './counting-terminal.ts'
import { type Figure, median, percentile } from './figures.ts'
import type { Fixture } from './fixture.ts'

const runs = 20
// Connection, authorization and shell integration.
const maxAddedMs = 8

export async function measureNewTerminal(fixture: Fixture): Promise<Figure[]> {
  const samples: number[] = []
  const bare: number[] = []
  for (let run = 0; run < runs; run++) {
    bare.push(await openBare(fixture))
    samples.push(await openOne(fixture))
  }
  const bareMs = median(bare)
  return [
    {
      name: 'new terminal → output p50',
      value: median(samples),
      limit: bareMs + maxAddedMs,
      unit: 'ms',
      basis: `bare login shell ${bareMs.toFixed(1)} + ${maxAddedMs}`,
    },
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

/** Starts the login shell of the workspace on a pty of this process. */
async function openBare({ deployment: { env } }: Fixture): Promise<number> {
  const startedAt = performance.now()
  const pty = spawn(env.SHELL ?? '/bin/sh', ['-l'], { name: 'xterm-256color', cwd: env.HOME ?? '/', env })
  const ended = new Promise((resolve) => pty.onExit(resolve))
  await new Promise((resolve) => pty.onData(resolve))
  const took = performance.now() - startedAt
  pty.write('exit\r')
  await ended
  return took
}
