// Duration of commands as whole processes, compared with an empty Node.js program in alternating order, so that the same
// load affects both.

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { type Figure, median } from './figures.ts'
import type { Fixture } from './fixture.ts'

const coder = fileURLToPath(new URL('../dist/cli/coder.js', import.meta.url))

const rounds = 20

// Coder's command takes 0.05 and 0.10 s where an empty Node.js program takes 0.03.
const commands = [
  { args: ['version'], timesNode: 2 },
  { args: ['list'], timesNode: 4 },
] as const

export async function measureCommands({ deployment }: Fixture): Promise<Figure[]> {
  const run = async (args: readonly string[]): Promise<number> => {
    const startedAt = performance.now()
    const child = spawn(process.execPath, args, {
      env: { ...deployment.env, CODER_CONFIG_DIR: deployment.dataDir },
      stdio: 'ignore',
    })
    const [status] = await once(child, 'exit')
    if (status !== 0) throw new Error(`${args.join(' ')} exited with status ${status}`)
    return performance.now() - startedAt
  }
  const nothing: number[] = []
  const taken = commands.map((): number[] => [])
  for (let round = 0; round < rounds; round += 1) {
    nothing.push(await run(['-e', '']))
    for (const [index, { args }] of commands.entries()) taken[index]?.push(await run([coder, ...args]))
  }
  const node = median(nothing)
  return commands.map(({ args, timesNode }, index) => ({
    name: `coder ${args.join(' ')}, p50`,
    value: median(taken[index] ?? []),
    limit: node * timesNode,
    unit: 'ms' as const,
    basis: `${timesNode} × an empty Node.js program, ${node.toFixed(0)}`,
  }))
}
