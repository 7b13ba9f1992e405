import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, test } from 'vitest'
import { createClient } from '../../api/client.ts'
import { createLogStream } from './logs.ts'

/** A server that responds with these statuses in order, then with 200. */
async function serve(statuses: number[]) {
  const requests: { output: string }[][] = []
  const server = createServer(async (request, response) => {
    const { logs } = JSON.parse(Buffer.concat(await request.toArray()).toString())
    const status = statuses.shift() ?? 200
    if (status === 200) requests.push(logs)
    response.writeHead(status).end('{"message":"test response"}')
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const client = createClient({ baseUrl: `http://127.0.0.1:${port}`, token: 'token' })
  return { requests, logs: createLogStream(client), close: () => server.close() }
}

test('lines arrive once and in order after server errors', async () => {
  const { requests, logs, close } = await serve([503, 500])
  for (let line = 0; line < 1000; line++) logs.write('source', 'info', `line ${line}`)
  await logs.flush()
  logs.write('source', 'info', 'later')
  await logs.flush()
  expect(requests.flat().map(({ output }) => output)).toEqual([
    ...Array.from({ length: 1000 }, (_, line) => `line ${line}`),
    'later',
  ])
  expect(requests).toHaveLength(2)
  close()
})

test('a flood of lines is sent in batches, and sending stops when the server reports a full log', async () => {
  const { requests, logs, close } = await serve([200, 413])
  for (let line = 0; line < 100; line++) logs.write('source', 'info', 'x'.repeat(32 * 1024))
  await logs.flush()
  logs.write('source', 'info', 'too late')
  await logs.flush()
  expect(requests).toHaveLength(1)
  close()
})
