// Flags as Go programs also write them: `--yes=true` is `--yes`, `--yes=false` is nothing, and `-o=json` is `-o json`.
// Scripts made for Coder's command line do so.

import type { Command, Option } from 'commander'

/** A flag with its value in one word. */
const assigned = /^(--[a-z][a-z-]*|-[a-zA-Z])=(.*)$/s
const yes = /^(?:1|t|T|true|TRUE|True)$/
const no = /^(?:0|f|F|false|FALSE|False)$/

/** @param words of the command line; what follows `--` stays as it is. */
export function readGoFlags(program: Command, words: readonly string[]): string[] {
  const end = words.includes('--') ? words.indexOf('--') : words.length
  if (!words.slice(0, end).some((word) => assigned.test(word))) return [...words]
  const options = optionsOf(program)
  // Which command a flag belongs to is not known yet: a letter may be a switch of one and take a value of another.
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
