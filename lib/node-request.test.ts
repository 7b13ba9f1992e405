import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { nodeRequest } from './node-request.ts'

let server: Server
let url: string
beforeAll(async () => {
  server = createServer(async (request, answer) => {
    if (request.url === '/elsewhere') return answer.writeHead(307, { location: '/echo' }).end('moved')
    if (request.url === '/round') return answer.writeHead(302, { location: '/round' }).end()
    if (request.url === '/away') {
      const { port } = server.address() as AddressInfo
      return answer.writeHead(302, { location: `http://localhost:${port}/echo` }).end()
    }
    if (request.url === '/port') return answer.writeHead(302, { location: 'http://127.0.0.1:1/echo' }).end()
    if (request.url === '/never') return
    const body = Buffer.concat(await request.toArray())
    answer.writeHead(request.method === 'DELETE' ? 204 : 201, { 'x-method': request.method })
    answer.end(JSON.stringify({ method: request.method, name: request.headers['x-name'], body: body.toString() }))
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
})
afterAll(() => server.close())

test('sends method, headers and body, and returns the response like fetch', async () => {
  const answer = await nodeRequest(`${url}/echo`, { method: 'POST', headers: { 'x-name': 'ada' }, body: 'ä' })
  expect([answer.ok, answer.status, answer.statusText]).toEqual([true, 201, 'Created'])
  expect(await answer.json()).toEqual({ method: 'POST', name: 'ada', body: 'ä' })
  const bytes = await nodeRequest(`${url}/echo`, { method: 'POST', body: new Uint8Array([65, 66]) })
  expect(new TextDecoder().decode(await bytes.arrayBuffer())).toContain('"body":"AB"')
})

test('follows a limited number of redirects', async () => {
  expect(await (await nodeRequest(`${url}/elsewhere`)).json()).toMatchObject({ method: 'GET' })
  expect((await nodeRequest(`${url}/round`)).status).toBe(302)
})

test('does not send headers to another host or port', async () => {
  expect((await nodeRequest(`${url}/port`, { headers: { 'x-name': 'secret' } })).status).toBe(302)
  expect((await nodeRequest(`${url}/away`, { headers: { 'x-name': 'secret' } })).status).toBe(302)
})

test('an unreachable server and an abort are reported like fetch', async () => {
  await expect(nodeRequest('http://127.0.0.1:1')).rejects.toMatchObject({ cause: { code: 'ECONNREFUSED' } })
  const aborted = AbortSignal.abort(new Error('enough'))
  await expect(nodeRequest(`${url}/never`, { signal: aborted })).rejects.toThrow('enough')
})
