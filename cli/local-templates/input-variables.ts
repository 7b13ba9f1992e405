// Values of variables from wherever OpenTofu takes them: TF_VAR_… in the environment, over it terraform.tfvars and
// *.auto.tfvars beside the template, over those --var and --var-file in the order of the command line.

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

export interface Given {
  /** By the name of the variable, also of those that the template does not declare. */
  readonly values: ReadonlyMap<string, InputValue>
  /** The files of --var-file, for showing what is wrong in them. */
  readonly sources: readonly Source[]
  readonly diagnostics: readonly Diagnostic[]
}

export function readGivenVariables({ module, dir }: Pick<Template, 'module' | 'dir'>, flags: VariableFlags): Given {
  const sources: Source[] = []
  const onLine = [
    ...(flags.varFile ?? []).map(({ value, position }) => ({ position, read: () => readFile(value) })),
    ...(flags.var ?? []).map(({ value, position }) => ({
      position,
      read: () => readVariableTexts(module, pairOf(value), dir),
    })),
  ].sort((a, b) => a.position - b.position)
  const readFile = (path: string): InputValues => {
    const source = openFile(path)
    sources.push(source)
    return readValuesFile(source)
  }
  const layers: InputValues[] = [
    readVariableTexts(module, environmentOf(module), dir),
    { values: module.variableValues, diagnostics: [] },
    ...onLine.map(({ read }) => read()),
  ]
  return {
    values: new Map(layers.flatMap(({ values }) => [...values])),
    sources,
    diagnostics: layers.flatMap(({ diagnostics }) => diagnostics),
  }
}

/** For what is given to a template by itself: of a flag it is a slip of the pen, and a file may be for others too. */
export function undeclaredVariables({ module }: Pick<Template, 'module'>, flags: VariableFlags): Diagnostic[] {
  const inFlags = (flags.var ?? []).flatMap(({ value }) => Object.keys(pairOf(value)))
  const inFiles = (flags.varFile ?? []).flatMap(({ value }) => [...readValuesFile(openFile(value)).values])
  const isUndeclared = (name: string) => !module.variables.has(name)
  const detail = (name: string, by: string) =>
    `${by} gives a value for "${name}", which the template does not declare.${didYouMean(name, module.variables.keys())}`
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
    throw new CommandError(`The file ${path} of --var-file can not be read.`, {
      detail: (error as Error).message,
      hint: 'name a file of values, such as dev.tfvars.',
    })
  }
}

const pairOf = (pair: string): Record<string, string> =>
  Object.fromEntries(parsePairs([pair], '--var').map(({ name, value }) => [name, value]))

function environmentOf({ variables }: Module): Record<string, string> {
  const named = [...variables.keys()].map((name) => [name, process.env[`TF_VAR_${name}`]] as const)
  return Object.fromEntries(named.filter((entry): entry is [string, string] => entry[1] !== undefined))
}
