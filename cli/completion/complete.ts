// What could come next on a command line: subcommands, flags, their values, and the names of what the deployment holds.
// Reads the same table of commands that is run. Scripts for the shells are in completion-scripts.ts.

import type { Argument, Command, Option } from 'commander'

export interface Candidate {
  readonly value: string
  readonly description: string
}

/** Asks the deployment for the names of a kind of thing, as arguments and flags call it: `workspace`, `template`, `user`,
 *  `organization`, `terminal`.
 *  @param given the arguments before: a terminal is one of a workspace */
export type ListNames = (kind: string, given: readonly string[]) => Promise<readonly (string | Candidate)[]>

/** @param words what follows the program's name; the last one is the word that is being typed, empty at its start. */
export async function complete(program: Command, words: readonly string[], listNames: ListNames): Promise<Candidate[]> {
  const [before, typed] = lastWord(words)
  const { command, given, open } = walk(program, before)
  if (open) return valuesOf(open, typed, listNames)
  const [, flag, value = ''] = /^(--[^=]+)=(.*)$/.exec(typed) ?? []
  const assigned = flag && allOptions(command).find(({ long }) => long === flag)
  if (assigned) {
    const values = await valuesOf(assigned, value, listNames)
    return values.map((candidate) => ({ ...candidate, value: `${flag}=${candidate.value}` }))
  }
  const candidates = typed.startsWith('-') ? flagsOf(command) : await next(command, given, listNames)
  return candidates.filter(({ value }) => value.startsWith(typed))
}

/** What was before, and the word that is being typed. bash takes `--flag=value` for three words, and completes the last. */
function lastWord(words: readonly string[]): readonly [before: readonly string[], typed: string] {
  const parts = words.filter((word, index) => word !== '=' || index === words.length - 1)
  const typed = parts.at(-1) ?? ''
  return [parts.slice(0, -1), typed === '=' ? '' : typed]
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

/** Those of a flag; of one that takes several behind a comma as well. */
async function valuesOf(option: Option, typed: string, listNames: ListNames): Promise<Candidate[]> {
  const isList = option.argChoices && Array.isArray(option.parseArg?.(option.argChoices[0] ?? '', undefined))
  const earlier = isList ? typed.slice(0, typed.lastIndexOf(',') + 1) : ''
  const kind = /<(\w+)>/.exec(option.flags)?.[1] ?? ''
  const names = option.argChoices ?? (await listNames(kind, []))
  return names
    .map((name) => (typeof name === 'string' ? { value: name, description: option.description } : name))
    .map(({ value, description }) => ({ value: earlier + value, description }))
    .filter(({ value }) => value.startsWith(typed))
}

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
