// Normalizes flag notations of Go programs, which scripts for Coder's command line use: `--yes=true` becomes `--yes`,
// `--yes=false` is removed, `-o=json` becomes `-o json`.

import type { Command, Option } from 'commander'

/** A flag and its value in one word. */
const assigned = /^(--[a-z][a-z-]*|-[a-zA-Z])=(.*)$/s
const yes = /^(?:1|t|T|true|TRUE|True)$/
const no = /^(?:0|f|F|false|FALSE|False)$/

/** @param words the words of the command line; words after `--` are not changed */
export function normalizeFlags(program: Command, words: readonly string[]): string[] {
  const end = words.includes('--') ? words.indexOf('--') : words.length
  if (!words.slice(0, end).some((word) => assigned.test(word))) return [...words]
  const options = optionsOf(program)
  // The command is not known yet: the same letter may be a switch of one command and take a value in another.
  const isSwitch = (flag: string) =>
    options.some((option) => names(option, flag) && !option.required && !option.optional)
  const read = (word: string): string[] => {
    const [, flag = '', value = ''] = assigned.exec(word) ?? []
    if (isSwitch(flag) && yes.test(value)) return [flag]
    if (isSwitch(flag) && no.test(value)) return []
    return /^-[a-zA-Z]$/.test(flag) ? [flag, value] : [word]
  }
  return [...words.slice(0, end).flatMap(read), ...words.slice(end)]
}

const names = ({ long, short }: Option, flag: string) => long === flag || short === flag

const optionsOf = (command: Command): Option[] => [...command.options, ...command.commands.flatMap(optionsOf)]
