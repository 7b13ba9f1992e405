// Runs in a container, started by coderd through the Docker engine: lets programs of the container connect to coderd. Listens on
// loopback and passes each connection to coderd over the standard streams. Exits if coderd is reachable without it.

import http2 from 'node:http2'
import { createServer } from 'node:net'
import { Duplex } from 'node:stream'
import { bridgeOptions, bridgePort, joinStreams, reachableStatus } from '../lib/container-bridge.ts'
import { readDeploymentId } from './deployment-id.ts'

const [agentUrl = '', deploymentId = ''] = process.argv.slice(2)

if (agentUrl !== '' && (await readDeploymentId(agentUrl)) === deploymentId) process.exit(reachableStatus)

const streams = Duplex.from({ readable: process.stdin, writable: process.stdout })
// coderd stopped, or the engine closed the connection.
streams.on('error', () => process.exit(1))
streams.on('close', () => process.exit(1))
const session = http2.connect('http://coderd', { createConnection: () => streams, ...bridgeOptions })
session.on('error', () => process.exit(1))
session.on('close', () => process.exit(1))

const listener = createServer({ allowHalfOpen: true, noDelay: true }, (socket) => {
  const stream = session.request({ ':method': 'POST', ':path': '/' }, { endStream: false })
  joinStreams(socket, stream)
})
listener.on('error', (error) => {
  // Another container in the same network namespace has a bridge, which also serves this one.
  process.stderr.write(`${error.message}\n`)
  process.exit(1)
})
listener.listen(bridgePort, '127.0.0.1')
