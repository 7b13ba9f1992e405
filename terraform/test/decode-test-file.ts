// Reads a test file's text. Goes on after every error, as with a module's files.

import { BodyReader, scopeOfNothing } from '../config/body-reader.ts'
import { decodeProvider as decodeProviderBlock } from '../config/decode-provider.ts'
import { decodeCondition, readProviderReference } from '../config/decode-resource.ts'
import { parseJsonFile } from '../config/json-file.ts'
import { type Condition, configurationName, type ProviderBlock, type ProviderReference } from '../config/module.ts'
import { type Diagnostic, errorAt } from '../diagnostics/diagnostic.ts'
import { didYouMean } from '../diagnostics/did-you-mean.ts'
import type { Source } from '../diagnostics/source.ts'
import { visitReferences } from '../engine/graph/references.ts'
import type { Block, Body, Expression } from '../hcl/ast.ts'
import { parseFile } from '../hcl/parse-body.ts'
import { evaluate } from '../lang/evaluator/evaluate.ts'
import { readExpectedFailure, readModuleTarget, readResourceTarget } from './test-addresses.ts'
import type {
  ExpectedFailure,
  Fields,
  MockProvider,
  ModuleOverride,
  Overrides,
  PlanOptions,
  ResourceOverride,
  TestFile,
  TestRun,
} from './test-file.ts'

type Report = (diagnostic: Diagnostic) => void

interface Reading {
  /** What paths in values of mocks are relative to: the folder of the module under test. */
  readonly dir: string
  readonly report: Report
}

export function decodeTestFile(source: Source, dir: string): TestFile {
  const parsed = source.file.endsWith('.json') ? parseJsonFile(source, 'test') : parseFile(source)
  const diagnostics = [...parsed.diagnostics]
  const report: Report = (diagnostic) => diagnostics.push(diagnostic)
  const reading = { dir, report }
  const { blocks } = parsed.value
  tellUnexpected(parsed.value, report)
  const named = (type: string) => blocks.filter((block) => block.type === type)
  return {
    ...source,
    variables: readVariables(parsed.value, report),
    providers: named('provider').flatMap((block) => decodeProvider(block, report)),
    mocks: decodeMocks(named('mock_provider'), reading),
    overrides: decodeOverrides(parsed.value, reading),
    runs: named('run').flatMap((block) => decodeRun(block, reading)),
    diagnostics,
  }
}

const fileBlocks: ReadonlySet<string> = new Set([
  'run',
  'variables',
  'provider',
  'mock_provider',
  'override_resource',
  'override_data',
  'override_module',
  // Says how Terraform runs the file, such as in parallel; what holds then is the same.
  'test',
])

function tellUnexpected({ attributes, blocks }: Body, report: Report): void {
  for (const { name, nameRange } of attributes.values()) {
    const detail = `An argument named "${name}" is not expected here. At the top of a test file stand blocks only.`
    report(errorAt(nameRange, 'Unsupported argument', detail))
  }
  for (const { type, typeRange } of blocks) {
    if (fileBlocks.has(type)) continue
    const detail = `Blocks of type "${type}" are not expected in a test file.${didYouMean(type, fileBlocks)}`
    report(errorAt(typeRange, 'Unsupported block type', detail))
  }
}

/** Of a file or a run. */
function readVariables(body: Body, report: Report): ReadonlyMap<string, Expression> {
  const [first, second] = body.blocks.filter(({ type }) => type === 'variables')
  if (second) {
    const detail = 'There is already a block "variables" here. Put all values into one.'
    report(errorAt(second.headerRange, 'Multiple "variables" blocks', detail))
  }
  return new Map([...(first?.body.attributes.values() ?? [])].map(({ name, expression }) => [name, expression]))
}

function decodeProvider(block: Block, report: Report): ProviderBlock[] {
  const name = labelOf(block, report)
  if (name === undefined) return []
  return [decodeProviderBlock(block, name, report)]
}

function labelOf(block: Block, report: Report): string | undefined {
  const [label] = block.labels
  if (label && block.labels.length === 1) return label.text
  report(errorAt(block.headerRange, 'Invalid block labels', `A ${block.type} block has one label, its name.`))
  return undefined
}

// Runs

const runArguments = ['command', 'providers', 'expect_failures', 'state_key', 'parallel']
const overrideBlocks = ['override_resource', 'override_data', 'override_module']

function decodeRun(block: Block, reading: Reading): TestRun[] {
  const { report } = reading
  const name = labelOf(block, report)
  if (name === undefined) return []
  const reader = new BodyReader(block.body, `run "${name}"`, report)
  reader.allowOnly(runArguments, ['plan_options', 'assert', 'variables', 'module', ...overrideBlocks])
  const command = reader.keyword('command', ['plan', 'apply'], 'apply')
  return [
    {
      name,
      command,
      variables: readVariables(block.body, report),
      assertions: reader.blocks('assert').flatMap((inner) => decodeAssertion(inner, report)),
      expectedFailures: readExpectedFailures(reader),
      providers: readProviders(reader),
      module: decodeModuleUnderTest(reader, report),
      stateKey: reader.text('state_key'),
      options: decodeOptions(reader, report),
      overrides: decodeOverrides(block.body, reading),
      range: block.headerRange,
    },
  ]
}

function decodeAssertion(block: Block, report: Report): Condition[] {
  return decodeCondition(block, report).filter(({ condition }) => {
    let refers = false
    visitReferences(condition, () => {
      refers = true
    })
    if (!refers) {
      const detail = 'The condition must refer to something of the module or the test, or it would not check anything.'
      report(errorAt(condition.range, 'Invalid assert expression', detail))
    }
    return refers
  })
}

function readExpectedFailures(reader: BodyReader): ExpectedFailure[] {
  return reader.expressions('expect_failures').flatMap((element) => {
    const address = readExpectedFailure(element)
    if (address !== undefined) return [{ address, range: element.range }]
    const detail =
      'Failures can be expected of what checks something: input variables, outputs, check blocks, resources and data sources.'
    reader.error(element.range, 'Invalid `expect_failures` reference', detail)
    return []
  })
}

function readProviders(reader: BodyReader): ReadonlyMap<string, ProviderReference> | undefined {
  const expression = reader.expression('providers')
  if (!expression) return undefined
  const providers = new Map<string, ProviderReference>()
  if (expression.type !== 'object') {
    reader.error(expression.range, 'Invalid providers argument', 'It is written as { name = name.alias }.')
    return providers
  }
  for (const { key, value } of expression.items) {
    const inner = readProviderReference(key, reader)
    const outer = readProviderReference(value, reader)
    if (inner && outer) providers.set(configurationName(inner), outer)
  }
  return providers
}

function decodeModuleUnderTest(run: BodyReader, report: Report): TestRun['module'] {
  const [block, second] = run.blocks('module')
  if (second) run.error(second.headerRange, 'Multiple "module" blocks', 'A run block tests one module.')
  if (!block) return undefined
  const reader = new BodyReader(block.body, 'module', report)
  reader.allowOnly(['source', 'version'], [])
  const expression = reader.required('source')
  const source = reader.text('source')
  return expression && source !== undefined ? { source, range: expression.range } : undefined
}

function decodeOptions(run: BodyReader, report: Report): PlanOptions {
  const [block, second] = run.blocks('plan_options')
  if (second) run.error(second.headerRange, 'Multiple "plan_options" blocks', 'Put all options into one.')
  if (!block) return { mode: 'normal', refreshes: true, replace: [], target: [] }
  const reader = new BodyReader(block.body, 'plan_options', report)
  reader.allowOnly(['mode', 'refresh', 'replace', 'target'], [])
  const addresses = (name: string) => reader.expressions(name).flatMap((element) => readTarget(element, reader))
  return {
    mode: reader.keyword('mode', ['normal', 'refresh-only'], 'normal'),
    refreshes: reader.flag('refresh') ?? true,
    replace: addresses('replace'),
    target: addresses('target'),
  }
}

function readTarget(element: Expression, reader: BodyReader): string[] {
  const address =
    readExpectedFailure(element) ??
    readModuleTarget(element)
      ?.map((name) => `module.${name}`)
      .join('.')
  if (address !== undefined) return [address]
  reader.error(element.range, 'Invalid address', 'The address of a resource or a module is required here.')
  return []
}

// Overrides and mocks

function decodeOverrides({ blocks }: Body, reading: Reading): Overrides {
  const resources = blocks.flatMap((block) => decodeResourceOverride(block, reading))
  const modules = blocks.flatMap((block) => decodeModuleOverride(block, reading))
  tellRepeats(resources, ({ block }) => block, reading.report)
  tellRepeats(modules, ({ names }) => names.map((name) => `module.${name}`).join('.'), reading.report)
  return { resources, modules }
}

function tellRepeats<T extends ResourceOverride | ModuleOverride>(
  items: readonly T[],
  addressOf: (item: T) => string,
  report: Report,
): void {
  const seen = new Set<string>()
  for (const item of items) {
    const address = addressOf(item)
    if (seen.has(address)) report(errorAt(item.range, 'Duplicate override', `${address} is overridden here already.`))
    seen.add(address)
  }
}

function decodeResourceOverride(block: Block, reading: Reading): ResourceOverride[] {
  if (block.type !== 'override_resource' && block.type !== 'override_data') return []
  const mode = block.type === 'override_data' ? 'data' : 'managed'
  const reader = new BodyReader(block.body, block.type, reading.report)
  reader.allowOnly(['target', 'values', 'override_during'], [])
  const target = reader.required('target')
  if (!target) return []
  const address = readResourceTarget(target, mode)
  if (address !== undefined)
    return [{ block: address, mode, values: fieldsOf(reader, 'values', reading), range: target.range }]
  const what =
    mode === 'data' ? 'a data source, such as data.coder_workspace.me' : 'a resource, such as coder_agent.main'
  reader.error(target.range, 'Invalid override target', `The target of ${block.type} is ${what}.`)
  return []
}

function decodeModuleOverride(block: Block, reading: Reading): ModuleOverride[] {
  if (block.type !== 'override_module') return []
  const reader = new BodyReader(block.body, block.type, reading.report)
  reader.allowOnly(['target', 'outputs', 'override_during'], [])
  const target = reader.required('target')
  if (!target) return []
  const names = readModuleTarget(target)
  if (names) return [{ names, outputs: fieldsOf(reader, 'outputs', reading), range: target.range }]
  reader.error(target.range, 'Invalid override target', 'The target of override_module is a module, such as module.a.')
  return []
}

/** May call functions, as in Terraform. */
function fieldsOf(reader: BodyReader, name: string, { dir, report }: Reading): Fields {
  const expression = reader.expression(name)
  if (!expression) return new Map()
  const { value, diagnostics } = evaluate(expression, scopeOfNothing(dir))
  diagnostics.forEach(report)
  if (value.kind === 'object' || value.kind === 'map') return value.entries
  if (value.kind !== 'unknown') reader.error(expression.range, 'Object expected', `"${name}" is an object: { … }.`)
  return new Map()
}

function decodeMocks(blocks: readonly Block[], reading: Reading): MockProvider[] {
  const mocks = blocks.flatMap((block) => decodeMock(block, reading))
  const seen = new Set<string>()
  for (const mock of mocks) {
    const name = configurationName(mock)
    if (seen.has(name))
      reading.report(errorAt(mock.range, 'Duplicate mock provider', `The provider ${name} is mocked already.`))
    seen.add(name)
  }
  return mocks
}

function decodeMock(block: Block, reading: Reading): MockProvider[] {
  const { report } = reading
  const name = labelOf(block, report)
  if (name === undefined) return []
  const reader = new BodyReader(block.body, `mock_provider "${name}"`, report)
  reader.allowOnly(['alias', 'override_during'], ['mock_resource', 'mock_data', 'override_resource', 'override_data'])
  const defaults = new Map<string, Fields>()
  for (const inner of block.body.blocks) decodeMockedType(inner, defaults, reading)
  const { resources: overrides } = decodeOverrides(block.body, reading)
  return [{ name, alias: reader.text('alias'), defaults, overrides, range: block.headerRange }]
}

function decodeMockedType(block: Block, defaults: Map<string, Fields>, reading: Reading): void {
  const { report } = reading
  if (block.type !== 'mock_resource' && block.type !== 'mock_data') return
  const type = labelOf(block, report)
  if (type === undefined) return
  const reader = new BodyReader(block.body, `${block.type} "${type}"`, report)
  reader.allowOnly(['defaults', 'override_during'], [])
  const key = block.type === 'mock_data' ? `data.${type}` : type
  if (defaults.has(key)) reader.error(block.headerRange, 'Duplicate mock', `${block.type} "${type}" is here already.`)
  else defaults.set(key, fieldsOf(reader, 'defaults', reading))
}
