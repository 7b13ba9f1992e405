// Throughput of 100 MB of text to a counting client, compared with a pty of this process in the same run.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openCounting, type Transport } from './counting-terminal.ts'
import { type Figure, median } from './figures.ts'
import type { Fixture } from './fixture.ts'

const line = `${'The quick brown fox jumps over the lazy dog. '.repeat(2)}0123456789\n`
const lines = 1_000_000
// The terminal converts line ends to CR LF.
const floodBytes = lines * (line.length + 1)
/** Of the rate of the bare pty. Our protocol adds positions and acknowledgements. */
const minShares = { ours: 0.6, coder: 0.75 } as const
const rounds = 3

export async function measureFlood(fixture: Fixture): Promise<Figure[]> {
  const folder = mkdtempSync(join(tmpdir(), 'coder-local-flood-'))
  const file = join(folder, 'flood.txt')
  writeFileSync(file, line.repeat(lines))
  const rates: Record<Transport, number[]> = { bare: [], ours: [], coder: [] }
  try {
    for (let round = 0; round < rounds; round++)
      for (const transport of ['bare', 'ours', 'coder'] as const)
        rates[transport].push(await flood(transport, fixture, file))
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
  const bare = median(rates.bare)
  const toFigure = (name: string, transport: 'ours' | 'coder'): Figure => ({
    name,
    value: median(rates[transport]),
    limit: bare * minShares[transport],
    isAtLeast: true,
    unit: 'MB/s',
    basis: `bare pty ${bare.toFixed(0)} MB/s × ${minShares[transport]}`,
  })
  return [toFigure('flood of 100 MB', 'ours'), toFigure("flood of 100 MB, Coder's protocol", 'coder')]
}

/** @returns MB/s from the first byte to the last. */
async function flood(transport: Transport, fixture: Fixture, file: string): Promise<number> {
  const over = Promise.withResolvers<void>()
  let received = 0
  let startedAt = 0
  const terminal = await openCounting(transport, fixture, `cat ${file}; sleep 10`, (bytes) => {
    startedAt ||= performance.now()
    received += bytes.length
    if (received >= floodBytes) over.resolve()
  })
  void terminal.ended.then(() => over.reject(new Error(`The terminal (${transport}) ended after ${received} bytes`)))
  await over.promise
  const tookMs = performance.now() - startedAt
  terminal.close()
  return floodBytes / 1000 / tookMs
}
