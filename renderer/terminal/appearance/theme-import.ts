// Imports themes of other programs: VS Code (JSON with comments) and iTerm2 (.itermcolors, a property list).

import type { TerminalTheme } from '../../../api/agents/terminals.ts'
import { isLight } from './terminal-themes.ts'

/** @param fileName names the theme if the file does not
 *  @throws Error with a message for the user if the file is not a theme */
export function parseTheme(fileName: string, text: string): TerminalTheme {
  const isPropertyList = /<plist|<!DOCTYPE plist/i.test(text)
  const { name, colors } = isPropertyList ? parseIterm(text) : parseVsCode(text)
  return completeTheme(name || fileName.replace(/\.[^.]+$/, '').trim() || 'Imported', colors)
}

interface FoundColors {
  background?: string | undefined
  foreground?: string | undefined
  cursor?: string | undefined
  cursorAccent?: string | undefined
  selection?: string | undefined
  readonly ansi: readonly (string | undefined)[]
}

interface FoundTheme {
  readonly name: string
  readonly colors: FoundColors
}

const noColors = 'The file has no terminal colors. VS Code themes define them as "terminal.ansiRed" and so on.'

const ansiNames = ['Black', 'Red', 'Green', 'Yellow', 'Blue', 'Magenta', 'Cyan', 'White']

function completeTheme(name: string, found: FoundColors): TerminalTheme {
  const missing = found.ansi.flatMap((color, index) => (color ? [] : [describeAnsi(index)]))
  if (missing.length === found.ansi.length) throw new Error(noColors)
  if (missing.length > 0) throw new Error(`The theme lacks these colors: ${missing.join(', ')}.`)
  const ansi = found.ansi as string[]
  const background = found.background ?? (ansi[0] as string)
  const foreground = found.foreground ?? (ansi[7] as string)
  const base = { background, foreground, ansi, name: name.slice(0, 100), id: toId(name) }
  return {
    ...base,
    cursor: found.cursor ?? foreground,
    cursor_accent: found.cursorAccent ?? background,
    selection_background: found.selection ?? (isLight(base) ? '#c5d5fb' : '#3b4f80'),
  }
}

const describeAnsi = (index: number): string => `${index < 8 ? '' : 'bright '}${ansiNames[index % 8]?.toLowerCase()}`

/** Only letters, digits and dashes; `imported-theme` if the name has none. */
const toId = (name: string): string =>
  `imported-${
    name
      .toLowerCase()
      .replace(/[^a-z0-9]+/g, '-')
      .replace(/^-+|-+$/g, '')
      .slice(0, 50) || 'theme'
  }`

/** VS Code's own colors for what a theme does not define. */
const vsCodeDefaults = {
  dark: {
    background: '#1e1e1e',
    foreground: '#cccccc',
    ansi: toHexList(
      '000000 cd3131 0dbc79 e5e510 2472c8 bc3fbc 11a8cd e5e5e5 666666 f14c4c 23d18b f5f543 3b8eea d670d6 29b8db e5e5e5',
    ),
  },
  light: {
    background: '#ffffff',
    foreground: '#333333',
    ansi: toHexList(
      '000000 cd3131 107c10 949800 0451a5 bc05bc 0598bc 555555 666666 cd3131 14ce14 b5ba00 0451a5 bc05bc 0598bc a5a5a5',
    ),
  },
}

function toHexList(colors: string): readonly string[] {
  return colors.split(' ').map((digits) => `#${digits}`)
}

function parseVsCode(text: string): FoundTheme {
  let parsed: { name?: unknown; type?: unknown; colors?: Record<string, unknown> } | null
  try {
    parsed = JSON.parse(stripComments(text)) as typeof parsed
  } catch {
    throw new Error('The file is neither a VS Code theme (JSON) nor an iTerm2 theme (.itermcolors).')
  }
  const colors = parsed?.colors ?? {}
  const color = (...names: string[]) => {
    for (const name of names) {
      const value = colors[name]
      if (typeof value === 'string') return toHex(value)
    }
    return undefined
  }
  const ansi = ['ansi', 'ansiBright'].flatMap((kind) => ansiNames.map((name) => color(`terminal.${kind}${name}`)))
  const background = color('terminal.background', 'editor.background')
  if (!background && !ansi.some((found) => found)) throw new Error(noColors)
  const defaults =
    vsCodeDefaults[parsed?.type === 'light' || (background && isLight({ background })) ? 'light' : 'dark']
  return {
    name: typeof parsed?.name === 'string' ? parsed.name : '',
    colors: {
      background: background ?? defaults.background,
      foreground: color('terminal.foreground', 'editor.foreground', 'foreground') ?? defaults.foreground,
      cursor: color('terminalCursor.foreground', 'editorCursor.foreground'),
      cursorAccent: color('terminalCursor.background'),
      selection: color('terminal.selectionBackground', 'editor.selectionBackground'),
      ansi: ansi.map((found, index) => found ?? defaults.ansi[index]),
    },
  }
}

/** Removes comments and trailing commas outside strings. */
const stripComments = (text: string): string =>
  text
    .replace(/^\uFEFF/, '')
    .replace(/("(?:\\.|[^"\\])*")|\/\*[\s\S]*?\*\/|\/\/[^\n]*/g, (_, string: string | undefined) => string ?? '')
    .replace(/("(?:\\.|[^"\\])*")|,(?=\s*[}\]])/g, (_, string: string | undefined) => string ?? '')

/** Normalizes `#rgb`, `#rgba`, `#rrggbb` and `#rrggbbaa`; undefined for anything else. */
function toHex(color: string): string | undefined {
  const [, digits] = /^#([0-9a-f]{3,8})$/i.exec(color.trim()) ?? []
  if (digits === undefined || digits.length === 5 || digits.length === 7) return undefined
  const whole = digits.length < 6 ? digits.replace(/./g, '$&$&') : digits
  return `#${whole.toLowerCase()}`
}

function parseIterm(text: string): FoundTheme {
  const colors = new Map<string, string>()
  for (const [, name = '', content = ''] of text.matchAll(/<key>([^<]+)<\/key>\s*<dict>([\s\S]*?)<\/dict>/g)) {
    const color = parseComponents(content)
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

function parseComponents(content: string): string | undefined {
  const component = (name: string) => {
    const [, value] = new RegExp(`<key>${name} Component</key>\\s*<(?:real|integer)>([^<]+)<`).exec(content) ?? []
    return value === undefined ? undefined : Math.round(Math.min(1, Math.max(0, Number(value))) * 255)
  }
  const parts = [component('Red'), component('Green'), component('Blue')]
  if (parts.some((part) => part === undefined || Number.isNaN(part))) return undefined
  return `#${parts.map((part) => (part as number).toString(16).padStart(2, '0')).join('')}`
}
