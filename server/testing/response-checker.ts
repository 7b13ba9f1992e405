// Compares every response of a coderd under test with Coder's contract: JSON bodies, server-sent events and WebSocket
// messages. Intercepts writes without changing them, and collects the differences.

import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import type { Duplex } from 'node:stream'
import { correctedResponses, nullableResponses, streamTypes, undocumentedStatuses } from './contract-corrections.ts'
import { compare, findOfficialRoute, official, type Shape } from './official-contract.ts'
import { createMessageReader } from './websocket-reader.ts'

export interface ResponseChecks {
  /** The differences so far, without duplicates. */
  readonly differences: ReadonlySet<string>
  /** The statuses of responses by route of Coder's contract; 101 for a WebSocket message. */
  readonly statuses: ReadonlyMap<string, ReadonlySet<number>>
}

export function checkResponses(server: Server): ResponseChecks {
  const differences = new Set<string>()
  const statuses = new Map<string, Set<number>>()
  const recordStatus = (route: string, status: number) => {
    const routeStatuses = statuses.get(route) ?? new Set()
    statuses.set(route, routeStatuses.add(status))
  }
  const report: Report = (found) => {
    for (const difference of found) differences.add(difference)
  }
  server.prependListener('request', (request: IncomingMessage, response: ServerResponse) => {
    const route = routeOf(request)
    if (!route) return
    response.once('close', () => recordStatus(route, response.statusCode))
    checkResponse(request, response, route, report)
  })
  server.prependListener('upgrade', (request: IncomingMessage, socket: Duplex) => {
    const route = routeOf(request)
    if (route) checkMessages(socket, route, report, () => recordStatus(route, 101))
  })
  return { differences, statuses }
}

function routeOf({ method = '', url = '' }: IncomingMessage): string | null {
  return findOfficialRoute(method, url.split('?')[0] ?? '')
}

type Report = (found: readonly string[]) => void
type Write = (...args: unknown[]) => unknown

function checkResponse(request: IncomingMessage, response: ServerResponse, route: string, report: Report): void {
  const chunks: Buffer[] = []
  let type = ''
  intercept(response, 'writeHead', (_status, ...rest) => {
    const headers = Object.entries(rest.find((arg) => typeof arg === 'object' && arg !== null) ?? {})
    const [, contentType] = headers.find(([name]) => name.toLowerCase() === 'content-type') ?? []
    type = String(contentType ?? response.getHeader('content-type') ?? '')
  })
  const isStream = () => type.startsWith('text/event-stream')
  intercept(response, 'write', (chunk) =>
    isStream() ? report(compareEvents(route, String(chunk))) : chunks.push(toBytes(chunk)),
  )
  intercept(response, 'end', (chunk) => {
    if (isStream() || request.method === 'HEAD') return
    if (chunk !== undefined && chunk !== null && typeof chunk !== 'function') chunks.push(toBytes(chunk))
    report(compareResponse(route, response.statusCode, type, Buffer.concat(chunks)))
  })
}

/** Calls the listener with the arguments of each call of a method, before the call. */
function intercept(
  target: object,
  method: 'writeHead' | 'write' | 'end',
  listener: (...args: unknown[]) => void,
): void {
  const methods = target as Record<typeof method, Write>
  const original = methods[method].bind(target)
  methods[method] = (...args) => {
    listener(...args)
    return original(...args)
  }
}

const toBytes = (chunk: unknown) => (typeof chunk === 'string' ? Buffer.from(chunk) : Buffer.from(chunk as Uint8Array))

function compareResponse(route: string, status: number, type: string, body: Buffer): string[] {
  const at = `${route} → ${status}`
  if (status >= 400) return compareJson('#codersdk.Response', type, body, at)
  const { responses } = official.routes[route] ?? { responses: {} }
  if (status === 304 || (status >= 300 && body.length === 0)) return []
  if (!(status in responses) && !undocumentedStatuses[route]?.includes(status))
    return [`${at}: Coder responds with ${Object.keys(responses).join(' or ')}`]
  if (status === 204) return body.length === 0 ? [] : [`${at} has a body`]
  const shape =
    (correctedResponses[route] as Shape | undefined) ?? responses[status] ?? Object.values(responses)[0] ?? null
  return shape === null || !type.includes('json') ? [] : compareJson(shape, type, body, at)
}

function compareJson(shape: Shape, type: string, body: Buffer, at: string): string[] {
  if (type !== 'application/json; charset=utf-8') return [`${at}: the content type is "${type}"`]
  const value: unknown = JSON.parse(String(body))
  if (value === null && nullableResponses.some((route) => at.startsWith(`${route} `))) return []
  return compare(shape, value, at)
}

/** Each write contains exactly one event. */
function compareEvents(route: string, text: string): string[] {
  const [, type, data] = /^event: (\w+)\n(?:data: (.*)\n)?\n$/.exec(text) ?? []
  if (!type) return [`${route}: ${JSON.stringify(text.slice(0, 80))} is not a server-sent event`]
  return compareEvent(route, { type, ...(data === undefined ? {} : { data: JSON.parse(data) }) })
}

function compareEvent(route: string, event: { readonly type: string; readonly data?: unknown }): string[] {
  const { data = 'any' } = streamTypes[route] ?? {}
  const at = `${route} → ${event.type}`
  if (event.type === 'data') return compare(data as Shape, event.data, at)
  return event.type === 'error' ? compare('#codersdk.Response', event.data, at) : []
}

/** The bytes written after the 101 response are WebSocket frames. */
function checkMessages(socket: Duplex, route: string, report: Report, onMessage: () => void): void {
  const types = streamTypes[route] ?? { message: 'any' }
  const readFrames = createMessageReader((text) => {
    onMessage()
    report(compareMessage(route, types, text))
  })
  let isUpgraded = false
  const handleChunk = (chunk: unknown) => {
    if (chunk === undefined || chunk === null || typeof chunk === 'function') return
    if (isUpgraded) readFrames(toBytes(chunk))
    else isUpgraded = String(chunk).startsWith('HTTP/1.1 101')
  }
  intercept(socket, 'write', handleChunk)
  intercept(socket, 'end', handleChunk)
}

function compareMessage(route: string, types: { message?: unknown; data?: unknown }, text: string): string[] {
  const value: unknown = JSON.parse(text)
  if (types.message !== undefined) return compare(types.message as Shape, value, `${route} → message`)
  const found = compare('#codersdk.ServerSentEvent', value, `${route} → message`)
  return found.length > 0 ? found : compareEvent(route, value as { type: string })
}
