// Runs the command line: parses the arguments, executes the command, prints its error and sets the exit status.

import { CommanderError } from 'commander'
import { normalizeFlags } from './arguments/normalize-flags.ts'
import { buildCommandTree } from './command-tree.ts'
import { printError } from './output/errors.ts'

process.stdout.on('error', exitWithReader)

const words = expandVersionFlag(process.argv.slice(2))
const program = buildCommandTree(words[0])
try {
  await program.parseAsync(normalizeFlags(program, words), { from: 'user' })
} catch (error) {
  // Commander has already printed its own output: help or a usage error.
  if (!(error instanceof CommanderError)) await printError(error, program.opts())
  process.exitCode = error instanceof CommanderError ? error.exitCode : 1
}

/** Makes `coder --version` a command. As a global flag it would conflict with the commands' own --version flags. */
function expandVersionFlag(words: readonly string[]): readonly string[] {
  return words[0] === '--version' ? ['version', ...words.slice(1)] : words
}

/** Exits when the reader of stdout, such as `head`, has closed the pipe. Like Ctrl-C, so that the command can clean up. */
function exitWithReader(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EPIPE') throw error
  if (process.listenerCount('SIGINT') === 0) process.exit()
  process.stdout.off('error', exitWithReader).on('error', () => undefined)
  process.kill(process.pid, 'SIGINT')
}
