// Sizes of drawn images, read from their headers without decoding, with the results of the renderer's decoder.

import { imageCell } from '../../../api/agents/agent-protocol.ts'
import type { TerminalSize } from '../../../api/agents/terminal-frames.ts'

export interface ImageSize {
  /** In pixels. */
  readonly width: number
  readonly height: number
}

const bandHeight = 6

/** @param sixel the data after `q`. @returns undefined without a pixel */
export function sizeOfSixel(sixel: string): ImageSize | undefined {
  const [, declaredWidth, declaredHeight] = /^[^?-~"-]*"\d*;\d*;(\d+);(\d+)/.exec(sixel) ?? []
  const size = declaredWidth ? { width: Number(declaredWidth), height: Number(declaredHeight) } : measure(sixel)
  return size.width > 0 && size.height > 0 ? size : undefined
}

function measure(sixel: string): ImageSize {
  let [width, widest, bands] = [0, 0, 0]
  // Repetition, end of band, carriage return, run of pixels; excludes color parameters.
  for (const [part, repeated] of sixel.matchAll(/!(\d+)[?-~]|[$-]|#[\d;]*|[?-~]+/g)) {
    if (repeated) width += Number(repeated)
    else if (part === '-') bands++
    else if (!part.startsWith('#') && part !== '$') width += part.length
    widest = Math.max(widest, width)
    if (part === '-' || part === '$') width = 0
  }
  const isUnfinished = /[?-~][^-]*$/.test(sixel)
  return { width: widest, height: (bands + (isUnfinished ? 1 : 0)) * bandHeight }
}

/** @param file `File=name=…;size=…;inline=1:` and the base64 content. @returns undefined when it is not displayed */
export function sizeOfFile(file: string, screen: TerminalSize): ImageSize | undefined {
  const colon = file.indexOf(':')
  if (!file.startsWith('File=') || colon === -1) return undefined
  const fields = new Map(
    file
      .slice('File='.length, colon)
      .split(';')
      .map((field) => field.split('=', 2) as [string, string]),
  )
  if (fields.get('inline') !== '1') return undefined
  if (!isLength(fields.get('width')) || !isLength(fields.get('height'))) return undefined
  const own = sizeOfContent(Buffer.from(file.slice(colon + 1), 'base64'))
  if (!own || own.width === 0 || own.height === 0) return undefined
  const { width, height } = fitInto(own, fields, screen)
  return { width: Math.floor(width), height: Math.floor(height) }
}

const isLength = (length = 'auto') => /^(?:auto|\d+(?:px|%)?)$/.test(length)

function fitInto(own: ImageSize, fields: ReadonlyMap<string, string>, { cols, rows }: TerminalSize): ImageSize {
  const [allWidth, allHeight] = [cols * imageCell.width, rows * imageCell.height]
  const width = toPixels(fields.get('width'), allWidth, imageCell.width)
  const height = toPixels(fields.get('height'), allHeight, imageCell.height)
  if (width === 0 && height === 0) {
    const share = Math.min(1, allWidth / own.width, (allHeight - imageCell.height) / own.height)
    return { width: own.width * share, height: own.height * share }
  }
  if (width === 0) return { width: (own.width * height) / own.height, height }
  const keepsAspect = fields.get('preserveAspectRatio') !== '0'
  return { width, height: keepsAspect || height === 0 ? (own.height * width) / own.width : height }
}

/** `auto`, cells, `…px` or `…%`; 0 when absent. */
function toPixels(length = 'auto', all: number, cell: number): number {
  if (length === 'auto') return 0
  const number = Number.parseInt(length, 10) || 0
  if (length.endsWith('%')) return (number * all) / 100
  return length.endsWith('px') ? number : number * cell
}

const png = Buffer.from('89504e470d0a1a0a', 'hex')
const jpeg = Buffer.from('ffd8ff', 'hex')
const gif = Buffer.from('GIF8')

function sizeOfContent(file: Buffer): ImageSize | undefined {
  const startsWith = (magic: Buffer) => file.subarray(0, magic.length).equals(magic)
  if (file.length < 24) return undefined
  if (startsWith(png)) return { width: file.readUInt32BE(16), height: file.readUInt32BE(20) }
  if (startsWith(gif)) return { width: file.readUInt16LE(6), height: file.readUInt16LE(8) }
  return startsWith(jpeg) ? sizeOfJpeg(file) : undefined
}

/** Read from the frame header, which follows other segments. */
function sizeOfJpeg(file: Buffer): ImageSize | undefined {
  for (let at = 2; at + 9 <= file.length && file[at] === 0xff; at += 2 + file.readUInt16BE(at + 2)) {
    const kind = file[at + 1]
    if (kind === 0xc0 || kind === 0xc2) return { height: file.readUInt16BE(at + 5), width: file.readUInt16BE(at + 7) }
  }
  return undefined
}
