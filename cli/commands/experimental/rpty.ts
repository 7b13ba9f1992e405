// `coder exp rpty`: attaches this terminal to a session of a workspace by its id.

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

// For output to a file or a pipe.
const defaultSize = { cols: 80, rows: 24 }
const clearScreen = '\x1bc'
// Ctrl-D.
const endOfInput = '\x04'

export async function openTerminal([name = '', ...words]: readonly string[], options: TerminalOptions): Promise<void> {
  if (options.container)
    throw new CommandError('Terminals in containers are not supported.', {
      hint: `run \`docker exec -it ${options.container} sh\` as the command.`,
    })
  const id = options.reconnect ?? randomUUID()
  if (!/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(id))
    throw new CommandError(`--reconnect "${id}" is not a session ID.`, { hint: 'a session ID is a UUID.' })
  const connection = await connect(options)
  const { agent } = await requireAgent(connection, name)
  const { stdin, stdout } = process
  const isInteractive = stdin.isTTY && stdout.isTTY
  const size = () => (stdout.isTTY ? { cols: stdout.columns, rows: stdout.rows } : defaultSize)

  const pty = attachPty(connection, {
    agentId: agent.id,
    id,
    command: words.join(' '),
    ...size(),
    onOutput: (bytes) => void stdout.write(bytes),
    onScreen: (bytes) => void stdout.write(stdout.isTTY ? Buffer.concat([Buffer.from(clearScreen), bytes]) : bytes),
  })
  if (isInteractive && !options.reconnect) note(`Attached. \`--reconnect ${id}\` attaches to this session again.`)
  if (isInteractive) enterRawMode()
  stdin.on('data', (bytes: Buffer) => pty.write(bytes))
  stdin.on('end', () => pty.write(endOfInput))
  stdout.on('resize', () => pty.resize(size().cols, size().rows))
  process.once('SIGHUP', () => pty.detach())
  process.once('SIGTERM', () => pty.detach())
  try {
    const exit = await pty.ended
    process.exitCode = exit ? exit.code || (exit.signal && 128 + exit.signal) : 0
  } finally {
    if (isInteractive) stdin.setRawMode(false)
    // Unread piped input would keep the process alive.
    stdin.destroy()
  }
}
