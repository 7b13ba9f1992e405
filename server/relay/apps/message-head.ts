// Parser of HTTP/1.1 message heads (RFC 9112), strict where lenient parsers disagree: a proxy and the program behind it
// must see the same messages, or one request could be smuggled inside another.

/** How the end of a body is found. `until-close` exists only in responses. */
export type BodyFraming =
  | { readonly kind: 'none' }
  | { readonly kind: 'length'; readonly length: number }
  | { readonly kind: 'chunked' }
  | { readonly kind: 'until-close' }

export interface HeadField {
  /** As received. */
  readonly name: string
  readonly lowerName: string
  readonly value: string
}

interface MessageHead {
  /** 0 or 1: the minor version of HTTP/1. */
  readonly minorVersion: number
  readonly fields: readonly HeadField[]
  readonly framing: BodyFraming
  /** Whether the sender keeps the connection open after this message. */
  readonly isPersistent: boolean
}

export interface RequestHead extends MessageHead {
  readonly method: string
  /** In origin form: a path with query. */
  readonly target: string
  readonly host: string
  /** The protocol of an upgrade; undefined for other requests. */
  readonly upgrade: string | undefined
}

export interface ResponseHead extends MessageHead {
  readonly status: number
  readonly reason: string
}

/** A message that is not valid or not supported. `status` is the response to the sender of a request. */
export class MessageError extends Error {
  readonly status: number

  constructor(status: number, message: string) {
    super(message)
    this.status = status
  }
}

const invalid = (message: string) => new MessageError(400, message)

const requestLine = /^([!#$%&'*+.^_`|~0-9A-Za-z-]+) ([!-~\x80-\xff]+) HTTP\/1\.([01])$/
const statusLine = /^HTTP\/1\.([01]) ([1-9]\d\d)(?: ([\t\x20-\x7e\x80-\xff]*))?$/
const tokenPattern = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/
// Excludes control characters: NUL, and CR or LF that are not part of a line end.
const valuePattern = /^[\t\x20-\x7e\x80-\xff]*$/
const digits = /^\d{1,15}$/

/** @param text the head in Latin-1, without the empty line at its end
 *  @throws MessageError */
export function parseRequestHead(text: string): RequestHead {
  const lines = text.split('\r\n')
  const [, method, target, minor] = requestLine.exec(lines[0] as string) ?? []
  if (method === undefined || target === undefined) throw invalid('The request line is not valid.')
  if (method === 'CONNECT') throw new MessageError(405, 'CONNECT is not supported.')
  // In absolute form the target would override the Host header.
  if (!target.startsWith('/') && !(target === '*' && method === 'OPTIONS'))
    throw invalid('The request target must be a path.')
  if (target.includes('#')) throw invalid('The request target must not contain a fragment.')
  const minorVersion = Number(minor)
  const fields = parseFields(lines)
  const hosts = fields.filter(({ lowerName }) => lowerName === 'host')
  if (hosts.length !== 1) throw invalid('The request must have exactly one Host header.')
  const connection = connectionOptions(fields)
  const upgrade = connection.includes('upgrade') ? singleValue(fields, 'upgrade') : undefined
  const framing = requestFraming(fields, minorVersion)
  if (upgrade !== undefined && framing.kind !== 'none') throw invalid('An upgrade must not have a body.')
  const host = (hosts[0] as HeadField).value
  return {
    method,
    target,
    host,
    minorVersion,
    fields,
    framing,
    upgrade,
    isPersistent: persists(minorVersion, connection),
  }
}

/** @param method of the request: the response to HEAD has no body
 *  @throws MessageError */
export function parseResponseHead(text: string, method: string): ResponseHead {
  const lines = text.split('\r\n')
  const [, minor, code, reason = ''] = statusLine.exec(lines[0] as string) ?? []
  if (code === undefined) throw invalid('The status line is not valid.')
  const fields = parseFields(lines)
  const [minorVersion, status] = [Number(minor), Number(code)]
  const framing = responseFraming(fields, status, method)
  const isPersistent = framing.kind !== 'until-close' && persists(minorVersion, connectionOptions(fields))
  return { status, reason, minorVersion, fields, framing, isPersistent }
}

function parseFields(lines: readonly string[]): HeadField[] {
  const fields: HeadField[] = []
  for (let at = 1; at < lines.length; at++) {
    const line = lines[at] as string
    const colon = line.indexOf(':')
    const name = line.slice(0, Math.max(colon, 0))
    // A folded line starts with a space; a space before the colon hides a header from lenient parsers.
    if (!tokenPattern.test(name)) throw invalid('A header line is not valid.')
    const value = line.slice(colon + 1).replace(/^[ \t]+|[ \t]+$/g, '')
    if (!valuePattern.test(value)) throw invalid(`The header ${name} contains control characters.`)
    fields.push({ name, lowerName: name.toLowerCase(), value })
  }
  return fields
}

function singleValue(fields: readonly HeadField[], name: string): string | undefined {
  const found = fields.filter(({ lowerName }) => lowerName === name)
  if (found.length > 1) throw invalid(`The header ${name} was sent twice.`)
  return found[0]?.value
}

/** The names in the Connection headers, in lower case. */
function connectionOptions(fields: readonly HeadField[]): string[] {
  const options: string[] = []
  for (const { lowerName, value } of fields)
    if (lowerName === 'connection') options.push(...value.toLowerCase().split(/[ \t]*,[ \t]*/))
  return options
}

const persists = (minorVersion: number, options: readonly string[]) =>
  minorVersion === 1 ? !options.includes('close') : options.includes('keep-alive')

function declaredFraming(fields: readonly HeadField[]): BodyFraming | undefined {
  const coding = singleValue(fields, 'transfer-encoding')
  const length = singleValue(fields, 'content-length')
  if (coding !== undefined && length !== undefined)
    throw invalid('Transfer-Encoding and Content-Length exclude each other.')
  if (coding !== undefined) {
    if (coding.toLowerCase() !== 'chunked')
      throw new MessageError(501, 'The only supported transfer coding is chunked.')
    return { kind: 'chunked' }
  }
  if (length === undefined) return undefined
  if (!digits.test(length)) throw invalid('The Content-Length is not valid.')
  return length === '0' ? { kind: 'none' } : { kind: 'length', length: Number(length) }
}

function requestFraming(fields: readonly HeadField[], minorVersion: number): BodyFraming {
  const framing = declaredFraming(fields) ?? { kind: 'none' }
  if (framing.kind === 'chunked' && minorVersion === 0) throw invalid('HTTP/1.0 has no transfer codings.')
  return framing
}

function responseFraming(fields: readonly HeadField[], status: number, method: string): BodyFraming {
  const framing = declaredFraming(fields)
  if (method === 'HEAD' || status < 200 || status === 204 || status === 304) return { kind: 'none' }
  return framing ?? { kind: 'until-close' }
}
