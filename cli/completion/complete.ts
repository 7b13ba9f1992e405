// Completes a command line: subcommands, flags, their values, and the names of the deployment's objects. Reads the same
// command tree that is executed. The scripts for the shells are in shell-scripts.ts.

import type { Argument, Command, Option } from 'commander'

export interface Candidate {
  readonly value: string
  readonly description: string
}

/** Lists the names of the deployment's objects of a kind, by the name of the argument or flag: `workspace`, `template`,
 *  `user`, `organization`, `terminal`.
 *  @param args the preceding arguments: a terminal belongs to a workspace */
export type ListNames = (kind: string, args: readonly string[]) => Promise<readonly (string | Candidate)[]>

/** @param words the words after the program's name; the last one is being typed and may be empty. */
export async function complete(program: Command, words: readonly string[], listNames: ListNames): Promise<Candidate[]> {
  const [before, typed] = splitLastWord(words)
  const { command, args, pendingOption } = parseWords(program, before)
  if (pendingOption) return valueCandidates(pendingOption, typed, listNames)
  const [, flag, value = ''] = /^(--[^=]+)=(.*)$/.exec(typed) ?? []
  const assigned = flag && allOptions(command).find(({ long }) => long === flag)
  if (assigned) {
    const values = await valueCandidates(assigned, value, listNames)
    return values.map((candidate) => ({ ...candidate, value: `${flag}=${candidate.value}` }))
  }
  const candidates = typed.startsWith('-')
    ? flagCandidates(command)
    : await argumentCandidates(command, args, listNames)
  return candidates.filter(({ value }) => value.startsWith(typed))
}

/** Separates the word being typed. bash splits `--flag=value` into three words and completes the last one. */
function splitLastWord(words: readonly string[]): readonly [before: readonly string[], typed: string] {
  const parts = words.filter((word, index) => word !== '=' || index === words.length - 1)
  const typed = parts.at(-1) ?? ''
  return [parts.slice(0, -1), typed === '=' ? '' : typed]
}

interface ParsedWords {
  readonly command: Command
  /** Positional arguments so far. */
  readonly args: readonly string[]
  /** The option whose value is being typed. */
  readonly pendingOption: Option | undefined
}

/** Follows the words down the command tree. */
function parseWords(program: Command, words: readonly string[]): ParsedWords {
  let command = program
  const args: string[] = []
  let pendingOption: Option | undefined
  for (const word of words) {
    if (pendingOption) pendingOption = undefined
    else if (word.startsWith('-')) pendingOption = optionAwaitingValue(command, word)
    else {
      const sub = args.length === 0 ? findCommand(command, word) : undefined
      if (sub) command = sub
      else args.push(word)
    }
  }
  return { command, args, pendingOption }
}

const findCommand = (command: Command, name: string) =>
  command.commands.find((sub) => sub.name() === name || sub.aliases().includes(name))

function optionAwaitingValue(command: Command, word: string): Option | undefined {
  if (word.includes('=')) return undefined
  const option = allOptions(command).find(({ long, short }) => long === word || short === word)
  return option?.required ? option : undefined
}

/** The options of the command and of its parents. */
function allOptions(command: Command): readonly Option[] {
  return command.parent ? [...command.options, ...allOptions(command.parent)] : command.options
}

/** Candidates for an option's value; for a list option, also after a comma. */
async function valueCandidates(option: Option, typed: string, listNames: ListNames): Promise<Candidate[]> {
  const isList = option.argChoices && Array.isArray(option.parseArg?.(option.argChoices[0] ?? '', undefined))
  const earlier = isList ? typed.slice(0, typed.lastIndexOf(',') + 1) : ''
  const kind = /<(\w+)>/.exec(option.flags)?.[1] ?? ''
  const names = option.argChoices ?? (await listNames(kind, []))
  return names
    .map((name) => (typeof name === 'string' ? { value: name, description: option.description } : name))
    .map(({ value, description }) => ({ value: earlier + value, description }))
    .filter(({ value }) => value.startsWith(typed))
}

const flagCandidates = (command: Command): Candidate[] =>
  allOptions(command)
    .filter(({ hidden }) => !hidden)
    .map(({ long, short, description }) => ({ value: long ?? short ?? '', description }))

async function argumentCandidates(
  command: Command,
  args: readonly string[],
  listNames: ListNames,
): Promise<Candidate[]> {
  const subcommands = args.length === 0 ? visibleCommands(command) : []
  const argument = command.registeredArguments[args.length] ?? lastVariadic(command)
  if (!argument) return subcommands
  const names = await listNames(argument.name(), args)
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
