// Separate program: answers every request with the same bytes. The reference for the throughput of coderd: the limit of
// Node's HTTP server on this machine.

import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

process.once('message', (body: string) => {
  const headers = { 'content-type': 'application/json; charset=utf-8', 'content-length': Buffer.byteLength(body) }
  const server = createServer((_request, response) => response.writeHead(200, headers).end(body))
  server.listen(0, '127.0.0.1', () => process.send?.((server.address() as AddressInfo).port))
})
process.once('disconnect', () => process.exit())
