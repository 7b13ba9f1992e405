// `random_integer` and `random_shuffle`.

import type { ResourceType } from '../../provider.ts'
import { computed, num, optional, required, text, texts } from '../../provider-schema.ts'
import { listField, numberField, textField } from '../../values/fields.ts'
import { stringType } from '../../values/type.ts'
import { int, list, string } from '../../values/value.ts'
import { generatedResource } from '../common/generated-resource.ts'
import { problem } from '../common/outcomes.ts'
import { keepers, requireAtLeast } from './keepers.ts'
import { randomSource, shuffled } from './random-source.ts'

const maxRange = 2 ** 47

export const randomInteger: ResourceType = generatedResource({
  attributes: {
    id: computed(text),
    min: required(num),
    max: required(num),
    seed: optional(text),
    keepers,
    result: computed(num),
  },
  generate(planned) {
    const [min, max] = [numberField(planned, 'min') ?? 0, numberField(planned, 'max') ?? 0]
    if (max < min)
      return problem('Create Random Integer Error', `"max" (${max}) must not be smaller than "min" (${min}).`, 'max')
    if (max - min >= maxRange)
      return problem('Create Random Integer Error', `"max" must be less than "min" + ${maxRange}.`, 'max')
    const result = min + randomSource(textField(planned, 'seed'))(max - min + 1)
    return { id: string(String(result)), result: int(result) }
  },
  parseId(id) {
    const [result, min, max, seed] = id.split(',')
    const numbers = [result, min, max].map(Number)
    if (numbers.some((value) => !Number.isSafeInteger(value))) return undefined
    return {
      id: string(String(result)),
      result: int(numbers[0] as number),
      min: int(numbers[1] as number),
      max: int(numbers[2] as number),
      ...(seed !== undefined && { seed: string(seed) }),
    }
  },
})

// The state stores the result.
const maxResults = 100_000

export const randomShuffle: ResourceType = generatedResource({
  attributes: {
    id: computed(text),
    input: required(texts),
    result_count: optional(num),
    seed: optional(text),
    keepers,
    result: computed(texts),
  },
  validate: (config) => requireAtLeast(config, 'result_count', 0),
  generate(planned) {
    const input = listField(planned, 'input')
    const random = randomSource(textField(planned, 'seed'))
    const count = numberField(planned, 'result_count') ?? input.length
    if (count > maxResults)
      return problem('Create Random Shuffle Error', `"result_count" must be at most ${maxResults}.`, 'result_count')
    const result = []
    // A count beyond the length of the input adds further permutations.
    while (input.length > 0 && result.length < count) result.push(...shuffled(input, random))
    return { id: string('-'), result: list(stringType, result.slice(0, count)) }
  },
})
