// Sends commands that ended in terminals to the history: batched for a second, buffered while coderd
// is unreachable, up to a limit. The holder keeps them until they are acknowledged: if this
// process exits first, it sends them to the next one.

import { maxReportedCommands, type ReportedCommand, reportCommands } from '../../api/agents/terminals.ts'
import type { Client } from '../../api/client.ts'
import { persist } from './reports.ts'

const gatherMs = 1_000
// Buffer limit, reached when a script types while coderd is away; the oldest are dropped.
const maxWaiting = 5_000

export interface CommandReports {
  /** @param number ascends */
  add(command: ReportedCommand, number: number): void
  /** Resolves when everything is sent. */
  flush(): Promise<void>
}

/** Drops commands that start with a blank or have no text. */
const isKept = ({ command }: ReportedCommand) => /^\S/.test(command)

/** Sanitizes the text: one invalid text would make coderd reject the whole batch. */
const storable = (text: string) => text.replaceAll('\0', '').toWellFormed()

/** @param onKept receives the number up to which commands are stored or dropped */
export function createCommandReports(client: Client, onKept: (through: number) => void): CommandReports {
  const waiting: { readonly command: ReportedCommand; readonly number: number }[] = []
  let gathering: NodeJS.Timeout | undefined
  let sending: Promise<void> | undefined

  async function send(): Promise<void> {
    while (waiting.length > 0) {
      const sent = waiting.splice(0, maxReportedCommands)
      const commands = sent.map(({ command }) => command)
      await persist(() => client.call(reportCommands, { body: { commands } }))
      onKept(sent.at(-1)?.number ?? 0)
    }
  }

  function flush(): Promise<void> {
    clearTimeout(gathering)
    gathering = undefined
    sending ??= send().finally(() => {
      sending = undefined
    })
    return sending
  }

  return {
    add(command, number) {
      if (!isKept(command)) return
      const stored = { ...command, command: storable(command.command), cwd: storable(command.cwd) }
      waiting.push({ command: stored, number })
      if (waiting.length > maxWaiting) waiting.shift()
      gathering ??= setTimeout(() => void flush(), gatherMs)
    },
    flush,
  }
}
