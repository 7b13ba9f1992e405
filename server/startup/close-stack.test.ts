import { expect, test } from 'vitest'
import { createCloseStack } from './close-stack.ts'

const warnings: unknown[][] = []
const log = { warn: (...line: unknown[]) => warnings.push(line) } as never

test('parts close in reverse order, each once', async () => {
  const closed: string[] = []
  const stack = createCloseStack(log)
  stack.add('first', () => closed.push('first'))
  stack.add('second', async () => closed.push('second'))
  await stack.closeAll()
  await stack.closeAll()
  expect(closed).toEqual(['second', 'first'])
})

test.each([
  [
    'throws',
    () => {
      throw new Error('broken')
    },
  ],
  ['rejects', () => Promise.reject(new Error('broken'))],
])('a part whose close %s is logged, and the others still close', async (_, fail) => {
  warnings.length = 0
  const closed: string[] = []
  const stack = createCloseStack(log)
  stack.add('first', () => closed.push('first'))
  stack.add('broken part', fail)
  await stack.closeAll()
  expect(closed).toEqual(['first'])
  expect(warnings).toEqual([[{ err: new Error('broken'), part: 'broken part' }, expect.any(String)]])
})
