// Sends finished commands of terminals to the command history: batched for a second, buffered up to a limit while
// coderd is unreachable. The holder stores them until they are acknowledged, and sends them again to the next services
// process.

import { maxReportedCommands, type ReportedCommand, reportCommands } from '../../api/agents/terminals.ts'
import type { Client } from '../../api/client.ts'
import { hasControlCharacters } from '../../lib/control-characters.ts'
import { retryUntilAnswered } from './reports.ts'

const batchMs = 1_000
// Limit of the buffer, reached when a script types while coderd is unreachable; the oldest commands are dropped.
const maxWaiting = 5_000

export interface CommandReports {
  /** @param number ascends */
  add(command: ReportedCommand, number: number): void
  /** Resolves when everything is sent. */
  flush(): Promise<void>
}

/** Excludes commands that start with a blank, have no text or contain characters that coderd refuses. */
const isRecorded = ({ command, cwd }: ReportedCommand) =>
  /^\S/.test(command) && !hasControlCharacters(command) && !hasControlCharacters(cwd)

/** @param onStored receives the number up to which commands are stored or dropped */
export function createCommandReports(client: Client, onStored: (through: number) => void): CommandReports {
  const waiting: { readonly command: ReportedCommand; readonly number: number }[] = []
  let batchTimer: NodeJS.Timeout | undefined
  let sending: Promise<void> | undefined

  async function send(): Promise<void> {
    while (waiting.length > 0) {
      const batch = waiting.splice(0, maxReportedCommands)
      const commands = batch.map(({ command }) => command)
      await retryUntilAnswered(() => client.call(reportCommands, { body: { commands } }))
      onStored(batch.at(-1)?.number ?? 0)
    }
  }

  function flush(): Promise<void> {
    clearTimeout(batchTimer)
    batchTimer = undefined
    sending ??= send().finally(() => {
      sending = undefined
    })
    return sending
  }

  return {
    add(command, number) {
      if (!isRecorded(command)) return
      // PostgreSQL stores only well-formed text.
      const stored = { ...command, command: command.command.toWellFormed(), cwd: command.cwd.toWellFormed() }
      waiting.push({ command: stored, number })
      if (waiting.length > maxWaiting) waiting.shift()
      batchTimer ??= setTimeout(() => void flush(), batchMs)
    },
    flush,
  }
}
