// The tool that runs a command in a workspace, in a new terminal session.

import { randomUUID } from 'node:crypto'
import { stripVTControlCharacters } from 'node:util'
import { shellQuoted } from '../../lib/shell-quoted.ts'
import { requireAgent } from '../lookup/find-agent.ts'
import { CommandError } from '../output/errors.ts'
import { attachPty, type PtyExit } from '../terminals/pty-attachment.ts'
import { booleanField, integerField, stringField, tool } from './tool.ts'

const defaultTimeoutMs = 60_000
const maxTimeoutMs = 30 * 60_000
// More output than a model can use. The result states the full length.
const maxOutputLength = 100_000
// Time between Ctrl-C and detaching from a command that ignores it.
const graceMs = 2_000
// Wide, because programs wrap their output at the terminal's width.
const size = { cols: 2_000, rows: 50 }

export const bashTool = tool({
  name: 'coder_workspace_bash',
  description:
    'Runs a command with bash in a running workspace and returns its output, including standard error, and its exit code. The command has no input. Each call starts a new shell: the working directory and variables are not kept.',
  required: {
    workspace: stringField('workspace, owner/workspace or owner/workspace.agent.'),
    command: stringField('The command, of any length.'),
  },
  optional: {
    timeout_ms: integerField(
      'Time limit in milliseconds; default 60000, at most 1800000. On timeout, the output so far is returned.',
    ),
    background: booleanField('Start the command and return immediately; its output is discarded.'),
  },
  async call({ workspace, command, timeout_ms = defaultTimeoutMs, background = false }, { userConnection }, signal) {
    if (timeout_ms < 1 || timeout_ms > maxTimeoutMs)
      throw new CommandError(`timeout_ms must be between 1 and ${maxTimeoutMs}.`)
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
    let hasTimedOut = false as boolean
    const limit = setTimeout(() => {
      hasTimedOut = true
      interrupt()
    }, timeout_ms)
    signal.addEventListener('abort', interrupt)
    try {
      const exit = await pty.ended
      return {
        output: formatOutput(output, length),
        exit_code: exitCode(exit),
        ...(hasTimedOut && { error: `The command was interrupted after ${timeout_ms} ms.` }),
      }
    } finally {
      clearTimeout(limit)
      signal.removeEventListener('abort', interrupt)
    }
  },
})

const inForeground = (command: string) =>
  `TERM=dumb NO_COLOR=1 PAGER=cat GIT_PAGER=cat bash -c ${shellQuoted(command)} </dev/null`

/** In a new session, because the terminal closes when the call returns. */
const inBackground = (command: string) =>
  `(trap '' HUP; exec setsid bash -c ${shellQuoted(command)} </dev/null >/dev/null 2>&1) & sleep 0.1`

/** The exit status as in a shell, 128 plus the number for a signal; null when unknown. */
const exitCode = (exit: PtyExit | null) => (exit ? exit.code || (exit.signal && 128 + exit.signal) : null)

function formatOutput(output: string, length: number): string {
  const clean = stripVTControlCharacters(output.replaceAll('\r\n', '\n')).trimEnd()
  if (clean.length <= maxOutputLength) return clean
  return `${clean.slice(0, maxOutputLength)}\n… truncated, ${length} bytes in total.`
}
