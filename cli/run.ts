// What there is to call stands in program.ts; this file only runs it and turns a failure into words on stderr and exit
// status 1.

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
  // Commander has printed its own words (help, version, a wrong flag) already.
  if (!(error instanceof CommanderError)) await printError(error, program.opts())
  process.exitCode = error instanceof CommanderError ? error.exitCode : 1
}

/** `coder --version` is a command: as a flag of all it would be none of those that mean the version of a template. */
function expandVersionFlag(words: readonly string[]): readonly string[] {
  return words[0] === '--version' ? ['version', ...words.slice(1)] : words
}

/** Whoever reads the output, `head` for instance, has enough: as with Ctrl-C, a command may still take away what it made. */
function exitWithReader(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EPIPE') throw error
  if (process.listenerCount('SIGINT') === 0) process.exit()
  process.stdout.off('error', exitWithReader).on('error', () => undefined)
  process.kill(process.pid, 'SIGINT')
}
