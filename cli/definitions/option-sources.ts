// `coder … --debug-options`: prints the source of each option value instead of running the command.

import { type Command, CommanderError } from 'commander'

const sources: Readonly<Record<string, string>> = { cli: 'flag', env: 'env', default: 'default' }

export async function printOptionSources(_program: Command, command: Command): Promise<void> {
  if (!command.optsWithGlobals().debugOptions) return
  const [{ formatTable }, { print }] = await Promise.all([import('../output/tables.ts'), import('../output/print.ts')])
  const rows = command.options.map((option) => ({
    name: JSON.stringify(option.long?.slice(2) ?? option.short),
    source: sources[command.getOptionValueSource(option.attributeName()) ?? ''] ?? '',
  }))
  print(
    formatTable<(typeof rows)[number]>(
      [
        { title: 'option', value: ({ name }) => name },
        { title: 'value source', value: ({ source }) => source },
      ],
      rows,
    ),
  )
  throw new CommanderError(0, 'coder.debugOptions', '')
}
