// `name=value` arguments: parameters, variables, tags.

import { CommandError } from '../output/errors.ts'

export interface NamedValue {
  readonly name: string
  readonly value: string
}

/** `name=value` pairs of a repeated flag. @throws CommandError */
export function parsePairs(pairs: readonly string[], flag: string): NamedValue[] {
  return pairs.map((pair) => {
    const [name = '', ...rest] = pair.split('=')
    if (name === '' || rest.length === 0) throw new CommandError(`${flag} "${pair}" is not of the form name=value.`)
    return { name, value: rest.join('=') }
  })
}
