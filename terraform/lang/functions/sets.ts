// Functions on sets.

import { refinementOf } from '../../values/refinement.ts'
import { dynamicType, type SequenceType, setType, type Type, tupleType } from '../../values/type.ts'
import { unify } from '../../values/unify.ts'
import { list, set, tuple, typeOf, unknown, type Value } from '../../values/value.ts'
import { collection, type Failure, type FunctionTable, fail, isFailure, parameter } from '../function.ts'
import { containsValue, convertEach, elementsOf, isSequence, sequenceRequired } from './arguments.ts'

function combineSets(
  sets: readonly Value[],
  keeps: (element: Value, others: readonly Value[]) => boolean,
): Value | Failure {
  const shared = sharedElementType(sets)
  if (isFailure(shared)) return shared
  const [first, ...others] = sets.map((entry) => set(shared, convertEach(elementsOf(entry), shared)))
  const elements = elementsOf(first).filter((element) => keeps(element, others))
  return set(shared, elements)
}

function sharedElementType(sets: readonly Value[]): Type | Failure {
  const types = sets.flatMap((entry) => {
    const type = typeOf(entry)
    return 'element' in type && type.element.kind !== 'dynamic' ? [type.element] : []
  })
  return unify(types) ?? fail('all sets must have the same element type.')
}

function typeOfSets(sets: readonly Value[]): Type | Failure {
  const element = sharedElementType(sets)
  return isFailure(element) ? element : setType(element)
}

const isTuple = ({ kind }: Value) => kind === 'tuple'

const productType = (sequences: readonly Value[], elementTypes: readonly Type[]): SequenceType => ({
  kind: sequences.some(({ kind }) => kind === 'set') ? 'set' : 'list',
  element: tupleType(elementTypes),
})

const tooFewFactors = 'at least two collections are required.'

function setproduct(sequences: readonly Value[]): Value | Failure {
  if (sequences.length < 2) return fail(tooFewFactors)
  const wrong = sequences.findIndex((sequence) => !isSequence(sequence))
  if (wrong !== -1) return sequenceRequired(sequences[wrong], wrong)
  const size = sequences.reduce((product, sequence) => product * elementsOf(sequence).length, 1)
  if (size > 100_000) return fail('the product has more than 100000 elements.')
  const elementTypes = sequences.map((sequence) => unify(elementsOf(sequence).map(typeOf)) ?? dynamicType)
  // Unknown elements of a set may become equal.
  const hasUnknownLength = (sequence: Value) => refinementOf(sequence).maxLength === undefined && !isTuple(sequence)
  const type = productType(sequences, elementTypes)
  if (sequences.some(hasUnknownLength)) return unknown(type)
  let rows: Value[][] = [[]]
  for (const [index, sequence] of sequences.entries()) {
    const elements = convertEach(elementsOf(sequence), elementTypes[index] as Type)
    rows = rows.flatMap((row) => elements.map((element) => [...row, element]))
  }
  return (type.kind === 'set' ? set : list)(type.element, rows.map(tuple))
}

export const setFunctions: FunctionTable = {
  setintersection: {
    parameters: [parameter('first_set', setType(dynamicType))],
    variadic: parameter('other_sets', setType(dynamicType)),
    returns: setType(dynamicType),
    returnsFor: typeOfSets,
    call: (sets) => combineSets(sets, (entry, others) => others.every((other) => containsValue(other, entry))),
  },
  setproduct: {
    parameters: [],
    variadic: { ...collection('sets'), kinds: ['list', 'set', 'tuple'] },
    returns: dynamicType,
    returnsFor: (values) => (values.length < 2 ? fail(tooFewFactors) : undefined),
    call: (values) => setproduct(values),
  },
  setsubtract: {
    parameters: [parameter('a', setType(dynamicType)), parameter('b', setType(dynamicType))],
    returns: setType(dynamicType),
    returnsFor: typeOfSets,
    call: (sets) => combineSets(sets, (entry, others) => !others.some((other) => containsValue(other, entry))),
  },
  setunion: {
    parameters: [collection('first_set', setType(dynamicType))],
    variadic: collection('other_sets', setType(dynamicType)),
    returns: setType(dynamicType),
    returnsFor: typeOfSets,
    call: (sets) => {
      const shared = sharedElementType(sets)
      const elements = sets.flatMap((entry) => [...elementsOf(entry)])
      return isFailure(shared) ? shared : set(shared, convertEach(elements, shared))
    },
  },
}
