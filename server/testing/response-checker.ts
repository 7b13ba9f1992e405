// Reads every answer of a coderd under test on its way out and compares it with Coder's contract: JSON bodies, server-sent
// events and the messages of WebSockets. It changes nothing; what differs is kept for whoever stops the server.

import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import type { Duplex } from 'node:stream'
import { compare, findOfficialRoute, official, type Shape } from './official-contract.ts'
import { correctedAnswers, nullableAnswers, streamTypes, unlistedStatuses } from './contract-corrections.ts'
import { readFrames } from './websocket-reader.ts'

export interface AnswerWatch {
  /** What differed so far, each once. */
  readonly differences: ReadonlySet<string>
  /** The statuses that were answered, by route of Coder's contract; 101 for a message of a WebSocket. */
  readonly statuses: ReadonlyMap<string, ReadonlySet<number>>
}

export function watchAnswers(server: Server): AnswerWatch {
  const differences = new Set<string>()
  const statuses = new Map<string, Set<number>>()
  const answered = (route: string, status: number) => {
    const all = statuses.get(route) ?? new Set()
    statuses.set(route, all.add(status))
  }
  const note = (found: readonly string[]) => {
    for (const one of found) differences.add(one)
  }
  server.prependListener('request', (request: IncomingMessage, response: ServerResponse) => {
    const route = routeOf(request)
    if (!route) return
    response.once('close', () => answered(route, response.statusCode))
    watchResponse(request, response, route, note)
  })
  server.prependListener('upgrade', (request: IncomingMessage, socket: Duplex) => {
    const route = routeOf(request)
    if (route) watchMessages(socket, route, note, () => answered(route, 101))
  })
  return { differences, statuses }
}

function routeOf({ method = '', url = '' }: IncomingMessage): string | null {
  return findOfficialRoute(method, url.split('?')[0] ?? '')
}

type Note = (found: readonly string[]) => void
type Write = (...given: unknown[]) => unknown

function watchResponse(request: IncomingMessage, response: ServerResponse, route: string, note: Note): void {
  const chunks: Buffer[] = []
  let type = ''
  listen(response, 'writeHead', (_status, ...more) => {
    const given = Object.entries(more.find((one) => typeof one === 'object' && one !== null) ?? {})
    const [, own] = given.find(([name]) => name.toLowerCase() === 'content-type') ?? []
    type = String(own ?? response.getHeader('content-type') ?? '')
  })
  const isStream = () => type.startsWith('text/event-stream')
  listen(response, 'write', (chunk) =>
    isStream() ? note(compareEvents(route, String(chunk))) : chunks.push(toBytes(chunk)),
  )
  listen(response, 'end', (chunk) => {
    if (isStream() || request.method === 'HEAD') return
    if (chunk !== undefined && chunk !== null && typeof chunk !== 'function') chunks.push(toBytes(chunk))
    note(compareAnswer(route, response.statusCode, type, Buffer.concat(chunks)))
  })
}

/** Calls `heard` with what a method is about to be called with. */
function listen(target: object, method: 'writeHead' | 'write' | 'end', heard: (...given: unknown[]) => void): void {
  const methods = target as Record<typeof method, Write>
  const original = methods[method].bind(target)
  methods[method] = (...given) => {
    heard(...given)
    return original(...given)
  }
}

const toBytes = (chunk: unknown) => (typeof chunk === 'string' ? Buffer.from(chunk) : Buffer.from(chunk as Uint8Array))

function compareAnswer(route: string, status: number, type: string, body: Buffer): string[] {
  const at = `${route} → ${status}`
  if (status >= 400) return compareJson('#codersdk.Response', type, body, at)
  const { answers } = official.routes[route] ?? { answers: {} }
  if (status === 304 || (status >= 300 && body.length === 0)) return []
  if (!(status in answers) && !unlistedStatuses[route]?.includes(status))
    return [`${at}: Coder answers ${Object.keys(answers).join(' or ')}`]
  if (status === 204) return body.length === 0 ? [] : [`${at} has a body`]
  const shape = (correctedAnswers[route] as Shape | undefined) ?? answers[status] ?? Object.values(answers)[0] ?? null
  return shape === null || !type.includes('json') ? [] : compareJson(shape, type, body, at)
}

function compareJson(shape: Shape, type: string, body: Buffer, at: string): string[] {
  if (type !== 'application/json; charset=utf-8') return [`${at}: the content type is "${type}"`]
  const value: unknown = JSON.parse(String(body))
  if (value === null && nullableAnswers.some((route) => at.startsWith(`${route} `))) return []
  return compare(shape, value, at)
}

/** One write of ours is one event. */
function compareEvents(route: string, text: string): string[] {
  const [, type, data] = /^event: (\w+)\n(?:data: (.*)\n)?\n$/.exec(text) ?? []
  if (!type) return [`${route}: ${JSON.stringify(text.slice(0, 80))} is no server-sent event`]
  return compareEvent(route, { type, ...(data === undefined ? {} : { data: JSON.parse(data) }) })
}

function compareEvent(route: string, event: { readonly type: string; readonly data?: unknown }): string[] {
  const { data = 'any' } = streamTypes[route] ?? {}
  const at = `${route} → ${event.type}`
  if (event.type === 'data') return compare(data as Shape, event.data, at)
  return event.type === 'error' ? compare('#codersdk.Response', event.data, at) : []
}

/** The bytes after our answer 101 are frames of ours. */
function watchMessages(socket: Duplex, route: string, note: Note, answered: () => void): void {
  const types = streamTypes[route] ?? { message: 'any' }
  const read = readFrames((text) => {
    answered()
    note(compareMessage(route, types, text))
  })
  let isUpgraded = false
  const heard = (chunk: unknown) => {
    if (chunk === undefined || chunk === null || typeof chunk === 'function') return
    if (isUpgraded) read(toBytes(chunk))
    else isUpgraded = String(chunk).startsWith('HTTP/1.1 101')
  }
  listen(socket, 'write', heard)
  listen(socket, 'end', heard)
}

function compareMessage(route: string, types: { message?: unknown; data?: unknown }, text: string): string[] {
  const value: unknown = JSON.parse(text)
  if (types.message !== undefined) return compare(types.message as Shape, value, `${route} → message`)
  const found = compare('#codersdk.ServerSentEvent', value, `${route} → message`)
  return found.length > 0 ? found : compareEvent(route, value as { type: string })
}
