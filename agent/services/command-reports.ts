// Commands that ended in terminals, on their way to the history: gathered for a second, sent together, kept while coderd
// is away as long as there are not too many. Whoever told of them remembers them until they have arrived: should this
// process end before, they are told again to the next.

import { maxReportedCommands, type ReportedCommand, reportCommands } from '../../api/agents/terminals.ts'
import type { Client } from '../../api/client.ts'
import { persist } from './reports.ts'

const gatherMs = 1_000
// What a script types into a terminal while coderd is away for long; the oldest are forgotten first.
const maxWaiting = 5_000

export interface CommandReports {
  /** @param number ascends */
  add(command: ReportedCommand, number: number): void
  /** Resolves when coderd has taken what there is. */
  flush(): Promise<void>
}

/** What began with a blank is to be forgotten, and of what nobody told the text there is nothing to keep. */
const isKept = ({ command }: ReportedCommand) => /^\S/.test(command)

/** One text that cannot be kept would have all be refused that are sent with it. */
const storable = (text: string) => text.replaceAll('\0', '').toWellFormed()

/** @param onKept hears up to which number they have arrived, or need not arrive */
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
