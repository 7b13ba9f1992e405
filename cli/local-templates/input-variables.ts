// Input variables of a template, with the precedence of OpenTofu: TF_VAR_… in the environment, then terraform.tfvars and
// *.auto.tfvars beside the template, then --var and --var-file in command-line order. Later sources win.

import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import type { Module } from '../../terraform/config/module.ts'
import { type Diagnostic, errorAt } from '../../terraform/diagnostics/diagnostic.ts'
import { didYouMean } from '../../terraform/diagnostics/did-you-mean.ts'
import type { Source } from '../../terraform/diagnostics/source.ts'
import {
  type InputValues,
  readValuesFile,
  readVariableTexts,
} from '../../terraform/engine/evaluation/variable-values-file.ts'
import type { InputValue } from '../../terraform/engine/evaluation/variables.ts'
import type { Template } from '../../terraform/engine/template/template.ts'
import { parsePairs } from '../arguments/name-value-pairs.ts'
import type { OrderedValue } from '../arguments/ordered-value.ts'
import { CommandError } from '../output/errors.ts'

export interface VariableFlags {
  /** `name=value`. */
  readonly var?: readonly OrderedValue[]
  readonly varFile?: readonly OrderedValue[]
}

export interface InputVariables {
  /** By variable name, including variables that the template does not declare. */
  readonly values: ReadonlyMap<string, InputValue>
  /** The files of --var-file, for the excerpts in diagnostics. */
  readonly sources: readonly Source[]
  readonly diagnostics: readonly Diagnostic[]
}

export function readInputVariables(
  { module, dir }: Pick<Template, 'module' | 'dir'>,
  flags: VariableFlags,
): InputVariables {
  const sources: Source[] = []
  const onLine = [
    ...(flags.varFile ?? []).map(({ value, position }) => ({ position, read: () => readFile(value) })),
    ...(flags.var ?? []).map(({ value, position }) => ({
      position,
      read: () => readVariableTexts(module, parseVariable(value), dir),
    })),
  ].sort((a, b) => a.position - b.position)
  const readFile = (path: string): InputValues => {
    const source = openFile(path)
    sources.push(source)
    return readValuesFile(source)
  }
  const layers: InputValues[] = [
    readVariableTexts(module, readEnvironment(module), dir),
    { values: module.variableValues, diagnostics: [] },
    ...onLine.map(({ read }) => read()),
  ]
  return {
    values: new Map(layers.flatMap(({ values }) => [...values])),
    sources,
    diagnostics: layers.flatMap(({ diagnostics }) => diagnostics),
  }
}

/** Diagnostics for undeclared variables: an error for --var, where it is a typing error, and a warning for a file, which may
 *  be shared with other templates. */
export function undeclaredVariables({ module }: Pick<Template, 'module'>, flags: VariableFlags): Diagnostic[] {
  const inFlags = (flags.var ?? []).flatMap(({ value }) => Object.keys(parseVariable(value)))
  const inFiles = (flags.varFile ?? []).flatMap(({ value }) => [...readValuesFile(openFile(value)).values])
  const isUndeclared = (name: string) => !module.variables.has(name)
  const detail = (name: string, by: string) =>
    `${by} sets the variable "${name}", which the template does not declare.${didYouMean(name, module.variables.keys())}`
  return [
    ...inFlags.filter(isUndeclared).map((name) => errorAt(undefined, undeclared, detail(name, '--var'))),
    ...inFiles
      .filter(([name]) => isUndeclared(name))
      .map(
        ([name, { range }]): Diagnostic => ({
          severity: 'warning',
          summary: undeclared,
          detail: detail(name, range.file),
          range,
        }),
      ),
  ]
}

const undeclared = 'Value for undeclared variable'

function openFile(path: string): Source {
  try {
    return { file: resolve(path), text: readFileSync(path, 'utf8') }
  } catch (error) {
    throw new CommandError(`Could not read the file ${path} of --var-file.`, {
      detail: (error as Error).message,
      hint: 'pass a file of variable values, such as dev.tfvars.',
    })
  }
}

const parseVariable = (pair: string): Record<string, string> =>
  Object.fromEntries(parsePairs([pair], '--var').map(({ name, value }) => [name, value]))

function readEnvironment({ variables }: Module): Record<string, string> {
  const named = [...variables.keys()].map((name) => [name, process.env[`TF_VAR_${name}`]] as const)
  return Object.fromEntries(named.filter((entry): entry is [string, string] => entry[1] !== undefined))
}
