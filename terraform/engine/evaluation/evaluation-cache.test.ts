import { describe, expect, test } from 'vitest'
import { evaluateForm } from '../../extraction/parameter-form.ts'
import { functions } from '../../lang/functions/function-table.ts'
import { coderProvider } from '../../providers/coder/provider.ts'
import { terraformProvider } from '../../providers/terraform/provider.ts'
import { coderContext, templateOf } from '../../testing/build-fixture.ts'
import { estimateBytes } from '../../values/same-value.ts'
import { primitiveText, string, tuple } from '../../values/value.ts'
import { planTemplate } from '../plan/plan.ts'
import type { Template } from '../template/template.ts'
import { EvaluationCache } from './evaluation-cache.ts'

const megabyte = 1024 * 1024

async function plan(
  template: Template,
  cache: EvaluationCache,
  variables: Record<string, string> = {},
  coder: Parameters<typeof coderContext>[0] = {},
) {
  const providers = [coderProvider(coderContext(coder)), terraformProvider({ commandEnvironment: {} })]
  const signal = new AbortController().signal
  const request = { template, variables, providers, cache, state: null, mode: 'apply' as const }
  return await planTemplate({ ...request, signal, onEvent: () => undefined })
}

const outputOf = async (template: Template, cache: EvaluationCache, variables: Record<string, string> = {}) =>
  (await plan(template, cache, variables)).plan.evaluation.outputs().get('o')

describe('cached results', () => {
  const computed = templateOf(`
    variable "a" {}
    locals { b = [for at in range(3) : "\${var.a} \${at}"] }
    output "o" { value = local.b }
  `)

  test('an expression is not evaluated again if its references have the same values', async () => {
    const cache = new EvaluationCache(megabyte)
    const first = await outputOf(computed, cache, { a: 'x' })
    expect(await outputOf(computed, cache, { a: 'x' })).toBe(first)
  })

  test('another value is evaluated, and the earlier result stays cached', async () => {
    const cache = new EvaluationCache(megabyte)
    const first = await outputOf(computed, cache, { a: 'x' })
    const second = await outputOf(computed, cache, { a: 'y' })
    expect(second).toEqual(tuple(['y 0', 'y 1', 'y 2'].map(string)))
    expect(await outputOf(computed, cache, { a: 'x' })).toBe(first)
    expect(await outputOf(computed, cache, { a: 'y' })).toBe(second)
  })

  test('a cached result consumes the same evaluation steps', async () => {
    const cache = new EvaluationCache(megabyte)
    const first = await plan(computed, cache, { a: 'x' })
    const second = await plan(computed, cache, { a: 'x' })
    expect(second.plan.evaluation.limits).toEqual(first.plan.evaluation.limits)
  })

  test('an expression that reads only the name of an owner does not depend on its other attributes', async () => {
    const cache = new EvaluationCache(megabyte)
    const template = templateOf(`
      data "coder_workspace_owner" "me" {}
      output "o" { value = upper("\${data.coder_workspace_owner.me.name}!") }
    `)
    const { owner } = coderContext()
    const first = await plan(template, cache)
    const second = await plan(template, cache, {}, { owner: { ...owner, sessionToken: 'another' } })
    const third = await plan(template, cache, {}, { owner: { ...owner, name: 'ben' } })
    const outputs = [first, second, third].map((result) => result.plan.evaluation.outputs().get('o'))
    expect(outputs[1]).toBe(outputs[0])
    expect(outputs.map(primitiveText)).toEqual(['ANN!', 'ANN!', 'BEN!'])
  })

  test('each instance of a resource has its own entry', async () => {
    const cache = new EvaluationCache(megabyte)
    const template = templateOf(`
      resource "terraform_data" "r" {
        count = 20
        input = "r-\${count.index}"
      }
      output "o" { value = terraform_data.r[*].input }
    `)
    const first = await outputOf(template, cache)
    const second = await outputOf(template, cache)
    expect(second).toEqual(first)
    expect(second).toEqual(tuple(Array.from({ length: 20 }, (_, at) => string(`r-${at}`))))
  })
})

describe('results that are never cached', () => {
  const secrets: Readonly<Record<string, string>> = {
    'a sensitive variable': 'variable "a" { sensitive = true }\nlocals { b = "x ${var.a}" }',
    'a sensitive variable as the argument of a resource':
      'variable "a" { sensitive = true }\nresource "terraform_data" "r" { input = { inner = var.a } }',
    'an ephemeral variable': 'variable "a" { ephemeral = true }\nlocals { b = "x ${var.a}" }',
    'a sensitive list set as text': 'variable "a" {\n  type = list(string)\n  sensitive = true\n}',
    'a value made sensitive': 'locals { b = sensitive("x") }',
    'a value made nonsensitive': 'variable "a" { sensitive = true }\nlocals { b = nonsensitive(var.a) }',
    'a test of a sensitive value': 'variable "a" { sensitive = true }\nlocals { b = can(var.a + 1) }',
    "an owner's token":
      'data "coder_workspace_owner" "me" {}\nlocals { b = "x ${data.coder_workspace_owner.me.session_token}" }',
  }
  test.each(Object.entries(secrets))('%s', async (_, text) => {
    const cache = new EvaluationCache(megabyte)
    const template = templateOf(text)
    await plan(
      template,
      cache,
      text.includes('variable') ? { a: text.includes('list') ? '["hunter2"]' : 'hunter2' } : {},
    )
    const coder = coderContext()
    await evaluateForm({ template, variables: {}, coder, mayReadOutsideModule: false, cache })
    expect(cache.bytes).toBe(0)
  })

  const nondeterministic = [
    'timestamp()',
    'uuid()',
    'plantimestamp()',
    'bcrypt("a")',
    'fileexists("a")',
    'abspath("a")',
    'try(file("a"), "")',
    'templatestring("a", {})',
    'core::timestamp()',
  ]
  test.each(nondeterministic)('the result of %s', async (expression) => {
    const cache = new EvaluationCache(megabyte)
    await plan(templateOf(`locals { a = [${expression}] }`), cache)
    expect(cache.bytes).toBe(0)
  })

  test('the result of a function that reads more than its arguments', () => {
    // They read only the remaining steps, which a cached result consumes too.
    const counting = new Set(['regex', 'regexall', 'replace'])
    const readers = Object.entries(functions).filter(([name, { call }]) => call.length > 1 && !counting.has(name))
    expect(readers.length).toBeGreaterThan(10)
    expect(readers.filter(([, { isUncacheable }]) => !isUncacheable).map(([name]) => name)).toEqual([])
  })

  test('a result with a diagnostic, which is reported each time', async () => {
    const cache = new EvaluationCache(megabyte)
    const template = templateOf('locals { a = "a" + 1 }')
    const first = await plan(template, cache)
    expect(first.diagnostics).toHaveLength(1)
    expect((await plan(template, cache)).diagnostics).toEqual(first.diagnostics)
  })

  test('the value of an ephemeral parameter', async () => {
    const cache = new EvaluationCache(megabyte)
    const template = templateOf(`
      data "coder_parameter" "p" {
        name      = "p"
        default   = "a"
        mutable   = true
        ephemeral = true
      }
    `)
    const form = async (parameters: Record<string, string>) =>
      await evaluateForm({
        template,
        variables: {},
        coder: coderContext({ parameters }),
        mayReadOutsideModule: false,
        cache,
      })
    const values = [await form({ p: 'x' }), await form({}), await form({ p: 'y' })]
    expect(values.map(({ parameters: [parameter] }) => parameter?.value)).toEqual(['x', 'a', 'y'])
  })
})

describe('memory use', () => {
  const large = templateOf(`
    variable "a" {}
    locals { b = [for at in range(50) : "\${var.a} \${at}"] }
    output "o" { value = length(local.b) }
  `)

  test('stays within the limit', async () => {
    const cache = new EvaluationCache(200_000)
    for (let run = 0; run < 200; run++) {
      await plan(large, cache, { a: `${run}` })
      await plan(templateOf(`locals { a = "${run}" }`), cache)
      expect(cache.bytes).toBeLessThanOrEqual(200_000)
    }
    expect(cache.bytes).toBeGreaterThan(10_000)
    expect(primitiveText(await outputOf(large, cache, { a: '199' }))).toBe('50')
  })

  test('excludes a single value that is too large', async () => {
    const cache = new EvaluationCache(10_000)
    await plan(large, cache, { a: 'x' })
    expect(cache.bytes).toBeLessThan(1000)
    expect(primitiveText(await outputOf(large, cache, { a: 'x' }))).toBe('50')
  })

  test('is measured without traversing a value that is certainly too large', () => {
    const text = string('x'.repeat(1000))
    expect(estimateBytes(text, megabyte)).toBeGreaterThan(2000)
    expect(estimateBytes(tuple(Array.from({ length: 100 }, () => text)), 1000)).toBe(Number.POSITIVE_INFINITY)
  })
})
