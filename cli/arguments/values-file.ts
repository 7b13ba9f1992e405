// Files of values: of parameters, of Terraform variables.

import { readFileSync } from 'node:fs'
import { parse } from 'yaml'
import { CommandError } from '../output/errors.ts'
import type { NamedValue } from './name-value-pairs.ts'

/** A YAML map; lists and numbers become the texts that parameters have. */
export function readValuesFile(file: string): NamedValue[] {
  try {
    const content: unknown = parse(readFileSync(file, 'utf8'))
    if (typeof content !== 'object' || content === null || Array.isArray(content))
      throw new Error('It holds no map of names and values.')
    return Object.entries(content).map(([name, value]) => ({
      name,
      value: typeof value === 'string' ? value : JSON.stringify(value),
    }))
  } catch (error) {
    throw new CommandError(`The file of values ${file} cannot be read.`, { detail: (error as Error).message })
  }
}
