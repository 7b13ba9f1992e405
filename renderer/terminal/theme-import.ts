// Themes of other programs: VS Code's colour themes (JSON with comments) and iTerm2's .itermcolors (a property list).

import type { TerminalTheme } from '../../api/terminals.ts'
import { isLight } from './terminal-themes.ts'

/** @param fileName gives the theme its name where the file does not say one.
 *  @throws Error with a message for the person when the file is no theme */
export function readTheme(fileName: string, text: string): TerminalTheme {
  const isPropertyList = /<plist|<!DOCTYPE plist/i.test(text)
  const { name, colors } = isPropertyList ? readIterm(text) : readVsCode(text)
  return complete(name || fileName.replace(/\.[^.]+$/, '').trim() || 'Imported', colors)
}

interface FoundColors {
  background?: string | undefined
  foreground?: string | undefined
  cursor?: string | undefined
  cursorAccent?: string | undefined
  selection?: string | undefined
  readonly ansi: readonly (string | undefined)[]
}

interface Found {
  readonly name: string
  readonly colors: FoundColors
}

const ansiNames = ['Black', 'Red', 'Green', 'Yellow', 'Blue', 'Magenta', 'Cyan', 'White']

function complete(name: string, found: FoundColors): TerminalTheme {
  const missing = found.ansi.flatMap((color, index) => (color ? [] : [describeAnsi(index)]))
  if (missing.length === found.ansi.length)
    throw new Error(
      'No colours of a terminal are in this file. A VS Code theme has them as "terminal.ansiRed" and so on.',
    )
  if (missing.length > 0) throw new Error(`These colours are missing: ${missing.join(', ')}.`)
  const ansi = found.ansi as string[]
  const background = found.background ?? (ansi[0] as string)
  const foreground = found.foreground ?? (ansi[7] as string)
  const base = { background, foreground, ansi, name: name.slice(0, 100), id: toId(name) }
  return {
    ...base,
    cursor: found.cursor ?? foreground,
    cursor_accent: found.cursorAccent ?? background,
    selection_background:
      found.selection ??
      (isLight({ ...base, cursor: '', cursor_accent: '', selection_background: '' }) ? '#c5d5fb' : '#3b4f80'),
  }
}

const describeAnsi = (index: number): string => `${index < 8 ? '' : 'bright '}${ansiNames[index % 8]?.toLowerCase()}`

/** Of letters, digits and dashes; `theme` where the name has none. */
const toId = (name: string): string =>
  `imported-${
    name
      .toLowerCase()
      .replace(/[^a-z0-9]+/g, '-')
      .replace(/^-+|-+$/g, '')
      .slice(0, 50) || 'theme'
  }`

function readVsCode(text: string): Found {
  let parsed: { name?: unknown; colors?: Record<string, unknown> } | null
  try {
    parsed = JSON.parse(withoutComments(text)) as typeof parsed
  } catch {
    throw new Error('This is neither a VS Code theme (JSON) nor an iTerm2 one (.itermcolors).')
  }
  const colors = parsed?.colors ?? {}
  const color = (...names: string[]) => {
    for (const name of names) {
      const value = colors[name]
      if (typeof value === 'string') return toHex(value)
    }
    return undefined
  }
  return {
    name: typeof parsed?.name === 'string' ? parsed.name : '',
    colors: {
      background: color('terminal.background', 'editor.background'),
      foreground: color('terminal.foreground', 'editor.foreground', 'foreground'),
      cursor: color('terminalCursor.foreground', 'editorCursor.foreground'),
      cursorAccent: color('terminalCursor.background'),
      selection: color('terminal.selectionBackground', 'editor.selectionBackground'),
      ansi: ['ansi', 'ansiBright'].flatMap((kind) => ansiNames.map((name) => color(`terminal.${kind}${name}`))),
    },
  }
}

/** Comments and commas before a closing bracket, which JSON itself does not allow, outside of strings. */
const withoutComments = (text: string): string =>
  text
    .replace(/^\uFEFF/, '')
    .replace(/("(?:\\.|[^"\\])*")|\/\*[\s\S]*?\*\/|\/\/[^\n]*/g, (_, string: string | undefined) => string ?? '')
    .replace(/("(?:\\.|[^"\\])*")|,(?=\s*[}\]])/g, (_, string: string | undefined) => string ?? '')

/** `#rgb`, `#rgba`, `#rrggbb`, `#rrggbbaa`; undefined for what is none. */
function toHex(color: string): string | undefined {
  const [, digits] = /^#([0-9a-f]{3,8})$/i.exec(color.trim()) ?? []
  if (digits === undefined || digits.length === 5 || digits.length === 7) return undefined
  const whole = digits.length < 6 ? digits.replace(/./g, '$&$&') : digits
  return `#${whole.toLowerCase()}`
}

function readIterm(text: string): Found {
  const colors = new Map<string, string>()
  for (const [, name = '', content = ''] of text.matchAll(/<key>([^<]+)<\/key>\s*<dict>([\s\S]*?)<\/dict>/g)) {
    const color = readComponents(content)
    if (color) colors.set(name, color)
  }
  return {
    name: '',
    colors: {
      background: colors.get('Background Color'),
      foreground: colors.get('Foreground Color'),
      cursor: colors.get('Cursor Color'),
      cursorAccent: colors.get('Cursor Text Color'),
      selection: colors.get('Selection Color'),
      ansi: Array.from({ length: 16 }, (_, index) => colors.get(`Ansi ${index} Color`)),
    },
  }
}

function readComponents(content: string): string | undefined {
  const component = (name: string) => {
    const [, value] = new RegExp(`<key>${name} Component</key>\\s*<(?:real|integer)>([^<]+)<`).exec(content) ?? []
    return value === undefined ? undefined : Math.round(Math.min(1, Math.max(0, Number(value))) * 255)
  }
  const parts = [component('Red'), component('Green'), component('Blue')]
  if (parts.some((part) => part === undefined || Number.isNaN(part))) return undefined
  return `#${parts.map((part) => (part as number).toString(16).padStart(2, '0')).join('')}`
}
