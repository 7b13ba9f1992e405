// Links in the output besides web addresses: local addresses without a scheme, and file locations as compilers and test
// runners print them.

import type { IBufferRange, ILink, Terminal } from '@xterm/xterm'

export interface TerminalLink {
  readonly kind: 'address' | 'file'
  readonly text: string
}

export interface FoundLink extends TerminalLink {
  /** Position of its first character in the line. */
  readonly index: number
}

// Not after a scheme or a host: @xterm/addon-web-links finds web addresses.
const localAddress = /(?<![\w./@:-])(?:localhost|127\.0\.0\.1|0\.0\.0\.0|\[::1\]):\d{2,5}(?:\/[^\s"'`<>()]*)?/g
// A path with a folder, or a file name with an extension and a position: `:line:column` or `(line,column)`.
const position = String.raw`(?::\d+(?::\d+)?|\(\d+(?:,\s?\d+)?\))`
const name = String.raw`[\w@%+=~.-]`
const file = new RegExp(
  String.raw`(?<![\w@:/.~-])(?:(?:~|\.{1,2})?/?(?:${name}+/)+${name}*[\w]${position}?|/${name}+${position}|${name}+\.\w{1,8}${position})`,
  'g',
)

/** Links in line order; none overlap. */
export function findLinks(line: string): FoundLink[] {
  const addresses = [...line.matchAll(localAddress)].map(
    ({ index, 0: text }): FoundLink => ({ kind: 'address', text: text.replace(/[.,;:!?]+$/, ''), index }),
  )
  const files = [...line.matchAll(file)]
    .map(({ index, 0: text }): FoundLink => ({ kind: 'file', text, index }))
    .filter(({ text, index }) => isFile(text) && !isWithinAddress(line, index))
  const taken = (found: FoundLink) =>
    addresses.some(({ index, text }) => found.index < index + text.length && index < found.index + found.text.length)
  return [...addresses, ...files.filter((found) => !taken(found))].sort((a, b) => a.index - b.index)
}

/** Excludes `1/2`, `12.5:30` and `and/or`. */
function isFile(text: string): boolean {
  if (/^[\d./:-]+$/.test(text)) return false
  return /^[~./]/.test(text) || /\.\w+(?:[:(]|$)/.test(text) || /[:(]\d/.test(text)
}

/** The path in `https://host/path` is not a file. */
function isWithinAddress(line: string, index: number): boolean {
  const word = line.slice(line.lastIndexOf(' ', index) + 1, index)
  return /[a-z][a-z0-9+.-]*:\/\//i.test(word)
}

/** Text of the line that contains this row, wrapped rows included, with the cell of each character. */
function readLine({ buffer, cols }: Terminal, row: number) {
  const { active } = buffer
  let first = row
  while (first > 0 && active.getLine(first)?.isWrapped) first--
  let text = ''
  const cells: { x: number; y: number }[] = []
  for (let y = first; y === first || active.getLine(y)?.isWrapped; y++) {
    const line = active.getLine(y)
    for (let x = 0; line && x < cols; x++) {
      const cell = line.getCell(x)
      // Second half of a wide character.
      if (!cell || cell.getWidth() === 0) continue
      const chars = cell.getChars() || ' '
      for (let unit = 0; unit < chars.length; unit++) cells.push({ x: x + 1, y: y + 1 })
      text += chars
    }
  }
  return { text, cells }
}

export interface LinkHandler {
  activate(link: TerminalLink, event: MouseEvent): void
  hover(link: TerminalLink | undefined): void
}

export function registerLinks(terminal: Terminal, handler: LinkHandler): void {
  terminal.registerLinkProvider({
    provideLinks(row, answer) {
      const { text, cells } = readLine(terminal, row - 1)
      const links = findLinks(text).flatMap((found): ILink[] => {
        const start = cells[found.index]
        const end = cells[found.index + found.text.length - 1]
        if (!start || !end || start.y > row || end.y < row) return []
        const range: IBufferRange = { start, end }
        return [
          {
            range,
            text: found.text,
            decorations: { underline: true, pointerCursor: true },
            activate: (event) => handler.activate(found, event),
            hover: () => handler.hover(found),
            leave: () => handler.hover(undefined),
          },
        ]
      })
      answer(links.length > 0 ? links : undefined)
    },
  })
}
