// The functions of Terraform's built-in provider: convert values to and from expressions and tfvars files. Called as
// provider::terraform::encode_expr(…).

import { evaluateConstant } from '../../config/body-reader.ts'
import { positionAt } from '../../diagnostics/source.ts'
import { formatText } from '../../fmt/format-text.ts'
import { parseFile } from '../../hcl/parse-body.ts'
import { type Failure, type FunctionTable, fail, parameter } from '../../lang/function.ts'
import { formatNum } from '../../values/number.ts'
import { dynamicType, stringType } from '../../values/type.ts'
import { object, string, type Value } from '../../values/value.ts'

export const terraformFunctions: FunctionTable = {
  decode_tfvars: {
    parameters: [parameter('content', stringType)],
    returns: dynamicType,
    call: ([content]) => decodeValues(content?.kind === 'string' ? content.value : ''),
  },
  encode_expr: {
    parameters: [parameter('expr')],
    returns: stringType,
    call: ([value]) => string(value ? formatExpression(writeValue(value)) : ''),
  },
  encode_tfvars: {
    parameters: [parameter('input')],
    returns: stringType,
    call: ([input]) => encodeValues(input),
  },
}

function encodeValues(input: Value | undefined): Value | Failure {
  if (input?.kind !== 'object') return fail('invalid input: must be an object.')
  const invalid = [...input.entries.keys()].find((name) => !identifier.test(name))
  if (invalid !== undefined) return fail(`invalid input: object key: ${invalid} - must be a valid identifier.`)
  const lines = [...input.entries].map(([name, value]) => `${name} = ${writeValue(value)}\n`)
  return string(inCanonicalForm(lines.join('')))
}

function decodeValues(text: string): Value | Failure {
  const { value: body, diagnostics } = parseFile({ file: '', text })
  const [block] = body.blocks
  const entries = [...body.attributes.values()].map(({ name, expression }) => {
    const evaluated = evaluateConstant(expression)
    return { name, ...evaluated }
  })
  const problem = [...diagnostics, ...entries.flatMap((entry) => entry.diagnostics)].find(
    ({ severity }) => severity === 'error',
  )
  const position = (offset: number) => {
    const { line, column } = positionAt(text, offset)
    return `${line}:${column}`
  }
  if (problem)
    return fail(`the content is not a tfvars file: ${position(problem.range?.start ?? 0)}, ${problem.detail}`)
  if (block) {
    const at = position(block.typeRange.start)
    return fail(`the content is not a tfvars file: ${at}, blocks such as "${block.type}" are not allowed.`)
  }
  return object(entries.map(({ name, value }) => [name, value]))
}

const identifier = /^[\p{ID_Start}_][\p{ID_Continue}-]*$/u

const inCanonicalForm = (text: string) => formatText({ file: '', text }).text

/** Formats an expression as the value of an attribute. */
const formatExpression = (text: string) => inCanonicalForm(`x = ${text}\n`).slice('x = '.length, -1)

function writeValue(value: Value): string {
  switch (value.kind) {
    case 'unknown':
    case 'null':
      return 'null'
    case 'string':
      return quote(value.value)
    case 'number':
      return formatNum(value.value)
    case 'bool':
      return String(value.value)
    case 'list':
    case 'set':
    case 'tuple':
      return `[${value.elements.map(writeValue).join(', ')}]`
    case 'map':
    case 'object': {
      const lines = [...value.entries].map(([key, entry]) => `${writeKey(key)} = ${writeValue(entry)}\n`)
      return lines.length === 0 ? '{}' : `{\n${lines.join('')}}`
    }
  }
}

const writeKey = (key: string) => (identifier.test(key) ? key : quote(key))

const escapes: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t', '"': '\\"', '\\': '\\\\' }

// Also template sequences and invisible characters.
const needsEscape = /["\\]|[$%](?=\{)|[\p{C}\p{Zl}\p{Zp}]|(?! )\p{Zs}/gu

const quote = (text: string) => `"${text.replace(needsEscape, (char) => escapes[char] ?? escapeByCode(char))}"`

function escapeByCode(char: string): string {
  if (char === '$' || char === '%') return char + char
  const code = char.codePointAt(0) ?? 0
  return code > 0xffff ? `\\U${code.toString(16).padStart(8, '0')}` : `\\u${code.toString(16).padStart(4, '0')}`
}
