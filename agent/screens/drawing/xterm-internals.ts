// Adapter for xterm internals without public types: pen, saved cursors, links, character sets, and line events. The
// only file to change when a new xterm renames them.

import type { IBuffer, IBufferCell, IBufferLine, Terminal } from '@xterm/headless'

/** Packed colors and flags of a cell or pen, comparable as numbers. */
export interface Attributes {
  readonly fg: number
  readonly bg: number
  readonly extended: {
    readonly ext: number
    readonly urlId: number
    /** `ext` without the bits that a link adds; bits 26 to 28 are the underline style. */
    readonly _ext: number
  }
  hasExtendedAttrs(): number
  isInverse(): number
  isBold(): number
  isBlink(): number
  isInvisible(): number
  isItalic(): number
  isDim(): number
  isStrikethrough(): number
  isOverline(): number
  isFgRGB(): boolean
  isFgPalette(): boolean
  getFgColor(): number
  isBgRGB(): boolean
  isBgPalette(): boolean
  isBgDefault(): boolean
  getBgColor(): number
  isUnderlineColorRGB(): boolean
  isUnderlineColorPalette(): boolean
  getUnderlineColor(): number
}

export type Cell = IBufferCell & Attributes
export type Row = IBufferLine

interface Change {
  readonly index: number
  readonly amount: number
}

/** Extended attributes of a cell: link, underline, part of an image (images.ts). */
export interface TileAttributes {
  readonly imageId?: number
  readonly imageRow?: number
  readonly imageCol?: number
}

interface InnerRow {
  readonly _data: Uint32Array<ArrayBuffer>
  readonly _extendedAttrs: Record<number, object>
}

export interface InnerBuffer {
  x: number
  y: number
  readonly ybase: number
  readonly savedX: number
  /** Relative to the first stored line, not to the first visible one. */
  readonly savedY: number
  readonly savedCurAttrData: Attributes
  readonly scrollTop: number
  readonly scrollBottom: number
  readonly tabs: Readonly<Record<number, boolean>>
  readonly lines: {
    readonly length: number
    get(index: number): InnerRow | undefined
    onTrim(listener: (amount: number) => void): void
    onInsert(listener: (change: Change) => void): void
    onDelete(listener: (change: Change) => void): void
  }
}

export interface Inner {
  readonly _bufferService: {
    readonly buffer: InnerBuffer
    readonly buffers: { readonly normal: InnerBuffer; readonly alt: InnerBuffer }
  }
  readonly _inputHandler: { readonly _curAttrData: Attributes; lineFeed(): void }
  readonly _charsetService: { readonly glevel: number }
  readonly _oscLinkService: {
    getLinkData(id: number): { readonly id?: string; readonly uri: string } | undefined
  }
}

export const innerOf = (terminal: Terminal): Inner => (terminal as unknown as { _core: Inner })._core

export const emptyCell = (buffer: IBuffer): Cell => buffer.getNullCell() as Cell
