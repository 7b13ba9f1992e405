// What could come next on a command line: subcommands, flags, their values, and the names of what the deployment holds.
// Reads the same table of commands that is run. Scripts for the shells are in completion-scripts.ts.

import type { Argument, Command, Option } from 'commander'

export interface Candidate {
  readonly value: string
  readonly description: string
}

/** Asks the deployment for the names of a kind of thing, as arguments call it: `workspace`, `template`, `user`. */
export type ListNames = (kind: string) => Promise<readonly string[]>

/** @param words what follows the program's name; the last one is the word that is being typed, empty at its start. */
export async function complete(program: Command, words: readonly string[], listNames: ListNames): Promise<Candidate[]> {
  const typed = words.at(-1) ?? ''
  const { command, argumentCount, open } = walk(program, words.slice(0, -1))
  const candidates = open
    ? valuesOf(open)
    : typed.startsWith('-')
      ? flagsOf(command)
      : await next(command, argumentCount, listNames)
  return candidates.filter(({ value }) => value.startsWith(typed))
}

interface Place {
  readonly command: Command
  /** Positional arguments so far. */
  readonly argumentCount: number
  /** The flag that waits for its value. */
  readonly open: Option | undefined
}

/** Follows the words down the tree of commands. */
function walk(program: Command, words: readonly string[]): Place {
  let command = program
  let argumentCount = 0
  let open: Option | undefined
  for (const word of words) {
    if (open) open = undefined
    else if (word.startsWith('-')) open = openFlag(command, word)
    else {
      const sub = argumentCount === 0 ? findCommand(command, word) : undefined
      if (sub) command = sub
      else argumentCount += 1
    }
  }
  return { command, argumentCount, open }
}

const findCommand = (command: Command, name: string) =>
  command.commands.find((sub) => sub.name() === name || sub.aliases().includes(name))

function openFlag(command: Command, word: string): Option | undefined {
  if (word.includes('=')) return undefined
  const option = allOptions(command).find(({ long, short }) => long === word || short === word)
  return option?.required ? option : undefined
}

/** A command's own and those of the commands above it. */
function allOptions(command: Command): readonly Option[] {
  return command.parent ? [...command.options, ...allOptions(command.parent)] : command.options
}

const valuesOf = (option: Option): Candidate[] =>
  (option.argChoices ?? []).map((value) => ({ value, description: option.description }))

const flagsOf = (command: Command): Candidate[] =>
  allOptions(command)
    .filter(({ hidden }) => !hidden)
    .map(({ long, short, description }) => ({ value: long ?? short ?? '', description }))

async function next(command: Command, argumentCount: number, listNames: ListNames): Promise<Candidate[]> {
  const subcommands = argumentCount === 0 ? visibleCommands(command) : []
  const argument = command.registeredArguments[argumentCount] ?? lastVariadic(command)
  const names = argument ? await listNames(argument.name()) : []
  return [...subcommands, ...names.map((value) => ({ value, description: argument?.name() ?? '' }))]
}

const visibleCommands = (command: Command): Candidate[] =>
  command
    .createHelp()
    .visibleCommands(command)
    .filter((sub) => sub.name() !== 'help')
    .map((sub) => ({ value: sub.name(), description: sub.description() }))

function lastVariadic(command: Command): Argument | undefined {
  const last = command.registeredArguments.at(-1)
  return last?.variadic ? last : undefined
}
