import { QueryClient, QueryObserver } from '@tanstack/react-query'
import { expect, test } from 'vitest'
import { invalidate } from './invalidate.ts'

test('a query invalidated during its first request is refetched after the response', async () => {
  const cache = new QueryClient()
  const responses = [Promise.withResolvers<string>(), Promise.withResolvers<string>()]
  let requestCount = 0
  const observer = new QueryObserver<string>(cache, {
    queryKey: ['this-computer'],
    queryFn: () => responses[requestCount++]?.promise ?? 'never',
  })
  const received: string[] = []
  const isNew = Promise.withResolvers<void>()
  const stop = observer.subscribe(({ data }) => {
    if (data === undefined) return
    received.push(data)
    if (data === 'after the change') isNew.resolve()
  })
  expect(requestCount).toBe(1)

  invalidate(cache, { queryKey: ['this-computer'] })
  responses[0]?.resolve('before the change')
  responses[1]?.resolve('after the change')
  await isNew.promise
  expect(received[0]).toBe('before the change')
  expect(requestCount).toBe(2)
  stop()
  cache.clear()
})
