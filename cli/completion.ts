// What could come next on a command line: subcommands, flags, their values, and the names of what the deployment holds.
// Reads the same table of commands that is run. Scripts for the shells are in completion-scripts.ts.

import type { Argument, Command, Option } from 'commander'

export interface Candidate {
  readonly value: string
  readonly description: string
}

/** Asks the deployment for the names of a kind of thing, as arguments call it: `workspace`, `template`, `user`, `terminal`.
 *  @param given the arguments before: a terminal is one of a workspace */
export type ListNames = (kind: string, given: readonly string[]) => Promise<readonly (string | Candidate)[]>

/** @param words what follows the program's name; the last one is the word that is being typed, empty at its start. */
export async function complete(program: Command, words: readonly string[], listNames: ListNames): Promise<Candidate[]> {
  const typed = words.at(-1) ?? ''
  const { command, given, open } = walk(program, words.slice(0, -1))
  const candidates = open
    ? valuesOf(open)
    : typed.startsWith('-')
      ? flagsOf(command)
      : await next(command, given, listNames)
  return candidates.filter(({ value }) => value.startsWith(typed))
}

interface Place {
  readonly command: Command
  /** Positional arguments so far. */
  readonly given: readonly string[]
  /** The flag that waits for its value. */
  readonly open: Option | undefined
}

/** Follows the words down the tree of commands. */
function walk(program: Command, words: readonly string[]): Place {
  let command = program
  const given: string[] = []
  let open: Option | undefined
  for (const word of words) {
    if (open) open = undefined
    else if (word.startsWith('-')) open = openFlag(command, word)
    else {
      const sub = given.length === 0 ? findCommand(command, word) : undefined
      if (sub) command = sub
      else given.push(word)
    }
  }
  return { command, given, open }
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

async function next(command: Command, given: readonly string[], listNames: ListNames): Promise<Candidate[]> {
  const subcommands = given.length === 0 ? visibleCommands(command) : []
  const argument = command.registeredArguments[given.length] ?? lastVariadic(command)
  if (!argument) return subcommands
  const names = await listNames(argument.name(), given)
  const named = names.map((name) => (typeof name === 'string' ? { value: name, description: argument.name() } : name))
  return [...subcommands, ...named]
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
