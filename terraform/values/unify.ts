// Convertibility and unification of types, as in Terraform: by types alone, without
// values. A possible conversion may still fail for a value: "x" is not a number.

import { dynamicType, type ObjectType, objectType, type Type, tupleType, typesEqual, typeToJson } from './type.ts'

/** Whether some value of the first type converts to the second. */
export function isConvertible(from: Type, to: Type): boolean {
  if (from.kind === 'dynamic' || to.kind === 'dynamic' || typesEqual(from, to)) return true
  switch (to.kind) {
    case 'string':
      return isPrimitive(from)
    case 'number':
    case 'bool':
      return from.kind === 'string'
    case 'list':
    case 'set':
      if (from.kind === 'tuple') return canShareElement(from.elements, to.element, (types) => types.every(isDynamic))
      return (from.kind === 'list' || from.kind === 'set') && isConvertible(from.element, to.element)
    case 'map':
      if (from.kind === 'object') return canShareElement([...from.attributes.values()], to.element, () => true)
      return from.kind === 'map' && isConvertible(from.element, to.element)
    case 'tuple':
      return from.kind === 'tuple' && areAllConvertible(from.elements, to.elements)
    case 'object':
      return (from.kind === 'map' || from.kind === 'object') && isConvertibleToObject(from, to)
  }
}

const isConvertibleToObject = (from: Type & { kind: 'map' | 'object' }, { attributes, optional }: ObjectType) =>
  [...attributes].every(([name, wanted]) => {
    const isOptional = optional?.has(name) ?? false
    if (from.kind === 'map') return isOptional || isConvertible(from.element, wanted)
    const source = from.attributes.get(name)
    return source ? isConvertible(source, wanted) : isOptional
  })

const isPrimitive = ({ kind }: Type) => kind === 'string' || kind === 'number' || kind === 'bool'
const isDynamic = ({ kind }: Type) => kind === 'dynamic'

/** `mayStayDynamic` decides for types that only share the dynamic type. */
function canShareElement(types: readonly Type[], wanted: Type, mayStayDynamic: (types: readonly Type[]) => boolean) {
  if (types.length === 0) return true
  const element = isDynamic(wanted) ? unify(types) : wanted
  if (!element || (isDynamic(element) && !mayStayDynamic(types))) return false
  return types.every((type) => isConvertible(type, element))
}

const areAllConvertible = (from: readonly Type[], to: readonly Type[]) =>
  from.length === to.length && to.every((type, index) => isConvertible(from[index] as Type, type))

/** A type to which values of all given types convert; undefined if there is none. */
export function unify(types: readonly Type[]): Type | undefined {
  const [first] = types
  if (!first) return dynamicType
  if (types.every((type) => typesEqual(type, first))) return first
  const distinct = new Map(types.map((type) => [typeKey(type), type]))
  return memoize([...distinct.keys()].join(' '), () => unifyAlike([...distinct.values()]))
}

const keys = new WeakMap<Type, string>()

function typeKey(type: Type): string {
  const cached = keys.get(type)
  if (cached !== undefined) return cached
  const key = JSON.stringify(typeToJson(type))
  keys.set(type, key)
  return key
}

// Memoizes the queries of one call: nested types repeat the queries of their parts,
// which would double the work with each level.
const memoized = new Map<string, Type | undefined>()
let depth = 0

function memoize(key: string, compute: () => Type | undefined): Type | undefined {
  if (memoized.has(key)) return memoized.get(key)
  depth++
  try {
    const found = compute()
    memoized.set(key, found)
    return found
  } finally {
    depth--
    if (depth === 0) memoized.clear()
  }
}

/** Types of one kind may share a new type; otherwise uses the most general of them. */
function unifyAlike(types: readonly Type[]): Type | undefined {
  const kinds = new Set(types.map(({ kind }) => kind))
  const hasUnknown = kinds.delete('dynamic')
  const [kind, ...others] = kinds
  if (kind && others.length === 0 && !isPrimitive({ kind } as Type)) {
    // Depends on the types that are still unknown.
    return hasUnknown ? dynamicType : unifyOneKind(types)
  }
  if (areOnly(kinds, 'map', 'object')) {
    const asMap = unifyAsCollection(types, 'object', 'map')
    if (asMap) return asMap
  } else if (areOnly(kinds, 'list', 'tuple')) {
    const asList = unifyAsCollection(types, 'tuple', 'list')
    if (asList) return asList
  } else if (kinds.has('object') && kinds.has('tuple')) return undefined
  return mostGeneral(types)
}

const areOnly = (kinds: ReadonlySet<Type['kind']>, one: Type['kind'], other: Type['kind']) =>
  kinds.size === 2 && kinds.has(one) && kinds.has(other)

/** Unifies types of one kind: lists, objects and so on. */
function unifyOneKind(types: readonly Type[]): Type | undefined {
  const [first] = types
  switch (first?.kind) {
    case 'list':
    case 'set':
    case 'map': {
      const element = unify(types.map((type) => ('element' in type ? type.element : type)))
      return element && { kind: first.kind, element }
    }
    case 'object':
      return unifyObjects(types)
    default:
      return unifyTuples(types)
  }
}

function unifyObjects(types: readonly Type[]): Type | undefined {
  const all = types.map((type) => (type.kind === 'object' ? type.attributes : new Map<string, Type>()))
  const names = [...(all[0]?.keys() ?? [])]
  const areAlike = all.every(
    (attributes) => attributes.size === names.length && names.every((it) => attributes.has(it)),
  )
  if (!areAlike) return unifyToCollection(types, 'map')
  const shared = names.map((name) => [name, unify(all.map((attributes) => attributes.get(name) as Type))] as const)
  if (shared.some(([, type]) => type === undefined)) return undefined
  const type = objectType(new Map(shared as readonly (readonly [string, Type])[]))
  return types.every((from) => isConvertible(from, type)) ? type : unifyToCollection(types, 'map')
}

function unifyTuples(types: readonly Type[]): Type | undefined {
  const all = types.map((type) => (type.kind === 'tuple' ? type.elements : []))
  const length = all[0]?.length ?? 0
  if (!all.every((elements) => elements.length === length)) return unifyToCollection(types, 'list')
  const shared = Array.from({ length }, (_, index) => unify(all.map((elements) => elements[index] as Type)))
  if (shared.includes(undefined)) return undefined
  const type = tupleType(shared as readonly Type[])
  return types.every((from) => isConvertible(from, type)) ? type : unifyToCollection(types, 'list')
}

/** The map or list of the common attribute or element type. */
function unifyToCollection(types: readonly Type[], kind: 'map' | 'list'): Type | undefined {
  const inner = types.flatMap((type) => {
    if (type.kind === 'object') return [...type.attributes.values()]
    return type.kind === 'tuple' ? type.elements : []
  })
  const element = inner.length > 0 ? unify(inner) : undefined
  const type: Type | undefined = element && { kind, element }
  return type && types.every((from) => isConvertible(from, type)) ? type : undefined
}

/** Objects mixed with maps, and tuples mixed with lists, usually represent such collections. */
function unifyAsCollection(types: readonly Type[], kind: 'object' | 'tuple', collection: 'map' | 'list') {
  const converted = unifyToCollection(
    types.filter((type) => type.kind === kind),
    collection,
  )
  const shared = converted && unify(types.map((type) => (type.kind === kind ? converted : type)))
  return shared?.kind === collection ? shared : undefined
}

function mostGeneral(types: readonly Type[]): Type | undefined {
  return byGenerality(types).find((wanted) => types.every((type) => isConvertible(type, wanted)))
}

/** Sorts from most to least general; the order of incomparable types is stable. */
function byGenerality(types: readonly Type[]): Type[] {
  const waiting = new Set(types)
  const sorted: Type[] = []
  while (waiting.size > 0) {
    const next = [...waiting].filter((type) => ![...waiting].some((other) => compareGenerality(other, type) < 0))
    // A cycle means that the types are not comparable, and they do not unify.
    if (next.length === 0) return []
    for (const type of next) waiting.delete(type)
    sorted.push(...next)
  }
  return sorted
}

// Before the types that convert to it. Unknown types come last: they adapt to the others.
const generality: readonly (readonly Type['kind'][])[] = [
  ['string', 'number'],
  ['string', 'bool'],
  ['list', 'tuple', 'set'],
  ['map', 'object'],
]

/** Negative if the first is more general, positive if the second is. Does not check convertibility. */
function compareGenerality(a: Type, b: Type): number {
  if (isDynamic(a) || isDynamic(b)) return Number(isDynamic(a)) - Number(isDynamic(b))
  if (a.kind !== b.kind) {
    const order = generality.find((kinds) => kinds.includes(a.kind) && kinds.includes(b.kind))
    return order ? order.indexOf(a.kind) - order.indexOf(b.kind) : 0
  }
  if ('element' in a && 'element' in b) return compareGenerality(a.element, b.element)
  if (a.kind === 'tuple' && b.kind === 'tuple') return compareEach(a.elements, b.elements)
  if (a.kind !== 'object' || b.kind !== 'object') return 0
  const others = [...a.attributes.keys()].map((name) => b.attributes.get(name))
  return others.includes(undefined) ? 0 : compareEach([...a.attributes.values()], others as readonly Type[])
}

/** A type is more general if some of its parts are, and no part of the other is. */
function compareEach(a: readonly Type[], b: readonly Type[]): number {
  if (a.length !== b.length) return 0
  const signs = new Set(a.map((type, index) => Math.sign(compareGenerality(type, b[index] as Type))))
  return Number(signs.has(1)) - Number(signs.has(-1))
}
