// Parses the marks that a shell's integration writes into terminal output: OSC 133 (FinalTerm), 633 (VS Code) and 7.
// The format is described in api/agents/agent-protocol.ts. Independent of terminals: callers register the OSC handlers.

export type ShellMark =
  | { readonly type: 'prompt' | 'input'; readonly fields: readonly string[] }
  /** @see timeOf for the start time */
  | { readonly type: 'start'; readonly fields: readonly string[] }
  | { readonly type: 'end'; readonly fields: readonly string[]; readonly exit: number | undefined }

const types = { A: 'prompt', B: 'input', C: 'start', D: 'end' } as const

/** Parses the payload of an OSC 133; undefined for other letters. */
export function parseMark(payload: string): ShellMark | undefined {
  const [letter = '', ...fields] = payload.split(';')
  const type = Object.hasOwn(types, letter) ? types[letter as keyof typeof types] : undefined
  if (type !== 'end') return type && { type, fields }
  const [exit = ''] = fields
  return { type, fields, exit: /^-?\d+$/.test(exit) ? Number(exit) : undefined }
}

export interface CommandLine {
  readonly command: string
  /** The line is missing from the shell's history: it repeats the last line, or must not be recorded. */
  readonly isRepeat: boolean
  readonly fields: readonly string[]
}

/** Parses the payload of an OSC 633; undefined for anything but a command line. */
export function parseCommandLine(payload: string): CommandLine | undefined {
  const [letter, line = '', ...fields] = payload.split(';')
  return letter === 'E' ? { command: unescaped(line), isRepeat: fields[0] === 'r', fields } : undefined
}

/** Parses the payload of an OSC 7, `file://host/folder`. @returns the path */
export function parseFolder(payload: string): string | undefined {
  const [, path] = /^file:\/\/[^/]*(\/.*)$/.exec(payload) ?? []
  if (path === undefined) return undefined
  try {
    return decodeURIComponent(path)
  } catch {
    return path
  }
}

/** A time of a mark, in epoch ms. */
export function timeOf(fields: readonly string[], name: 'start_ms' | 'end_ms'): number | undefined {
  const value = fields.find((field) => field.startsWith(`${name}=`))?.slice(name.length + 1)
  return value && /^\d{1,16}$/.test(value) && Number(value) > 0 ? Number(value) : undefined
}

/** Whether the session's own shell wrote the mark; any output may contain marks without the nonce. */
export const hasNonce = (fields: readonly string[], nonce: string): boolean =>
  nonce !== '' && fields.includes(`nonce=${nonce}`)

const unescaped = (text: string): string =>
  text.replace(/\\(?:\\|x([0-9a-f]{2}))/gi, (_, hex?: string) =>
    hex === undefined ? '\\' : String.fromCharCode(Number.parseInt(hex, 16)),
  )
