// Reads variable values from a `.tfvars` file or from `name=value` arguments of a command line.

import { BodyReader } from '../../config/body-reader.ts'
import { parseJsonFile } from '../../config/json-file.ts'
import type { Module } from '../../config/module.ts'
import type { Diagnostic } from '../../diagnostics/diagnostic.ts'
import type { Source } from '../../diagnostics/source.ts'
import { parseFile } from '../../hcl/parse-body.ts'
import { freshLimits } from '../../lang/limits.ts'
import { string } from '../../values/value.ts'
import { type InputValue, readVariableText } from './variables.ts'

export interface InputValues {
  readonly values: ReadonlyMap<string, InputValue>
  readonly diagnostics: readonly Diagnostic[]
}

export function readValuesFile(source: Source): InputValues {
  const parsed = source.file.endsWith('.json') ? parseJsonFile(source, 'values') : parseFile(source)
  const diagnostics = [...parsed.diagnostics]
  const reader = new BodyReader(parsed.value, 'a file of variable values', (found) => diagnostics.push(found))
  reader.allowOnly([...parsed.value.attributes.keys()], [])
  const values = new Map<string, InputValue>()
  for (const { name, expression } of parsed.value.attributes.values()) {
    values.set(name, { value: reader.constantOf(expression), range: expression.range })
  }
  return { values, diagnostics }
}

/** Parses each text by its variable's type. A text without a variable stays a string. */
export function readVariableTexts(module: Module, texts: Readonly<Record<string, string>>, dir: string): InputValues {
  const diagnostics: Diagnostic[] = []
  const values = new Map<string, InputValue>()
  for (const [name, text] of Object.entries(texts)) {
    const variable = module.variables.get(name)
    const environment = { moduleDir: dir, mayReadOutsideModule: true, limits: freshLimits() }
    const value = variable ? readVariableText(text, variable, environment, diagnostics) : string(text)
    values.set(name, { value, range: variable?.range ?? { file: '', start: 0, end: 0 } })
  }
  return { values, diagnostics }
}
