// Recordings of terminals as asciicast files: written in version 2, read in versions 2 and 3
// (docs.asciinema.org/manual/asciicast). Independent of files and terminals.

export interface CastHeader {
  readonly cols: number
  readonly rows: number
  readonly title?: string
  /** Epoch ms. */
  readonly recordedAt?: number
}

export interface CastEvent {
  /** Milliseconds since the start of the recording. */
  readonly atMs: number
  /** `o` output, `r` new size as `80x24`, `i` input, `m` a marker's label, `x` exit status; others are possible. */
  readonly kind: string
  readonly text: string
}

export interface Cast extends CastHeader {
  readonly events: readonly CastEvent[]
}

export interface CastWriter {
  /** Chunks of output; a character may span two chunks. */
  output(bytes: Uint8Array): void
  resize(cols: number, rows: number): void
}

/** @param now monotonic clock in ms. @param write receives each line with its newline; the first one immediately. */
export function createCastWriter(header: CastHeader, now: () => number, write: (line: string) => void): CastWriter {
  const startedAt = now()
  const decoder = new TextDecoder()
  const add = (kind: 'o' | 'r', text: string) => {
    const seconds = Number(((now() - startedAt) / 1000).toFixed(6))
    write(`${JSON.stringify([seconds, kind, text])}\n`)
  }
  const { cols, rows, title, recordedAt } = header
  const first = {
    version: 2,
    width: cols,
    height: rows,
    ...(recordedAt !== undefined && { timestamp: Math.floor(recordedAt / 1000) }),
    ...(title && { title }),
  }
  write(`${JSON.stringify(first)}\n`)
  return {
    output(bytes) {
      const text = decoder.decode(bytes, { stream: true })
      if (text) add('o', text)
    },
    resize: (newCols, newRows) => add('r', `${newCols}x${newRows}`),
  }
}

/** Reads a recording, up to the end of the last complete line.
 *  @throws Error naming the first invalid line */
export function readCast(text: string): Cast {
  const lines = text.split('\n')
  const header = readHeader(lines[0] ?? '')
  const events: CastEvent[] = []
  let atMs = 0
  for (const [index, line] of lines.entries()) {
    if (index === 0 || line.trim() === '' || line.startsWith('#')) continue
    const event = readEvent(line)
    if (!event) {
      if (index === lines.length - 1) break
      throw new Error(`Line ${index + 1} is not a valid event: ${line.slice(0, 80)}`)
    }
    // Version 3 stores the interval since the previous event.
    atMs = header.version === 3 ? atMs + event.atMs : event.atMs
    events.push({ ...event, atMs })
  }
  const { version: _, ...rest } = header
  return { ...rest, events }
}

function readHeader(line: string): CastHeader & { readonly version: number } {
  const header = parse(line) as Record<string, unknown> | undefined
  const version = typeof header === 'object' && header !== null ? header.version : undefined
  if (version === 1) throw new Error('Recordings of version 1 are not supported; only 2 and 3 are.')
  if (version !== 2 && version !== 3)
    throw new Error('This is not an asciicast recording: its first line contains no version.')
  const { width, height } = header as Record<string, unknown>
  const term = (header?.term ?? {}) as Record<string, unknown>
  const [cols, rows] = version === 2 ? [width, height] : [term.cols, term.rows]
  if (!isSide(cols) || !isSide(rows)) throw new Error('The recording contains no terminal size.')
  return {
    version,
    cols,
    rows,
    ...(typeof header?.title === 'string' && { title: header.title }),
    ...(typeof header?.timestamp === 'number' && { recordedAt: header.timestamp * 1000 }),
  }
}

const isSide = (cells: unknown): cells is number => Number.isInteger(cells) && (cells as number) > 0

function readEvent(line: string): CastEvent | undefined {
  const event = parse(line)
  if (!Array.isArray(event)) return undefined
  const [seconds, kind, text] = event as unknown[]
  if (typeof seconds !== 'number' || seconds < 0 || typeof kind !== 'string' || typeof text !== 'string')
    return undefined
  return { atMs: seconds * 1000, kind, text }
}

function parse(line: string): unknown {
  try {
    return JSON.parse(line)
  } catch {
    return undefined
  }
}
