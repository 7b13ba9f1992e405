// `name=value` arguments: parameters, variables, tags.

import { CommandError } from '../output/errors.ts'

export interface NamedValue {
  readonly name: string
  readonly value: string
}

/** @param flag named in the error. @throws CommandError for an argument without a name or without `=` */
export function parsePairs(pairs: readonly string[], flag: string): NamedValue[] {
  return pairs.map((pair) => {
    const [name = '', ...rest] = pair.split('=')
    if (name === '' || rest.length === 0) throw new CommandError(`${flag} "${pair}" does not have the form name=value.`)
    return { name, value: rest.join('=') }
  })
}
