import { describe, expect, test } from 'vitest'
import { evaluateForm } from '../../extraction/parameter-form.ts'
import { functions } from '../../lang/functions/function-table.ts'
import { coderProvider } from '../../providers/coder/provider.ts'
import { terraformProvider } from '../../providers/terraform/provider.ts'
import { coderContext, templateOf } from '../../testing/scene.ts'
import { bytesOf } from '../../values/same-value.ts'
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

describe('what is kept from run to run', () => {
  const computed = templateOf(`
    variable "a" {}
    locals { b = [for at in range(3) : "\${var.a} \${at}"] }
    output "o" { value = local.b }
  `)

  test('a part whose references have the same values is not evaluated again', async () => {
    const cache = new EvaluationCache(megabyte)
    const first = await outputOf(computed, cache, { a: 'x' })
    expect(await outputOf(computed, cache, { a: 'x' })).toBe(first)
  })

  test('with another value it is, and what was before is still known', async () => {
    const cache = new EvaluationCache(megabyte)
    const first = await outputOf(computed, cache, { a: 'x' })
    const second = await outputOf(computed, cache, { a: 'y' })
    expect(second).toEqual(tuple(['y 0', 'y 1', 'y 2'].map(string)))
    expect(await outputOf(computed, cache, { a: 'x' })).toBe(first)
    expect(await outputOf(computed, cache, { a: 'y' })).toBe(second)
  })

  test('it takes as much of the limit as it did', async () => {
    const cache = new EvaluationCache(megabyte)
    const first = await plan(computed, cache, { a: 'x' })
    const second = await plan(computed, cache, { a: 'x' })
    expect(second.plan.evaluation.limits).toEqual(first.plan.evaluation.limits)
  })

  test('only the name of an owner matters to what asks for no more', async () => {
    const cache = new EvaluationCache(megabyte)
    const template = templateOf(`
      data "coder_workspace_owner" "me" {}
      output "o" { value = upper("\${data.coder_workspace_owner.me.name}!") }
    `)
    const { owner } = coderContext()
    const first = await plan(template, cache)
    const second = await plan(template, cache, {}, { owner: { ...owner, sessionToken: 'another' } })
    const third = await plan(template, cache, {}, { owner: { ...owner, name: 'ben' } })
    const outputs = [first, second, third].map((one) => one.plan.evaluation.outputs().get('o'))
    expect(outputs[1]).toBe(outputs[0])
    expect(outputs.map(primitiveText)).toEqual(['ANN!', 'ANN!', 'BEN!'])
  })

  test('each instance of a module has its own', async () => {
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

describe('what is not kept', () => {
  const secrets: Readonly<Record<string, string>> = {
    'a sensitive variable': 'variable "a" { sensitive = true }\nlocals { b = "x ${var.a}" }',
    'a sensitive variable as the argument of a resource':
      'variable "a" { sensitive = true }\nresource "terraform_data" "r" { input = { inner = var.a } }',
    'an ephemeral variable': 'variable "a" { ephemeral = true }\nlocals { b = "x ${var.a}" }',
    'a list that is given as text': 'variable "a" {\n  type = list(string)\n  sensitive = true\n}',
    'what is made sensitive': 'locals { b = sensitive("x") }',
    'what is made readable again': 'variable "a" { sensitive = true }\nlocals { b = nonsensitive(var.a) }',
    'whether a sensitive value is something': 'variable "a" { sensitive = true }\nlocals { b = can(var.a + 1) }',
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

  const ofOneRun = [
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
  test.each(ofOneRun)('what %s gives', async (expression) => {
    const cache = new EvaluationCache(megabyte)
    await plan(templateOf(`locals { a = [${expression}] }`), cache)
    expect(cache.bytes).toBe(0)
  })

  test('what a function gives that looks at more than its arguments', () => {
    // They look at what is left of the limit, which an evaluation that is not repeated takes, too.
    const counting = new Set(['regex', 'regexall', 'replace'])
    const looking = Object.entries(functions).filter(([name, { call }]) => call.length > 1 && !counting.has(name))
    expect(looking.length).toBeGreaterThan(10)
    expect(looking.filter(([, { isOfOneRun }]) => !isOfOneRun).map(([name]) => name)).toEqual([])
  })

  test('what had a diagnostic: it is told each time', async () => {
    const cache = new EvaluationCache(megabyte)
    const template = templateOf('locals { a = "a" + 1 }')
    const first = await plan(template, cache)
    expect(first.diagnostics).toHaveLength(1)
    expect((await plan(template, cache)).diagnostics).toEqual(first.diagnostics)
  })

  test('an answer that is for one build', async () => {
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

describe('the memory it takes', () => {
  const large = templateOf(`
    variable "a" {}
    locals { b = [for at in range(50) : "\${var.a} \${at}"] }
    output "o" { value = length(local.b) }
  `)

  test('stays within its bound, however much there was', async () => {
    const cache = new EvaluationCache(200_000)
    for (let run = 0; run < 200; run++) {
      await plan(large, cache, { a: `${run}` })
      await plan(templateOf(`locals { a = "${run}" }`), cache)
      expect(cache.bytes).toBeLessThanOrEqual(200_000)
    }
    expect(cache.bytes).toBeGreaterThan(10_000)
    expect(primitiveText(await outputOf(large, cache, { a: '199' }))).toBe('50')
  })

  test('a single value that is too large for it is not kept', async () => {
    const cache = new EvaluationCache(10_000)
    await plan(large, cache, { a: 'x' })
    expect(cache.bytes).toBeLessThan(1000)
    expect(primitiveText(await outputOf(large, cache, { a: 'x' }))).toBe('50')
  })

  test('is told without going through what is surely too large', () => {
    const text = string('x'.repeat(1000))
    expect(bytesOf(text, megabyte)).toBeGreaterThan(2000)
    expect(bytesOf(tuple(Array.from({ length: 100 }, () => text)), 1000)).toBe(Number.POSITIVE_INFINITY)
  })
})
