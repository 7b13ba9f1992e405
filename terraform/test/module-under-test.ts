// Prepares the module of a run: provider configurations and mocks, overridden objects and modules, and stubs for missing
// providers and modules.

import { formatLocalResource } from '../addresses.ts'
import {
  configurationName,
  type Module,
  metaProviderArguments,
  type ProviderBlock,
  type ResourceBlock,
} from '../config/module.ts'
import { type Diagnostic, errorAt } from '../diagnostics/diagnostic.ts'
import type { Range } from '../diagnostics/source.ts'
import { visitBodyReferences } from '../engine/graph/references.ts'
import { formatProvider, Registry, type SubstituteType } from '../engine/providers/registry.ts'
import type { Template } from '../engine/template/template.ts'
import type { Body, Expression } from '../hcl/ast.ts'
import type { DataSourceType, Provider, ResourceType } from '../provider.ts'
import { type InferredProvider, inferProviders } from '../stubs/inferred-providers.ts'
import { collectMissingModuleUsages, replaceModules, stubModule } from '../stubs/modules.ts'
import { type Path, type Step, visitPathsIn } from '../stubs/paths.ts'
import { emptyUsage } from '../stubs/usage.ts'
import { nullOf, unknownStub, type Value } from '../values/value.ts'
import { dataSourceWithFilledUnknowns, mockDataSource, mockResource, resourceWithFilledUnknowns } from './mock-types.ts'
import type { Fields, MockProvider, ModuleOverride, ResourceOverride, TestFile, TestRun } from './test-file.ts'

export interface ModuleUnderTest {
  readonly template: Template
  readonly providers: readonly Provider[]
  readonly substitute: SubstituteType
  readonly diagnostics: readonly Diagnostic[]
  /** Descriptions of missing providers and modules. */
  readonly missingParts: readonly string[]
  /** Whether some types are inferred: numbers and lists may then be strings and tuples. */
  readonly isInferred: boolean
}

export function prepareModule(
  template: Template,
  file: TestFile,
  run: TestRun,
  bundled: readonly Provider[],
): ModuleUnderTest {
  const configurations = chooseConfigurations(template.module, file, run)
  const overridden = new Set([...file.overrides.resources, ...run.overrides.resources].map(({ block }) => block))
  const isInferred = (block: ResourceBlock) =>
    !new Registry(bundled, template.root).providerNamed(template.root, block.provider.name) &&
    !file.mocks.some(({ name }) => name === block.provider.name) &&
    !overridden.has(formatLocalResource(block.address))
  const root = withoutInferredChecks(withProviders(template.module, configurations.byName), isInferred)
  const additional = {
    required: (visit: (path: Path) => void) => visitOverrideFields(template, file, run, visit),
    optional: (visit: (path: Path) => void) => visitAssertions(template, run, visit),
  }
  const modules = overriddenModules(template, file, run, additional.optional)
  const stubbed = replaceModules(template, modules.replace, root)
  const inferred = inferProviders(stubbed, bundled, additional)
  const providers = [...bundled, ...inferred]
  return {
    template: stubbed,
    providers,
    substitute: substituteBy(
      template,
      configurations.byName,
      [...file.overrides.resources],
      run,
      providers,
      inferred,
      modules.missing.length > 0 || inferred.length > 0,
    ),
    diagnostics: [...configurations.diagnostics, ...unknownTargets(stubbed, file, run)],
    isInferred: inferred.length > 0,
    missingParts: [
      ...inferred.map(({ source }) => `The provider "${source}" is not bundled, so its resources are mocked.`),
      ...modules.missing.map((name) => `The module ${name} is missing, so its outputs are unknown.`),
    ],
  }
}

// Providers

type Configuration = MockProvider | ProviderBlock
const isMock = (configuration: Configuration): configuration is MockProvider => 'defaults' in configuration

/** The configurations that the run passes to the module, by the module's names. */
function chooseConfigurations({ providerBlocks }: Module, file: TestFile, run: TestRun) {
  const ofFile = new Map<string, Configuration>()
  for (const mock of file.mocks) ofFile.set(configurationName(mock), mock)
  for (const block of file.providers) ofFile.set(configurationName(block), block)
  const diagnostics: Diagnostic[] = []
  if (!run.providers) {
    const own = providerBlocks.map((block) => [configurationName(block), block] as const)
    return { byName: new Map<string, Configuration>([...own, ...ofFile]), diagnostics }
  }
  const byName = new Map<string, Configuration>()
  for (const [inner, outer] of run.providers) {
    const found = ofFile.get(configurationName(outer))
    if (found) byName.set(inner, found)
    else {
      const detail = `The test file has no provider or mock_provider block for ${configurationName(outer)}.`
      diagnostics.push(errorAt(outer.range, 'Missing provider definition for test', detail))
    }
  }
  return { byName, diagnostics }
}

/** Keeps the body of a test file's provider block only if it has no references: they would not resolve in the module. */
function withProviders(module: Module, byName: ReadonlyMap<string, Configuration>): Module {
  const own = new Set(module.providerBlocks)
  const providerBlocks = [...byName].map(([key, configuration]): ProviderBlock => {
    if (!isMock(configuration) && own.has(configuration)) return configuration
    const [name = '', alias] = key.split('.')
    const { range } = configuration
    const body = !isMock(configuration) && hasNoReferences(configuration.body) ? configuration.body : emptyBody(range)
    return { name, alias, forEach: undefined, body, range }
  })
  // The run sets all variables.
  return { ...module, providerBlocks, variableValues: new Map() }
}

/** Removes checks about data of inferred types, whose result is unknown. */
function withoutInferredChecks(module: Module, isInferred: (block: ResourceBlock) => boolean): Module {
  const checks = [...module.checks].filter(([, { data }]) => {
    const block = data === undefined ? undefined : module.resources.get(data)
    return !block || !isInferred(block)
  })
  return checks.length === module.checks.size ? module : { ...module, checks: new Map(checks) }
}

function hasNoReferences(body: Body): boolean {
  let references = 0
  const skips = { attributes: metaProviderArguments, blocks: new Set<string>() }
  visitBodyReferences(body, () => references++, skips)
  return references === 0
}

const emptyBody = (range: Range): Body => ({ attributes: new Map(), blocks: [], range })

/** Precedence: overrides of the run, of the file, of the mock provider; then mocks. */
function substituteBy(
  { module }: Template,
  configurations: ReadonlyMap<string, Configuration>,
  ofFile: readonly ResourceOverride[],
  run: TestRun,
  providers: readonly Provider[],
  inferred: readonly InferredProvider[],
  hasMissingModules: boolean,
): SubstituteType {
  const mocks = new Map<string, MockProvider>()
  for (const [key, configuration] of configurations) {
    const [name = '', alias] = key.split('.')
    if (isMock(configuration)) mocks.set(formatProvider(sourceOf(name, module, providers), alias), configuration)
  }
  const sources = new Map(inferred.map((provider) => [formatProvider(provider.source, undefined), provider]))
  const overrides = byBlock([
    ...[...mocks.values()].flatMap((mock) => mock.overrides),
    ...ofFile,
    ...run.overrides.resources,
  ])
  return <T extends ResourceType | DataSourceType>(
    type: T,
    { block, providerAddress, address }: Parameters<SubstituteType>[1],
  ): T => {
    // Child modules use the root's configurations, unless they have their own.
    const configuration = providerAddress.replace(/^(module\.[^.]+\.)+/, '')
    const key = address.mode === 'data' ? `data.${address.type}` : address.type
    const override = overrides.get(block)
    const mock = mocks.get(configuration)
    const stub = sources.get(configuration.replace(/("\])\..*$/, '$1'))
    if (!override && !mock && !stub) {
      if (!hasMissingModules) return type
      return ('create' in type
        ? resourceWithFilledUnknowns(type, key)
        : dataSourceWithFilledUnknowns(type, key)) as unknown as T
    }
    const fields = mergeFields(mock?.defaults.get(key), override?.values)
    const shape = { typeName: key, usage: stub?.usages.get(key) ?? emptyUsage(), isInferred: stub !== undefined }
    const mocked = { ...type, isInferred: !override && !mock }
    return ('create' in mocked
      ? mockResource(mocked, fields, shape)
      : mockDataSource(mocked, fields, shape)) as unknown as T
  }
}

function sourceOf(name: string, module: Module, providers: readonly Provider[]): string {
  const declared = module.requiredProviders.get(name)?.source.replace(/^registry\.[^/]*\//, '')
  return declared ?? providers.find((provider) => provider.name === name)?.source ?? `hashicorp/${name}`
}

const byBlock = (overrides: readonly ResourceOverride[]) =>
  new Map(overrides.map((override) => [override.block, override]))

const mergeFields = (defaults: Fields = new Map(), values: Fields = new Map()): Fields =>
  new Map([...defaults, ...values])

// Modules

function overriddenModules(
  template: Template,
  file: TestFile,
  run: TestRun,
  visitAdditional: (visit: (path: Path) => void) => void,
) {
  const overrides = new Map<string, ModuleOverride>()
  for (const override of [...file.overrides.modules, ...run.overrides.modules])
    overrides.set(override.names.join('.'), override)
  const usages = collectMissingModuleUsages(template, visitAdditional)
  const missing: string[] = []
  return {
    missing,
    replace: (names: string, call: Parameters<typeof stubModule>[0], real: Module | undefined): Module | undefined => {
      const override = overrides.get(names)
      if (override) return stubModule(call, real, outputsOf(override, real))
      if (real) return real
      missing.push(names)
      const read = usages.get(names)?.attributes.keys() ?? []
      return stubModule(call, real, new Map([...read].map((name) => [name, unknownStub()])))
    },
  }
}

/** Outputs that the override leaves out are null. */
function outputsOf({ outputs }: ModuleOverride, real: Module | undefined): ReadonlyMap<string, Value> {
  const left = [...(real?.outputs.keys() ?? [])].map((name) => [name, nullOf()] as const)
  return new Map([...left, ...outputs])
}

// Attribute paths of the test file

function visitAssertions({ root }: Template, { assertions }: TestRun, visit: (path: Path) => void): void {
  const inside = (expression: Expression) => visitPathsIn(root, expression, visit)
  for (const { condition, errorMessage } of assertions) for (const found of [condition, errorMessage]) inside(found)
}

/** Visits the fields that mocks and overrides set, so that the stubs have them. */
function visitOverrideFields(template: Template, file: TestFile, run: TestRun, visit: (path: Path) => void): void {
  const defaults = [...file.mocks.flatMap((mock) => [...mock.defaults])]
  for (const [key, fields] of defaults) visitFields(template, (block) => typeOfBlock(block) === key, fields, visit)
  const overrides = [
    ...file.mocks.flatMap((mock) => mock.overrides),
    ...file.overrides.resources,
    ...run.overrides.resources,
  ]
  for (const override of overrides) visitFields(template, (block) => block === override.block, override.values, visit)
}

const typeOfBlock = (block: string) => block.replace(/\.[^.]*$/, '')

function visitFields(
  { root }: Template,
  isSelected: (block: string) => boolean,
  fields: Fields,
  visit: (path: Path) => void,
): void {
  for (const block of root.module.resources.keys()) {
    if (!isSelected(block)) continue
    const base = block.split('.').map((name): Step => ({ name }))
    for (const [name, value] of fields) {
      const steps = [...base, { name }]
      visit({ node: root, steps })
      if (value.kind !== 'object') continue
      for (const inner of value.entries.keys())
        visit({ node: root, steps: [...steps, { key: undefined }, { name: inner }] })
    }
  }
}

/** Warns about overrides without a target, which are most likely mistyped. */
function unknownTargets(template: Template, file: TestFile, run: TestRun): Diagnostic[] {
  const { nodes } = template.graph
  const warn = (range: Range, address: string): Diagnostic => ({
    severity: 'warning',
    summary: 'Override target not found',
    detail: `The module under test has no ${address}, so this override has no effect.`,
    range,
  })
  const ofResources = [...file.overrides.resources, ...run.overrides.resources]
    .filter(({ block }) => !nodes.has(block) && !isInOverridden(block, file, run))
    .map(({ range, block }) => warn(range, block))
  const ofModules = [...file.overrides.modules, ...run.overrides.modules]
    .map(({ range, names }) => ({ range, address: names.map((name) => `module.${name}`).join('.') }))
    .filter(({ address }) => !nodes.has(address))
    .map(({ range, address }) => warn(range, address))
  return [...ofResources, ...ofModules]
}

const isInOverridden = (block: string, file: TestFile, run: TestRun) =>
  [...file.overrides.modules, ...run.overrides.modules].some(({ names }) =>
    block.startsWith(names.map((name) => `module.${name}.`).join('')),
  )
