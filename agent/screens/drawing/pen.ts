// Serializes a terminal's pen: colors, styles and hyperlink.

import type { Attributes, Inner } from './xterm-internals.ts'

/** `ESC [ … m` that selects this style; empty when nothing changes.
 *  @param isFromDefault whether the default style is active before */
export function penSequence(pen: Attributes, isFromDefault: boolean): string {
  const parameters = [...(isFromDefault ? [] : ['0']), ...styles(pen), ...colors(pen)]
  return parameters.length > 0 ? `\x1b[${parameters.join(';')}m` : ''
}

const flags: readonly [test: keyof Attributes, parameter: string][] = [
  ['isBold', '1'],
  ['isDim', '2'],
  ['isItalic', '3'],
  ['isBlink', '5'],
  ['isInverse', '7'],
  ['isInvisible', '8'],
  ['isStrikethrough', '9'],
  ['isOverline', '53'],
]

function styles(pen: Attributes): string[] {
  const set = flags.filter(([test]) => (pen[test] as () => number).call(pen)).map(([, parameter]) => parameter)
  const underline = underlineOf(pen)
  if (underline > 0) set.push(underline > 1 ? `4:${underline}` : '4')
  return set
}

/** 0 for none, 1 for a plain line. xterm reports every link as underlined; this is the written style. */
function underlineOf(pen: Attributes): number {
  const style = pen.hasExtendedAttrs() ? (pen.extended._ext >>> 26) & 7 : 0
  return style || (pen.fg >>> 28) & 1
}

function colors(pen: Attributes): string[] {
  const set: string[] = []
  if (pen.isFgRGB()) set.push(`38;2;${rgb(pen.getFgColor())}`)
  else if (pen.isFgPalette()) set.push(fromPalette(pen.getFgColor(), 30))
  if (pen.isBgRGB()) set.push(`48;2;${rgb(pen.getBgColor())}`)
  else if (pen.isBgPalette()) set.push(fromPalette(pen.getBgColor(), 40))
  if (!pen.hasExtendedAttrs()) return set
  if (pen.isUnderlineColorRGB()) set.push(`58;2;${rgb(pen.getUnderlineColor())}`)
  else if (pen.isUnderlineColorPalette()) set.push(`58;5;${pen.getUnderlineColor()}`)
  return set
}

const rgb = (color: number) => `${(color >>> 16) & 255};${(color >>> 8) & 255};${color & 255}`

/** @param first parameter of the first of the eight colors */
function fromPalette(color: number, first: number): string {
  if (color >= 16) return `${first + 8};5;${color}`
  return String(color >= 8 ? first + 60 + color - 8 : first + color)
}

/** Opens the hyperlink of a cell or pen; undefined for none. */
export function linkSequence({ extended: { urlId } }: Attributes, { _oscLinkService }: Inner): string | undefined {
  const link = urlId > 0 ? _oscLinkService.getLinkData(urlId) : undefined
  // Links without an id get one, so that a link across rows stays one link.
  return link && `\x1b]8;id=${link.id ?? `link-${urlId}`};${link.uri}\x07`
}

export const linkEnd = '\x1b]8;;\x07'
