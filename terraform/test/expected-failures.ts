// Matches a run's failed conditions with its `expect_failures`.

import type { CheckBlock, Condition, Module, ResourceBlock } from '../config/module.ts'
import { type Diagnostic, errorAt } from '../diagnostics/diagnostic.ts'
import type { Range } from '../diagnostics/source.ts'
import type { ExpectedFailure } from './test-file.ts'

/** The run's diagnostics: removes expected failures, reports missing ones, and makes failed checks errors. */
export function matchExpectedFailures(
  diagnostics: readonly Diagnostic[],
  expected: readonly ExpectedFailure[],
  module: Module,
): Diagnostic[] {
  const owners = ownersOf(module)
  const matched = new Set<ExpectedFailure>()
  const remaining = diagnostics.flatMap((diagnostic): Diagnostic[] => {
    const owner = owners.ownerOf(diagnostic)
    if (owner === undefined) return [diagnostic]
    const hits = expected.filter(({ address }) => isMatch(address, owner, diagnostic.address))
    for (const hit of hits) matched.add(hit)
    if (hits.length > 0) return []
    return [owner.startsWith('check.') ? { ...diagnostic, severity: 'error' } : diagnostic]
  })
  return [...remaining, ...expected.filter((failure) => !matched.has(failure)).map(missing)]
}

const missing = ({ address, range }: ExpectedFailure): Diagnostic =>
  errorAt(
    range,
    'Missing expected failure',
    `The checkable object, ${address}, was expected to report an error but did not.`,
  )

/** An expected address without key matches all instances. */
function isMatch(expected: string, owner: string, instance: string | undefined): boolean {
  return expected === owner || expected === instance || (instance === undefined && expected.startsWith(`${owner}[`))
}

/** Whether the diagnostic is a failed check block of the module. An apply repeats a check that still fails. */
export function isFailedCheck(diagnostic: Diagnostic, module: Module): boolean {
  return ownersOf(module).ownerOf(diagnostic)?.startsWith('check.') ?? false
}

/** Expected variable failures, which prevent an apply from starting. */
export function findExpectedVariableFailures(
  diagnostics: readonly Diagnostic[],
  expected: readonly ExpectedFailure[],
  module: Module,
): readonly string[] {
  const owners = ownersOf(module)
  const failed = new Set(diagnostics.map((diagnostic) => owners.ownerOf(diagnostic)))
  return expected.map(({ address }) => address).filter((address) => address.startsWith('var.') && failed.has(address))
}

const conditionSummaries: ReadonlySet<string> = new Set([
  'Invalid value for variable',
  'Module output value precondition failed',
  'Resource precondition failed',
  'Resource postcondition failed',
  'Check block assertion failed',
])

class Owners {
  readonly #byPosition = new Map<string, string>()
  readonly #scoped: { readonly range: Range; readonly owner: string }[] = []

  add(range: Range, owner: string): void {
    this.#byPosition.set(positionOf(range), owner)
  }

  /** Assigns all diagnostics inside the range to an owner. */
  addScope(range: Range, owner: string): void {
    this.#scoped.push({ range, owner })
  }

  ownerOf({ summary, range }: Diagnostic): string | undefined {
    if (!range) return undefined
    if (conditionSummaries.has(summary)) return this.#byPosition.get(positionOf(range))
    const scope = this.#scoped.find(({ range: around }) => around.file === range.file && isInside(range, around))
    return scope?.owner
  }
}

const positionOf = ({ file, start }: Range) => `${file}:${start}`
const isInside = (range: Range, around: Range) => around.start <= range.start && range.end <= around.end

const ownersByModule = new WeakMap<Module, Owners>()

function ownersOf(module: Module): Owners {
  const owners = ownersByModule.get(module) ?? collectOwners(module)
  ownersByModule.set(module, owners)
  return owners
}

/** The owner of each condition of the module, by source position. */
function collectOwners({ variables, outputs, resources, checks }: Module): Owners {
  const owners = new Owners()
  const addConditions = (conditions: readonly Condition[], owner: string) => {
    for (const { condition } of conditions) owners.add(condition.range, owner)
  }
  for (const { name, range, validations } of variables.values()) {
    owners.add(range, `var.${name}`)
    addConditions(validations, `var.${name}`)
  }
  for (const { name, preconditions } of outputs.values()) addConditions(preconditions, `output.${name}`)
  for (const [address, { lifecycle }] of resources) {
    addConditions(lifecycle.preconditions, address)
    addConditions(lifecycle.postconditions, address)
  }
  for (const check of checks.values()) addCheck(owners, check, resources, addConditions)
  return owners
}

function addCheck(
  owners: Owners,
  { name, assertions, data }: CheckBlock,
  resources: ReadonlyMap<string, ResourceBlock>,
  addConditions: (conditions: readonly Condition[], owner: string) => void,
): void {
  addConditions(assertions, `check.${name}`)
  const block = data === undefined ? undefined : resources.get(data)
  if (block) owners.addScope({ ...block.range, end: block.body.range.end }, `check.${name}`)
}
