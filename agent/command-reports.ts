// Commands that ended in terminals, on their way to the history: gathered for a second, sent together, kept while coderd
// is away as long as there are not too many.

import type { Client } from '../api/client.ts'
import { maxReportedCommands, type ReportedCommand, reportCommands } from '../api/terminals.ts'
import { persist } from './reports.ts'

const gatherMs = 1_000
// What a script types into a terminal while coderd is away for long; the oldest are forgotten first.
const maxWaiting = 5_000

export interface CommandReports {
  add(command: ReportedCommand): void
  /** Resolves when coderd has taken what there is. */
  flush(): Promise<void>
}

/** What began with a blank is to be forgotten, and of what nobody told the text there is nothing to keep. */
const isKept = ({ command }: ReportedCommand) => /^\S/.test(command)

/** One text that cannot be kept would have all be refused that are sent with it. */
const storable = (text: string) => text.replaceAll('\0', '').toWellFormed()

export function createCommandReports(client: Client): CommandReports {
  const waiting: ReportedCommand[] = []
  let gathering: NodeJS.Timeout | undefined
  let sending: Promise<void> | undefined

  async function send(): Promise<void> {
    while (waiting.length > 0) {
      const commands = waiting.splice(0, maxReportedCommands)
      await persist(() => client.call(reportCommands, { body: { commands } }))
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
    add(command) {
      if (!isKept(command)) return
      waiting.push({ ...command, command: storable(command.command), cwd: storable(command.cwd) })
      if (waiting.length > maxWaiting) waiting.shift()
      gathering ??= setTimeout(() => void flush(), gatherMs)
    },
    flush,
  }
}
