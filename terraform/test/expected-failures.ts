// Tells failed checks that a run expects from those it does not, and what was expected and did not come.

import type { CheckBlock, Condition, Module, ResourceBlock } from '../config/module.ts'
import { type Diagnostic, errorAt } from '../diagnostics/diagnostic.ts'
import type { Range } from '../diagnostics/source.ts'
import type { ExpectedFailure } from './test-file.ts'

/** What a plan or an apply told, as the run sees it: expected failures are taken out, missing ones are added, and checks
 *  that fail are errors. */
export function matchExpectedFailures(
  told: readonly Diagnostic[],
  expected: readonly ExpectedFailure[],
  module: Module,
): Diagnostic[] {
  const owners = ownersOf(module)
  const met = new Set<ExpectedFailure>()
  const left = told.flatMap((diagnostic): Diagnostic[] => {
    const owner = owners.ownerOf(diagnostic)
    if (owner === undefined) return [diagnostic]
    const hits = expected.filter(({ address }) => isMeant(address, owner, diagnostic.address))
    for (const hit of hits) met.add(hit)
    if (hits.length > 0) return []
    return [owner.startsWith('check.') ? { ...diagnostic, severity: 'error' } : diagnostic]
  })
  return [...left, ...expected.filter((failure) => !met.has(failure)).map(missing)]
}

const missing = ({ address, range }: ExpectedFailure): Diagnostic =>
  errorAt(
    range,
    'Missing expected failure',
    `The checkable object, ${address}, was expected to report an error but did not.`,
  )

/** The instance's address is told where it is known; a resource without a key means all of its instances. */
function isMeant(expected: string, owner: string, instance: string | undefined): boolean {
  return expected === owner || expected === instance || (instance === undefined && expected.startsWith(`${owner}[`))
}

/** Whether it says that a check block of the module failed: an apply says so again, if it still does. */
export function isFailedCheck(diagnostic: Diagnostic, module: Module): boolean {
  return ownersOf(module).ownerOf(diagnostic)?.startsWith('check.') ?? false
}

/** Whose variable was wrong, where that was expected: it keeps an apply from being begun. */
export function findExpectedVariableFailures(
  told: readonly Diagnostic[],
  expected: readonly ExpectedFailure[],
  module: Module,
): readonly string[] {
  const owners = ownersOf(module)
  const failed = new Set(told.map((diagnostic) => owners.ownerOf(diagnostic)))
  return expected.map(({ address }) => address).filter((address) => address.startsWith('var.') && failed.has(address))
}

const failedRules: ReadonlySet<string> = new Set([
  'Invalid value for variable',
  'Module output value precondition failed',
  'Resource precondition failed',
  'Resource postcondition failed',
  'Check block assertion failed',
])

class Owners {
  readonly #byPlace = new Map<string, string>()
  readonly #scoped: { readonly range: Range; readonly owner: string }[] = []

  add(range: Range, owner: string): void {
    this.#byPlace.set(placeOf(range), owner)
  }

  /** Everything told inside of the range. */
  addScope(range: Range, owner: string): void {
    this.#scoped.push({ range, owner })
  }

  ownerOf({ summary, range }: Diagnostic): string | undefined {
    if (!range) return undefined
    if (failedRules.has(summary)) return this.#byPlace.get(placeOf(range))
    const scope = this.#scoped.find(({ range: around }) => around.file === range.file && isInside(range, around))
    return scope?.owner
  }
}

const placeOf = ({ file, start }: Range) => `${file}:${start}`
const isInside = (range: Range, around: Range) => around.start <= range.start && range.end <= around.end

const known = new WeakMap<Module, Owners>()

function ownersOf(module: Module): Owners {
  const owners = known.get(module) ?? collectOwners(module)
  known.set(module, owners)
  return owners
}

/** Which object each rule of the module belongs to, by where it stands. */
function collectOwners({ variables, outputs, resources, checks }: Module): Owners {
  const owners = new Owners()
  const addRules = (rules: readonly Condition[], owner: string) => {
    for (const { condition } of rules) owners.add(condition.range, owner)
  }
  for (const { name, range, validations } of variables.values()) {
    owners.add(range, `var.${name}`)
    addRules(validations, `var.${name}`)
  }
  for (const { name, preconditions } of outputs.values()) addRules(preconditions, `output.${name}`)
  for (const [address, { lifecycle }] of resources) {
    addRules(lifecycle.preconditions, address)
    addRules(lifecycle.postconditions, address)
  }
  for (const check of checks.values()) addCheck(owners, check, resources, addRules)
  return owners
}

function addCheck(
  owners: Owners,
  { name, assertions, data }: CheckBlock,
  resources: ReadonlyMap<string, ResourceBlock>,
  addRules: (rules: readonly Condition[], owner: string) => void,
): void {
  addRules(assertions, `check.${name}`)
  const block = data === undefined ? undefined : resources.get(data)
  if (block) owners.addScope({ ...block.range, end: block.body.range.end }, `check.${name}`)
}
