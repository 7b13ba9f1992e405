import { QueryClient, QueryObserver } from '@tanstack/react-query'
import { expect, test } from 'vitest'
import { invalidate } from './invalidate.ts'

test('a query invalidated during its first request is refetched after the response', async () => {
  const cache = new QueryClient()
  const answers = [Promise.withResolvers<string>(), Promise.withResolvers<string>()]
  let asked = 0
  const observer = new QueryObserver<string>(cache, {
    queryKey: ['this-computer'],
    queryFn: () => answers[asked++]?.promise ?? 'never',
  })
  const seen: string[] = []
  const isNew = Promise.withResolvers<void>()
  const stop = observer.subscribe(({ data }) => {
    if (data === undefined) return
    seen.push(data)
    if (data === 'after the change') isNew.resolve()
  })
  expect(asked).toBe(1)

  invalidate(cache, { queryKey: ['this-computer'] })
  answers[0]?.resolve('before the change')
  answers[1]?.resolve('after the change')
  await isNew.promise
  expect(seen[0]).toBe('before the change')
  expect(asked).toBe(2)
  stop()
  cache.clear()
})
