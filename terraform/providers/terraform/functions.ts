// The functions of the provider that is built into Terraform: values as the text that a configuration or a file of
// variables has them in, and back. Called as provider::terraform::encode_expr(…).

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
  const wrong = [...input.entries.keys()].find((name) => !identifier.test(name))
  if (wrong !== undefined) return fail(`invalid input: object key: ${wrong} - must be a valid identifier.`)
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
  const place = (offset: number) => {
    const { line, column } = positionAt(text, offset)
    return `${line}:${column}`
  }
  if (problem) return fail(`the content is no list of values: ${place(problem.range?.start ?? 0)}, ${problem.detail}`)
  if (block) {
    const at = place(block.typeRange.start)
    return fail(`the content is no list of values: ${at}, a block "${block.type}" stands among them.`)
  }
  return object(entries.map(({ name, value }) => [name, value]))
}

const identifier = /^[\p{ID_Start}_][\p{ID_Continue}-]*$/u

const inCanonicalForm = (text: string) => formatText({ file: '', text }).text

/** An expression is formatted where one may stand. */
const formatExpression = (text: string) => inCanonicalForm(`x = ${text}\n`).slice('x = '.length, -1)

function writeValue(value: Value): string {
  switch (value.kind) {
    case 'unknown':
    case 'null':
      return 'null'
    case 'string':
      return quoted(value.value)
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

const writeKey = (key: string) => (identifier.test(key) ? key : quoted(key))

const escapes: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t', '"': '\\"', '\\': '\\\\' }

// Beside those: what opens a sequence, and what is not seen when printed.
const needsEscape = /["\\]|[$%](?=\{)|[\p{C}\p{Zl}\p{Zp}]|(?! )\p{Zs}/gu

const quoted = (text: string) => `"${text.replace(needsEscape, (sign) => escapes[sign] ?? escapeByCode(sign))}"`

function escapeByCode(sign: string): string {
  if (sign === '$' || sign === '%') return sign + sign
  const code = sign.codePointAt(0) ?? 0
  return code > 0xffff ? `\\U${code.toString(16).padStart(8, '0')}` : `\\u${code.toString(16).padStart(4, '0')}`
}
