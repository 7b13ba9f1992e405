// JSON-RPC 2.0 server over a pair of streams with one message per line, the stdio transport of the Model Context Protocol.

import { createInterface } from 'node:readline'

export const errorCodes = {
  parse: -32700,
  invalidRequest: -32600,
  methodNotFound: -32601,
  invalidParams: -32602,
} as const

/** An error response. */
export class RpcError extends Error {
  readonly code: number

  constructor(code: number, message: string) {
    super(message)
    this.name = 'RpcError'
    this.code = code
  }
}

type Id = string | number
/** Returns the result of a request. The signal aborts when the client cancels the request. */
export type Method = (params: Readonly<Record<string, unknown>>, signal: AbortSignal) => unknown

interface JsonRpcServer {
  readonly input: NodeJS.ReadableStream
  readonly output: NodeJS.WritableStream
  readonly methods: Readonly<Record<string, Method>>
}

// Longer than any tool's input. Limits memory.
const maxLineLength = 32 * 1024 * 1024

/** Serves requests concurrently until the input has ended and all of them were answered. Notifications get no response. */
export async function serveJsonRpc({ input, output, methods }: JsonRpcServer): Promise<void> {
  const running = new Map<Id, AbortController>()
  const pending = new Set<Promise<void>>()

  const send = (message: object) => void output.write(`${JSON.stringify({ jsonrpc: '2.0', ...message })}\n`)
  const sendError = (id: Id | null, code: number, message: string) => send({ id, error: { code, message } })

  for await (const line of createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY })) {
    if (line.trim() === '') continue
    if (line.length > maxLineLength) sendError(null, errorCodes.invalidRequest, 'The message is too long.')
    else receive(line)
  }
  await Promise.all(pending)

  function receive(line: string): void {
    const message = parse(line)
    if (message === undefined) sendError(null, errorCodes.parse, 'The line is not valid JSON.')
    else if (!isCall(message)) sendError(idOf(message), errorCodes.invalidRequest, 'The message is not a request.')
    else if (message.method === 'notifications/cancelled') running.get(message.params?.requestId as Id)?.abort()
    else if (message.id !== undefined) start(message.id, message.method, message.params ?? {})
  }

  function start(id: Id, method: string, params: Readonly<Record<string, unknown>>): void {
    const work = answer(id, method, params)
    pending.add(work)
    void work.finally(() => pending.delete(work))
  }

  async function answer(id: Id, name: string, params: Readonly<Record<string, unknown>>): Promise<void> {
    const method = Object.hasOwn(methods, name) ? methods[name] : undefined
    if (!method) return sendError(id, errorCodes.methodNotFound, `Method ${name} not found.`)
    const canceled = new AbortController()
    running.set(id, canceled)
    try {
      const result = await method(params, canceled.signal)
      if (!canceled.signal.aborted) send({ id, result })
    } catch (error) {
      if (canceled.signal.aborted) return
      if (error instanceof RpcError) sendError(id, error.code, error.message)
      else throw error
    } finally {
      running.delete(id)
    }
  }
}

interface Call {
  readonly id?: Id
  readonly method: string
  readonly params?: Readonly<Record<string, unknown>>
}

function parse(line: string): unknown {
  try {
    return JSON.parse(line)
  } catch {
    return undefined
  }
}

function isCall(message: unknown): message is Call {
  if (!isObject(message) || message.jsonrpc !== '2.0' || typeof message.method !== 'string') return false
  if (message.params !== undefined && !isObject(message.params)) return false
  return message.id === undefined || typeof message.id === 'string' || typeof message.id === 'number'
}

const idOf = (message: unknown): Id | null =>
  isObject(message) && (typeof message.id === 'string' || typeof message.id === 'number') ? message.id : null

export const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
