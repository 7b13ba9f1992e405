// A stub of coderd with canned data for screenshots and page tests; server behavior is tested against the real server.
// `node renderer/testing/fake-coderd.ts <fixture> [port]` also serves dist/renderer.

import { readFile } from 'node:fs/promises'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { extname, join } from 'node:path'
import { json } from 'node:stream/consumers'
import { type WebSocket, WebSocketServer } from 'ws'
import { defaultTerminalPreferences } from '../../api/agents/terminals.ts'
import { attachFakeTerminal, fakeCommands, fakeTerminals } from './fake-terminal.ts'
import {
  buildLog,
  createFixture,
  type Fixture,
  type FixtureName,
  me,
  template,
  toDynamicParameters,
  version,
} from './fixtures.ts'

const types: Record<string, string> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.woff2': 'font/woff2',
}

// As strict as that of coderd, so that violations are detected here.
const contentSecurityPolicy =
  "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self'; connect-src 'self' ws: wss:; frame-ancestors 'none'"

const pageFiles = join(import.meta.dirname, '../../dist/renderer')

interface Reply {
  status?: number
  body: unknown
}

type Handler = (match: RegExpExecArray, fixture: Fixture, body: unknown) => Reply | undefined

const notFound: Reply = {
  status: 404,
  body: { message: 'Resource not found or you do not have access to this resource' },
}

/** Replies by method and path. */
const handlers: [string, RegExp, Handler][] = [
  [
    'GET',
    /^\/api\/v2\/users\/first$/,
    (_, fixture) => (fixture.hasUsers ? { body: { message: 'The first user has been created.' } } : notFound),
  ],
  [
    'GET',
    /^\/api\/v2\/users\/me$/,
    (_, fixture) =>
      fixture.isSignedIn
        ? { body: me }
        : { status: 401, body: { message: 'You are signed out or your session has expired.' } },
  ],
  ['POST', /^\/api\/v2\/users\/login$/, () => ({ status: 401, body: { message: 'Incorrect email or password.' } })],
  [
    'POST',
    /^\/api\/local\/launch-codes\/exchange$/,
    () => ({ status: 401, body: { message: 'This code is no longer valid.' } }),
  ],
  [
    'GET',
    /^\/api\/v2\/workspaces$/,
    (_, { workspaces, fails }) =>
      fails
        ? {
            status: 500,
            body: { message: 'The database is not responding.', detail: 'It was restarted and is recovering.' },
          }
        : { body: { workspaces, count: workspaces.length } },
  ],
  [
    'GET',
    /^\/api\/v2\/users\/[^/]+\/workspace\/([^/]+)$/,
    (match, { workspaces }) => found(workspaces.find(({ name }) => name === decodeURIComponent(match[1] ?? ''))),
  ],
  ['POST', /^\/api\/v2\/users\/[^/]+\/workspaces$/, (_, { workspaces }) => found(workspaces[0], 201)],
  [
    'POST',
    /^\/api\/v2\/workspaces\/([^/]+)\/builds$/,
    () => ({ status: 409, body: { message: 'A workspace build is already active.' } }),
  ],
  [
    'GET',
    /^\/api\/v2\/workspaces\/([^/]+)\/builds$/,
    (match, { workspaces }) => ({
      body: workspaces.filter(({ id }) => id === match[1]).map(({ latest_build: build }) => build),
    }),
  ],
  [
    'GET',
    /^\/api\/v2\/workspacebuilds\/[^/]+\/timings$/,
    () => ({ body: { provisioner_timings: [], agent_script_timings: [], agent_connection_timings: [] } }),
  ],
  [
    'GET',
    /^\/api\/v2\/workspacebuilds\/([^/]+)\/logs$/,
    (match, fixture) => ({ body: buildLog(fixture, match[1] ?? '') }),
  ],
  ['GET', /^\/api\/v2\/templates$/, () => ({ body: [template] })],
  [
    'GET',
    /^\/api\/v2\/organizations\/default\/templates\/([^/]+)$/,
    (match) => (match[1] === template.name ? { body: template } : notFound),
  ],
  ['GET', /^\/api\/v2\/templateversions\/[^/]+\/rich-parameters$/, () => ({ body: version.parameters })],
  ['GET', /^\/api\/v2\/templateversions\/[^/]+\/presets$/, () => ({ body: null })],
  ['GET', /^\/api\/v2\/templateversions\/[^/]+\/resources$/, () => ({ body: version.resources })],
  [
    'GET',
    /^\/api\/local\/this-computer$/,
    () => ({
      body: {
        hostname: 'desk',
        username: 'dev',
        home: '/home/dev',
        os: 'linux',
        arch: 'amd64',
        template_id: template.id,
        problem: '',
      },
    }),
  ],
  [
    'GET',
    /^\/api\/local\/workspaceagents\/([^/]+)\/terminals$/,
    (match) => ({ body: { terminals: fakeTerminals(match[1] ?? '') } }),
  ],
  ['DELETE', /^\/api\/local\/workspaceagents\/[^/]+\/terminals\/[^/]+$/, () => ({ status: 204, body: undefined })],
  ['GET', /^\/api\/local\/users\/me\/terminal-layouts$/, () => ({ body: stored.layouts })],
  [
    'PUT',
    /^\/api\/local\/users\/me\/terminal-layouts$/,
    (_match, _fixture, body) => {
      stored.layouts = { ...(body as typeof stored.layouts), revision: stored.layouts.revision + 1 }
      return { body: stored.layouts }
    },
  ],
  ['GET', /^\/api\/local\/users\/me\/terminal-preferences$/, () => ({ body: stored.preferences })],
  [
    'PUT',
    /^\/api\/local\/users\/me\/terminal-preferences$/,
    (_match, _fixture, body) => {
      Object.assign(stored.preferences, body)
      return { body: stored.preferences }
    },
  ],
  [
    'GET',
    /^\/api\/local\/workspaces\/[^/]+\/terminal-retention$/,
    () => ({ body: { kept_lines: 10_000, kept_days: 30 } }),
  ],
  ['GET', /^\/api\/local\/commands$/, () => ({ body: { commands: fakeCommands, next: null } })],
]

// State that pages store, for the lifetime of the stub.
const stored = {
  layouts: { revision: 0, last: [] as unknown[], named: [] as unknown[] },
  preferences: { ...defaultTerminalPreferences },
}

const found = (body: unknown, status = 200): Reply => (body ? { status, body } : notFound)

async function answer(request: IncomingMessage, response: ServerResponse, fixture: Fixture): Promise<void> {
  const { pathname } = new URL(request.url ?? '/', 'http://fake')
  for (const [method, path, handler] of handlers) {
    const match = method === request.method ? path.exec(pathname) : null
    const reply = match && handler(match, fixture, method === 'PUT' ? await json(request) : undefined)
    if (!reply) continue
    response.writeHead(reply.status ?? 200, { 'content-type': 'application/json' })
    response.end(JSON.stringify(reply.body))
    return
  }
  if (pathname.startsWith('/api/')) {
    response.writeHead(404, { 'content-type': 'application/json' })
    response.end(JSON.stringify({ message: 'Route not found.' }))
    return
  }
  void servePage(pathname, response)
}

async function servePage(pathname: string, response: ServerResponse): Promise<void> {
  const isFile = extname(pathname) !== '' && !pathname.startsWith('/@')
  const file = isFile ? pathname : '/index.html'
  const content = await readFile(join(pageFiles, file)).catch(() => undefined)
  response.writeHead(content ? 200 : 404, {
    'content-type': types[extname(file)] ?? 'application/octet-stream',
    'content-security-policy': contentSecurityPolicy,
  })
  response.end(content)
}

function acceptSocket(socket: WebSocket, request: IncomingMessage, fixture: Fixture): void {
  const { pathname } = new URL(request.url ?? '/', 'http://fake')
  const agentId = /workspaceagents\/([^/]+)\/pty$/.exec(pathname)?.[1]
  const buildId = /workspacebuilds\/([^/]+)\/logs$/.exec(pathname)?.[1]
  if (pathname === '/api/local/events') {
    socket.send(JSON.stringify({ type: 'hello', boot: 'fake', version: '0.1.0' }))
    const timer = setInterval(() => socket.send(JSON.stringify({ type: 'ping' })), 5000)
    socket.on('close', () => clearInterval(timer))
  } else if (/\/dynamic-parameters$/.test(pathname)) {
    socket.send(JSON.stringify(toDynamicParameters({})))
    socket.on('message', (data) => socket.send(JSON.stringify(toDynamicParameters(JSON.parse(String(data))))))
  } else if (agentId) attachFakeTerminal(socket, request)
  else if (buildId) {
    for (const line of buildLog(fixture, buildId)) socket.send(JSON.stringify(line))
    if (!fixture.staysBuilding) socket.close(1000)
  } else socket.close(1000)
}

export interface FakeCoderd {
  readonly url: string
  close(): Promise<void>
}

export async function startFakeCoderd(fixtureName: FixtureName, port = 0): Promise<FakeCoderd> {
  const fixture = createFixture(fixtureName)
  const server = createServer((request, response) => {
    if (fixture.isSlow && request.url?.startsWith('/api/v2/workspaces')) return
    void answer(request, response, fixture)
  })
  const sockets = new WebSocketServer({ noServer: true })
  server.on('upgrade', (request, socket, head) => {
    if (!fixture.isSignedIn) return socket.destroy()
    sockets.handleUpgrade(request, socket, head, (opened) => acceptSocket(opened, request, fixture))
  })
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async close() {
      for (const socket of sockets.clients) socket.terminate()
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

if (import.meta.filename === process.argv[1]) {
  const { url } = await startFakeCoderd((process.argv[2] ?? 'list') as FixtureName, Number(process.argv[3] ?? 0))
  console.log(url)
}
