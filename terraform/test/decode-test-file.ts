// Decodes a test file. Continues after errors, as for module files.

import { BodyReader, referenceFreeScope } from '../config/body-reader.ts'
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

interface DecodeContext {
  /** The folder of the module under test, the base of paths in mock values. */
  readonly dir: string
  readonly report: Report
}

export function decodeTestFile(source: Source, dir: string): TestFile {
  const parsed = source.file.endsWith('.json') ? parseJsonFile(source, 'test') : parseFile(source)
  const diagnostics = [...parsed.diagnostics]
  const report: Report = (diagnostic) => diagnostics.push(diagnostic)
  const context = { dir, report }
  const { blocks } = parsed.value
  rejectUnexpected(parsed.value, report)
  const named = (type: string) => blocks.filter((block) => block.type === type)
  return {
    ...source,
    variables: readVariables(parsed.value, report),
    providers: named('provider').flatMap((block) => decodeProvider(block, report)),
    mocks: decodeMocks(named('mock_provider'), context),
    overrides: decodeOverrides(parsed.value, context),
    runs: named('run').flatMap((block) => decodeRun(block, context)),
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
  // Settings such as parallel runs, which do not change results.
  'test',
])

function rejectUnexpected({ attributes, blocks }: Body, report: Report): void {
  for (const { name, nameRange } of attributes.values()) {
    const detail = `An argument named "${name}" is not expected here. A test file has only blocks at the top level.`
    report(errorAt(nameRange, 'Unsupported argument', detail))
  }
  for (const { type, typeRange } of blocks) {
    if (fileBlocks.has(type)) continue
    const detail = `Blocks of type "${type}" are not expected in a test file.${didYouMean(type, fileBlocks)}`
    report(errorAt(typeRange, 'Unsupported block type', detail))
  }
}

/** The `variables` block of a file or a run. */
function readVariables(body: Body, report: Report): ReadonlyMap<string, Expression> {
  const [first, second] = body.blocks.filter(({ type }) => type === 'variables')
  if (second) {
    const detail = 'Only one "variables" block is allowed here. Move all values into it.'
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
  report(errorAt(block.headerRange, 'Invalid block labels', `A ${block.type} block must have one label, its name.`))
  return undefined
}

// Runs

const runArguments = ['command', 'providers', 'expect_failures', 'state_key', 'parallel']
const overrideBlocks = ['override_resource', 'override_data', 'override_module']

function decodeRun(block: Block, context: DecodeContext): TestRun[] {
  const { report } = context
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
      stateKey: reader.string('state_key'),
      options: decodeOptions(reader, report),
      overrides: decodeOverrides(block.body, context),
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
      const detail = 'The condition must refer to a value of the module or the test.'
      report(errorAt(condition.range, 'Invalid assert expression', detail))
    }
    return refers
  })
}

function readExpectedFailures(reader: BodyReader): ExpectedFailure[] {
  return reader.expressions('expect_failures').flatMap((element) => {
    const address = readExpectedFailure(element)
    if (address !== undefined) return [{ address, range: element.range }]
    const detail = 'Failures can be expected from input variables, outputs, check blocks, resources and data sources.'
    reader.error(element.range, 'Invalid `expect_failures` reference', detail)
    return []
  })
}

function readProviders(reader: BodyReader): ReadonlyMap<string, ProviderReference> | undefined {
  const expression = reader.expression('providers')
  if (!expression) return undefined
  const providers = new Map<string, ProviderReference>()
  if (expression.type !== 'object') {
    reader.error(
      expression.range,
      'Invalid providers argument',
      'The argument must be an object such as { name = name.alias }.',
    )
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
  if (second)
    run.error(second.headerRange, 'Multiple "module" blocks', 'A run block must have at most one "module" block.')
  if (!block) return undefined
  const reader = new BodyReader(block.body, 'module', report)
  reader.allowOnly(['source', 'version'], [])
  const expression = reader.required('source')
  const source = reader.string('source')
  return expression && source !== undefined ? { source, range: expression.range } : undefined
}

function decodeOptions(run: BodyReader, report: Report): PlanOptions {
  const [block, second] = run.blocks('plan_options')
  if (second) run.error(second.headerRange, 'Multiple "plan_options" blocks', 'Move all options into one block.')
  if (!block) return { mode: 'normal', refreshes: true, replace: [], target: [] }
  const reader = new BodyReader(block.body, 'plan_options', report)
  reader.allowOnly(['mode', 'refresh', 'replace', 'target'], [])
  const addresses = (name: string) => reader.expressions(name).flatMap((element) => readTarget(element, reader))
  return {
    mode: reader.keyword('mode', ['normal', 'refresh-only'], 'normal'),
    refreshes: reader.bool('refresh') ?? true,
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

function decodeOverrides({ blocks }: Body, context: DecodeContext): Overrides {
  const resources = blocks.flatMap((block) => decodeResourceOverride(block, context))
  const modules = blocks.flatMap((block) => decodeModuleOverride(block, context))
  rejectDuplicates(resources, ({ block }) => block, context.report)
  rejectDuplicates(modules, ({ names }) => names.map((name) => `module.${name}`).join('.'), context.report)
  return { resources, modules }
}

function rejectDuplicates<T extends ResourceOverride | ModuleOverride>(
  items: readonly T[],
  addressOf: (item: T) => string,
  report: Report,
): void {
  const addresses = new Set<string>()
  for (const item of items) {
    const address = addressOf(item)
    if (addresses.has(address)) report(errorAt(item.range, 'Duplicate override', `${address} is already overridden.`))
    addresses.add(address)
  }
}

function decodeResourceOverride(block: Block, context: DecodeContext): ResourceOverride[] {
  if (block.type !== 'override_resource' && block.type !== 'override_data') return []
  const mode = block.type === 'override_data' ? 'data' : 'managed'
  const reader = new BodyReader(block.body, block.type, context.report)
  reader.allowOnly(['target', 'values', 'override_during'], [])
  const target = reader.required('target')
  if (!target) return []
  const address = readResourceTarget(target, mode)
  if (address !== undefined)
    return [{ block: address, mode, values: fieldsOf(reader, 'values', context), range: target.range }]
  const example =
    mode === 'data' ? 'a data source, such as data.coder_workspace.me' : 'a resource, such as coder_agent.main'
  reader.error(target.range, 'Invalid override target', `The target of ${block.type} must be ${example}.`)
  return []
}

function decodeModuleOverride(block: Block, context: DecodeContext): ModuleOverride[] {
  if (block.type !== 'override_module') return []
  const reader = new BodyReader(block.body, block.type, context.report)
  reader.allowOnly(['target', 'outputs', 'override_during'], [])
  const target = reader.required('target')
  if (!target) return []
  const names = readModuleTarget(target)
  if (names) return [{ names, outputs: fieldsOf(reader, 'outputs', context), range: target.range }]
  reader.error(
    target.range,
    'Invalid override target',
    'The target of override_module must be a module, such as module.a.',
  )
  return []
}

/** The values can call functions, as in Terraform. */
function fieldsOf(reader: BodyReader, name: string, { dir, report }: DecodeContext): Fields {
  const expression = reader.expression(name)
  if (!expression) return new Map()
  const { value, diagnostics } = evaluate(expression, referenceFreeScope(dir))
  diagnostics.forEach(report)
  if (value.kind === 'object' || value.kind === 'map') return value.entries
  if (value.kind !== 'unknown') reader.error(expression.range, 'Object expected', `"${name}" must be an object: { … }.`)
  return new Map()
}

function decodeMocks(blocks: readonly Block[], context: DecodeContext): MockProvider[] {
  const mocks = blocks.flatMap((block) => decodeMock(block, context))
  const names = new Set<string>()
  for (const mock of mocks) {
    const name = configurationName(mock)
    if (names.has(name))
      context.report(errorAt(mock.range, 'Duplicate mock provider', `The provider ${name} is already mocked.`))
    names.add(name)
  }
  return mocks
}

function decodeMock(block: Block, context: DecodeContext): MockProvider[] {
  const { report } = context
  const name = labelOf(block, report)
  if (name === undefined) return []
  const reader = new BodyReader(block.body, `mock_provider "${name}"`, report)
  reader.allowOnly(['alias', 'override_during'], ['mock_resource', 'mock_data', 'override_resource', 'override_data'])
  const defaults = new Map<string, Fields>()
  for (const inner of block.body.blocks) decodeMockedType(inner, defaults, context)
  const { resources: overrides } = decodeOverrides(block.body, context)
  return [{ name, alias: reader.string('alias'), defaults, overrides, range: block.headerRange }]
}

function decodeMockedType(block: Block, defaults: Map<string, Fields>, context: DecodeContext): void {
  const { report } = context
  if (block.type !== 'mock_resource' && block.type !== 'mock_data') return
  const type = labelOf(block, report)
  if (type === undefined) return
  const reader = new BodyReader(block.body, `${block.type} "${type}"`, report)
  reader.allowOnly(['defaults', 'override_during'], [])
  const key = block.type === 'mock_data' ? `data.${type}` : type
  if (defaults.has(key))
    reader.error(block.headerRange, 'Duplicate mock', `${block.type} "${type}" is already defined.`)
  else defaults.set(key, fieldsOf(reader, 'defaults', context))
}
