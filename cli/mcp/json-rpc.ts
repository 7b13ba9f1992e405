// JSON-RPC 2.0 over a pair of streams, a message a line, as the Model Context Protocol has it on stdio. Knows no tools.

import { createInterface } from 'node:readline'

export const errorCodes = {
  parse: -32700,
  invalidRequest: -32600,
  methodNotFound: -32601,
  invalidParams: -32602,
} as const

/** A refusal for the one who asked. */
export class RpcError extends Error {
  readonly code: number

  constructor(code: number, message: string) {
    super(message)
    this.name = 'RpcError'
    this.code = code
  }
}

type Id = string | number
/** What a method answers. The signal tells that the other side no longer wants to know. */
export type Method = (params: Readonly<Record<string, unknown>>, signal: AbortSignal) => unknown

interface JsonRpcServer {
  readonly input: NodeJS.ReadableStream
  readonly output: NodeJS.WritableStream
  readonly methods: Readonly<Record<string, Method>>
}

// Longer than any tool's input; whoever sends more is told so instead of filling the memory.
const maxLineLength = 32 * 1024 * 1024

/** Answers until the input has ended and everything asked was answered. Requests are answered as they are ready; those
 *  without an id, notifications, are not answered at all. */
export async function serveJsonRpc({ input, output, methods }: JsonRpcServer): Promise<void> {
  const running = new Map<Id, AbortController>()
  const pending = new Set<Promise<void>>()

  const send = (message: object) => void output.write(`${JSON.stringify({ jsonrpc: '2.0', ...message })}\n`)
  const refuse = (id: Id | null, code: number, message: string) => send({ id, error: { code, message } })

  for await (const line of createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY })) {
    if (line.trim() === '') continue
    if (line.length > maxLineLength) refuse(null, errorCodes.invalidRequest, 'The message is too long.')
    else receive(line)
  }
  await Promise.all(pending)

  function receive(line: string): void {
    const message = parse(line)
    if (message === undefined) refuse(null, errorCodes.parse, 'The line is not JSON.')
    else if (!isCall(message)) refuse(idOf(message), errorCodes.invalidRequest, 'The message is not a request.')
    else if (message.method === 'notifications/cancelled') running.get(message.params?.requestId as Id)?.abort()
    else if (message.id !== undefined) begin(message.id, message.method, message.params ?? {})
  }

  function begin(id: Id, method: string, params: Readonly<Record<string, unknown>>): void {
    const work = answer(id, method, params)
    pending.add(work)
    void work.finally(() => pending.delete(work))
  }

  async function answer(id: Id, name: string, params: Readonly<Record<string, unknown>>): Promise<void> {
    const method = Object.hasOwn(methods, name) ? methods[name] : undefined
    if (!method) return refuse(id, errorCodes.methodNotFound, `There is no method ${name}.`)
    const cancelled = new AbortController()
    running.set(id, cancelled)
    try {
      const result = await method(params, cancelled.signal)
      if (!cancelled.signal.aborted) send({ id, result })
    } catch (error) {
      if (cancelled.signal.aborted) return
      if (error instanceof RpcError) refuse(id, error.code, error.message)
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
