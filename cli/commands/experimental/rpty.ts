// `coder exp rpty`: a terminal of a workspace in this one, found again by its id.

import { randomUUID } from 'node:crypto'
import { connect } from '../../connection/connect.ts'
import type { GlobalOptions } from '../../connection/local-deployment.ts'
import { requireAgent } from '../../lookup/find-agent.ts'
import { CommandError } from '../../output/errors.ts'
import { note } from '../../output/print.ts'
import { attachPty } from '../../terminals/pty-attachment.ts'
import { enterRawMode } from '../../terminals/raw-mode.ts'

interface TerminalOptions extends GlobalOptions {
  readonly container?: string
  readonly reconnect?: string
}

// Where the output goes into a file or a pipe.
const usualSize = { cols: 80, rows: 24 }
const clearScreen = '\x1bc'
// What a person types at the end of what they have to say: Ctrl-D.
const endOfInput = '\x04'

export async function openTerminal([name = '', ...words]: readonly string[], options: TerminalOptions): Promise<void> {
  if (options.container)
    throw new CommandError('Terminals in containers are not there yet.', {
      hint: `run \`docker exec -it ${options.container} sh\` as the command.`,
    })
  const id = options.reconnect ?? randomUUID()
  if (!/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(id))
    throw new CommandError(`--reconnect "${id}" is not the id of a terminal.`, { hint: 'an id is a UUID.' })
  const connection = await connect(options)
  const { agent } = await requireAgent(connection, name)
  const { stdin, stdout } = process
  const isWatched = stdin.isTTY && stdout.isTTY
  const size = () => (stdout.isTTY ? { cols: stdout.columns, rows: stdout.rows } : usualSize)

  const pty = attachPty(connection, {
    agentId: agent.id,
    id,
    command: words.join(' '),
    ...size(),
    onOutput: (bytes) => void stdout.write(bytes),
    onScreen: (bytes) => void stdout.write(stdout.isTTY ? Buffer.concat([Buffer.from(clearScreen), bytes]) : bytes),
  })
  if (isWatched && !options.reconnect) note(`Attached; \`--reconnect ${id}\` finds it again.`)
  if (isWatched) enterRawMode()
  stdin.on('data', (bytes: Buffer) => pty.write(bytes))
  stdin.on('end', () => pty.write(endOfInput))
  stdout.on('resize', () => pty.resize(size().cols, size().rows))
  process.once('SIGHUP', () => pty.detach())
  process.once('SIGTERM', () => pty.detach())
  try {
    const exit = await pty.ended
    process.exitCode = exit ? exit.code || (exit.signal && 128 + exit.signal) : 0
  } finally {
    if (isWatched) stdin.setRawMode(false)
    // Piped input that nobody reads would keep the command.
    stdin.destroy()
  }
}
