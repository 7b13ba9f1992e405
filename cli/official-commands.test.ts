// Compares the command tree with that of Coder's command line, described in testing/official-commands.json.

import type { Command, Option } from 'commander'
import { expect, test } from 'vitest'
import { buildCommandTree } from './command-tree.ts'
import { deviations } from './testing/deviations.ts'
import official from './testing/official-commands.json' with { type: 'json' }

interface Flag {
  readonly type: string
  readonly short?: string
  readonly env?: string
  readonly default?: string | readonly string[]
  readonly choices?: readonly string[]
  readonly hidden?: boolean
}

interface Facts {
  readonly hidden?: boolean
  readonly aliases?: readonly string[]
  /** Minimum and maximum number; null for unlimited. */
  readonly arguments?: readonly (number | null)[]
  /** Ignores excess arguments. */
  readonly ignoresMore?: boolean
  readonly flags?: Readonly<Record<string, Flag>>
}

const facts = official as unknown as Readonly<Record<string, Facts>>
const program = buildCommandTree()

test('every command of Coder exists with its flags, variables, values, defaults and columns', () => {
  expect(findDifferences().filter(({ item }) => !expected.some((deviation) => covers(deviation, item)))).toEqual([])
})

test('every listed deviation exists', () => {
  const differences = findDifferences()
  expect(expected.filter((deviation) => !differences.some(({ item }) => covers(deviation, item)))).toEqual([])
})

test('every command exists in the tree built for its first word', () => {
  const words = program.commands.flatMap((command) => [command.name(), ...command.aliases()])
  const exists = (word: string) =>
    buildCommandTree(word).commands.some((command) => command.name() === word || command.aliases().includes(word))
  expect(words.filter((word) => !exists(word))).toEqual([])
  expect(buildCommandTree('list').commands.length).toBeLessThan(program.commands.length)
})

interface Difference {
  readonly item: string
  readonly ours: unknown
  readonly theirs: unknown
}

const expected = deviations.flatMap(({ items }) => items)
const covers = (deviation: string, item: string) =>
  deviation.endsWith('*') ? `${item} `.startsWith(deviation.slice(0, -1)) : item === deviation
const findDifferences = () => Object.entries(facts).flatMap(([path, fact]) => differencesOf(path, fact))

function differencesOf(path: string, fact: Facts): Difference[] {
  const command = find(path)
  if (!command) return [{ item: path, ours: 'nothing', theirs: fact }]
  const missing = (fact.aliases ?? []).filter((alias) => !command.aliases().includes(alias))
  return [
    ...different(path, missing.length === 0, command.aliases(), fact.aliases),
    ...different(path, fact.hidden || !isHidden(command), 'hidden', 'shown'),
    ...different(`${path} <arguments>`, ...same(countArguments(command), fact.arguments)),
    ...different(`${path} <more>`, ignoresMore(command) === (fact.ignoresMore ?? false), ignoresMore(command), fact),
    ...Object.entries(fact.flags ?? {}).flatMap(([name, flag]) => {
      const option = command.options.find(({ long }) => long === `--${name}`)
      return different(
        `${path} --${name}`,
        option !== undefined && isSame(option, flag),
        option && describeOption(option),
        flag,
      )
    }),
  ]
}

const different = (item: string, isEqual: boolean, ours: unknown, theirs: unknown): Difference[] =>
  isEqual ? [] : [{ item, ours, theirs }]

const same = (ours: unknown, theirs: unknown) =>
  [theirs === undefined || JSON.stringify(ours) === JSON.stringify(theirs), ours, theirs] as const

const find = (path: string): Command | undefined =>
  path
    .split(' ')
    .filter(Boolean)
    .reduce<Command | undefined>((command, name) => command?.commands.find((sub) => sub.name() === name), program)

const ignoresMore = (command: Command) =>
  (command as unknown as { _allowExcessArguments: boolean })._allowExcessArguments

const isHidden = (command: Command) => (command as unknown as { _hidden: boolean })._hidden

const countArguments = ({ registeredArguments: all }: Command) => [
  all.filter(({ required }) => required).length,
  all.some(({ variadic }) => variadic) ? null : all.length,
]

/** Our kinds of values, by Coder's types; all other types are texts. */
const kinds: Readonly<Record<string, string>> = {
  bool: 'switch',
  choice: 'choice',
  list: 'choices',
  'string-array': 'texts',
  'allow-list': 'texts',
}

function kindOf(option: Option): string {
  if (!option.required) return 'switch'
  const isList = Array.isArray(option.parseArg?.(option.argChoices?.[0] ?? '1', undefined))
  return (option.argChoices ? 'choice' : 'text') + (isList ? 's' : '')
}

function isSame(option: Option, flag: Flag): boolean {
  const ours = describeOption(option)
  const kind = kinds[flag.type] ?? 'text'
  return (
    // We may restrict a string to the choices that the server accepts.
    (ours.kind === kind || (ours.kind === 'choice' && flag.type === 'string')) &&
    ours.short === (flag.short ?? '') &&
    ours.env === (flag.env ?? '') &&
    // Help does not list the default of a hidden flag.
    (flag.hidden || ours.fallback === String(flag.default ?? '')) &&
    (flag.choices ?? []).every((choice) => ours.choices.includes(choice.toLowerCase())) &&
    (flag.hidden || !ours.hidden)
  )
}

function describeOption(option: Option) {
  const { defaultValue, negate } = option
  const hasNoDefault = defaultValue === undefined || defaultValue === false || (negate && defaultValue === true)
  return {
    kind: kindOf(option),
    short: option.short?.slice(1) ?? '',
    env: option.envVar ?? '',
    fallback: hasNoDefault ? '' : String(defaultValue),
    choices: (option.argChoices ?? []).map((choice) => choice.toLowerCase()),
    hidden: option.hidden,
  }
}
