// Reads YAML files with values of parameters or Terraform variables.

import { readFileSync } from 'node:fs'
import { parse } from 'yaml'
import { CommandError } from '../output/errors.ts'
import type { NamedValue } from './name-value-pairs.ts'

/** Reads a YAML map. Values that are not strings become JSON, the form of parameter values. */
export function readValuesFile(file: string): NamedValue[] {
  try {
    const content: unknown = parse(readFileSync(file, 'utf8'))
    if (typeof content !== 'object' || content === null || Array.isArray(content))
      throw new Error('The file does not contain a map of names and values.')
    return Object.entries(content).map(([name, value]) => ({
      name,
      value: typeof value === 'string' ? value : JSON.stringify(value),
    }))
  } catch (error) {
    throw new CommandError(`Could not read the values file ${file}.`, { detail: (error as Error).message })
  }
}
