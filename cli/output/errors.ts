// Errors on stderr: what happened, the cause, the next step.

import { ApiError } from '../../api/errors.ts'

/** A failure that the command line itself detected. */
export class CommandError extends Error {
  readonly detail: string | undefined
  /** The next step. */
  readonly hint: string | undefined

  constructor(message: string, more: { detail?: string | undefined; hint?: string | undefined; cause?: unknown } = {}) {
    super(message, more.cause === undefined ? undefined : { cause: more.cause })
    this.name = 'CommandError'
    this.detail = more.detail
    this.hint = more.hint
  }
}

/** The user canceled: the command did nothing, and prints no error. */
export class Canceled extends Error {}

/** @param verbose also prints the failed requests and stack traces (`--verbose`) */
export async function printError(error: unknown, { verbose = false } = {}): Promise<void> {
  if (error instanceof Canceled) {
    if (error.message) process.stderr.write(`${error.message}\n`)
    return
  }
  const { styleText } = await import('node:util')
  process.stderr.write(`${styleText('red', 'error:', { stream: process.stderr })} ${describeError(error)}\n`)
  if (verbose) for (const line of describeTrace(error)) process.stderr.write(`  ${line}\n`)
}

/** The text after `error: `. */
export function describeError(error: unknown): string {
  const { message, details, hint } = splitError(error)
  const indented = details.filter(Boolean).flatMap((text) => text.split('\n').map((line) => `  ${line}`))
  return [message, ...indented, ...(hint ? [`  hint: ${hint}`] : [])].join('\n')
}

/** Request and stack of an error and of its causes. */
export function describeTrace(error: unknown): string[] {
  if (!(error instanceof Error)) return []
  const { cause, stack = '' } = error
  const request = error instanceof ApiError && error.request ? [statusLine(error)] : []
  const frames = stack.split('\n').filter((line) => /^ +at /.test(line))
  const before = cause instanceof Error ? [`caused by: ${cause.message}`, ...describeTrace(cause)] : []
  return [...request, ...frames.map((line) => line.trim()), ...before]
}

const statusLine = ({ request, status }: ApiError) => (status === 0 ? `${request}: no answer` : `${request}: ${status}`)

function splitError(error: unknown): { message: string; details: string[]; hint?: string | undefined } {
  if (error instanceof ApiError) return { message: error.message, details: apiDetails(error), hint: apiHint(error) }
  if (error instanceof CommandError) return { message: error.message, details: [error.detail ?? ''], hint: error.hint }
  if (!(error instanceof Error)) return { message: String(error), details: [] }
  const { detail, lastLines, logFile } = error as { detail?: string; lastLines?: readonly string[]; logFile?: string }
  return {
    message: error.message,
    // coderd logged the message too.
    details: [detail ?? '', ...(lastLines ?? []).filter((line) => !line.includes(error.message))],
    hint: logFile && `see the full log: ${logFile}`,
  }
}

const apiDetails = (error: ApiError) => [
  error.detail ?? '',
  ...error.validations.map(({ field, detail }) => `${field}: ${detail}`),
]

function apiHint(error: ApiError): string | undefined {
  if (error.status === 0 && /^https:.*(?:wrong version number|packet length too long)/.test(error.detail ?? ''))
    return 'the server does not use TLS: use an http:// URL.'
  if (error.status === 0) return 'is the deployment running? `coder server` starts one on this computer.'
  if (error.status === 401) return 'sign in with `coder login`.'
  return undefined
}
