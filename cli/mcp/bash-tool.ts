// The tool that runs a command in a workspace: in a terminal session of its own, whose process tells how it ended.

import { randomUUID } from 'node:crypto'
import { stripVTControlCharacters } from 'node:util'
import { shellQuoted } from '../../lib/shell-quoted.ts'
import { requireAgent } from '../lookup/find-agent.ts'
import { CommandError } from '../output/errors.ts'
import { attachPty, type PtyExit } from '../terminals/pty-attachment.ts'
import { booleanField, integerField, stringField, tool } from './tool.ts'

const usualTimeoutMs = 60_000
const maxTimeoutMs = 30 * 60_000
// More than this no model reads; what is left out is said.
const maxOutputLength = 100_000
// Between Ctrl-C and giving up on a command that does not listen to it.
const graceMs = 2_000
// Programs fold their lines at the terminal's edge.
const size = { cols: 2_000, rows: 50 }

export const bashTool = tool({
  name: 'coder_workspace_bash',
  description:
    'Runs a command by bash in a running workspace and gives its output, standard error included, and its exit code. It reads no input. Each call is a shell of its own: `cd` and variables do not last.',
  required: {
    workspace: stringField('workspace, owner/workspace or owner/workspace.agent.'),
    command: stringField('What to run, of any length.'),
  },
  optional: {
    timeout_ms: integerField(
      'When to interrupt it; 60000 when left out, at most 1800000. What it said until then is given.',
    ),
    background: booleanField('Start it and come back at once; it goes on without its output being kept.'),
  },
  async call({ workspace, command, timeout_ms = usualTimeoutMs, background = false }, { userConnection }, signal) {
    if (timeout_ms < 1 || timeout_ms > maxTimeoutMs)
      throw new CommandError(`timeout_ms is to be between 1 and ${maxTimeoutMs}.`)
    const connection = userConnection()
    const { agent } = await requireAgent(connection, workspace)
    if (agent.status !== 'connected')
      throw new CommandError(`The agent of ${workspace} is ${agent.status}.`, { hint: 'wait until it is connected.' })

    let output = ''
    let length = 0
    const decoder = new TextDecoder()
    const pty = attachPty(connection, {
      agentId: agent.id,
      id: randomUUID(),
      command: background ? inBackground(command) : inForeground(command),
      ...size,
      onOutput(bytes) {
        length += bytes.length
        if (output.length < maxOutputLength) output += decoder.decode(bytes, { stream: true })
      },
    })
    const interrupt = () => {
      pty.write('\x03')
      setTimeout(() => pty.detach(), graceMs).unref()
    }
    let isLate = false as boolean
    const limit = setTimeout(() => {
      isLate = true
      interrupt()
    }, timeout_ms)
    signal.addEventListener('abort', interrupt)
    try {
      const exit = await pty.ended
      return {
        output: readable(output, length),
        exit_code: exitCode(exit),
        ...(isLate && { error: `It was interrupted after ${timeout_ms} ms.` }),
      }
    } finally {
      clearTimeout(limit)
      signal.removeEventListener('abort', interrupt)
    }
  },
})

const inForeground = (command: string) =>
  `TERM=dumb NO_COLOR=1 PAGER=cat GIT_PAGER=cat bash -c ${shellQuoted(command)} </dev/null`

/** Out of the terminal's reach, which ends with the call. */
const inBackground = (command: string) =>
  `(trap '' HUP; exec setsid bash -c ${shellQuoted(command)} </dev/null >/dev/null 2>&1) & sleep 0.1`

/** As shells say it: 128 and the signal's number; null when nobody knows. */
const exitCode = (exit: PtyExit | null) => (exit ? exit.code || (exit.signal && 128 + exit.signal) : null)

function readable(output: string, length: number): string {
  const clean = stripVTControlCharacters(output.replaceAll('\r\n', '\n')).trimEnd()
  if (clean.length <= maxOutputLength) return clean
  return `${clean.slice(0, maxOutputLength)}\n… ${length} bytes in all.`
}
