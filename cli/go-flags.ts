// Switches as Go programs also write them: `--yes=true` is `--yes`, and `--yes=false` is nothing. Scripts made for Coder's
// command line do so.

import type { Command } from 'commander'

/** All that Go takes for a yes or a no. */
const written = /^(--[a-z][a-z-]*)=(?:(1|t|T|true|TRUE|True)|0|f|F|false|FALSE|False)$/

/** @param words of the command line; what follows `--` stays as it is. */
export function readGoSwitches(program: Command, words: readonly string[]): string[] {
  const end = words.includes('--') ? words.indexOf('--') : words.length
  if (!words.slice(0, end).some((word) => written.test(word))) return [...words]
  const switches = new Set(switchesOf(program))
  const read = (word: string): string[] => {
    const [, flag = '', yes] = written.exec(word) ?? []
    if (!switches.has(flag)) return [word]
    return yes ? [flag] : []
  }
  return [...words.slice(0, end).flatMap(read), ...words.slice(end)]
}

/** Flags that take no value, of every command. */
function switchesOf(command: Command): string[] {
  const own = command.options.filter(({ required, optional }) => !required && !optional).map(({ long }) => long ?? '')
  return [...own, ...command.commands.flatMap(switchesOf)]
}
