// The only access to private parts of xterm.js in the dashboard, for xterm 6.0.0, addon-image 0.9.0 and addon-webgl 0.19.0.
// Each export documents its purpose. Check this file at every xterm upgrade: private fields change without notice.

import type { ImageAddon } from '@xterm/addon-image'
import type { WebglAddon } from '@xterm/addon-webgl'
import type { IEvent, Terminal } from '@xterm/xterm'

interface Core {
  readonly coreService: { isCursorInitialized: boolean; onUserInput(listener: () => void): void }
  readonly _charSizeService: CharSize
  readonly _inputHandler: InputHandler
  readonly _renderService: {
    readonly dimensions: { readonly css: { readonly cell: CellSize } }
    readonly _renderDebouncer: RenderDebouncer
  }
  readonly _selectionService: SelectionService
  readonly _viewport: { _sync(line?: number): void }
  _syncTextArea(): void
}

const coreOf = (terminal: Terminal): Core => (terminal as unknown as { _core: Core })._core

// Measuring: xterm's own addons read the same fields.

export interface CharSize {
  /** CSS pixels. */
  readonly width: number
  readonly onCharSizeChange: IEvent<void>
}

/** Size of a character in the current font; WebGL rounds cells by it. */
export const getCharSize = (terminal: Terminal): CharSize => coreOf(terminal)._charSizeService

/** CSS pixels. */
export interface CellSize {
  readonly width: number
  readonly height: number
}

/** Size of a rendered cell; positions the bars in the command gutter. */
export const getCellSize = (terminal: Terminal): CellSize => coreOf(terminal)._renderService.dimensions.css.cell

// Input and cursor.

/** Calls the listener before `onData` if the data comes from the user and not from xterm answering a query. */
export const onUserInput = (terminal: Terminal, listener: () => void): void =>
  coreOf(terminal).coreService.onUserInput(listener)

/** Shows the cursor before the terminal first has the focus. */
export function showCursor(terminal: Terminal): void {
  coreOf(terminal).coreService.isCursorInitialized = true
}

// Printing: the fast path for ASCII writes cells directly.

interface InputHandler {
  print: Print
  readonly _activeBuffer: {
    x: number
    readonly y: number
    readonly ybase: number
    readonly lines: { get(index: number): BufferRow | undefined }
  }
  readonly _curAttrData: CellAttributes
  readonly _bufferService: { readonly cols: number }
  readonly _charsetService: { readonly charset: object | undefined }
  readonly _coreService: { readonly modes: { readonly insertMode: boolean } }
  readonly _optionsService: { readonly rawOptions: { readonly screenReaderMode: boolean } }
  readonly _parser: { readonly precedingJoinState: number }
}

export type Print = (codepoints: Uint32Array, start: number, end: number) => void

/** Packed colors and flags of a cell. */
export interface CellAttributes {
  readonly fg: number
  readonly bg: number
}

export interface BufferRow {
  getWidth(column: number): number
  hasContent(column: number): number
  setCellFromCodepoint(column: number, codepoint: number, width: number, attributes: CellAttributes): void
}

/** The position and mode in which xterm prints the next character. */
export class PrintState {
  readonly #handler: InputHandler

  constructor(handler: InputHandler) {
    this.#handler = handler
  }

  get columns(): number {
    return this.#handler._bufferService.cols
  }

  get column(): number {
    return this.#handler._activeBuffer.x
  }

  set column(column: number) {
    this.#handler._activeBuffer.x = column
  }

  get row(): BufferRow | undefined {
    const { lines, ybase, y } = this.#handler._activeBuffer
    return lines.get(ybase + y)
  }

  get attributes(): CellAttributes {
    return this.#handler._curAttrData
  }

  get hasCharset(): boolean {
    return this.#handler._charsetService.charset !== undefined
  }

  get isInsertMode(): boolean {
    return this.#handler._coreService.modes.insertMode
  }

  get isScreenReaderMode(): boolean {
    return this.#handler._optionsService.rawOptions.screenReaderMode
  }
}

/** Replaces the function that prints decoded text by `wrap(original)`. */
export function wrapPrint(terminal: Terminal, wrap: (print: Print, state: PrintState) => Print): void {
  const handler = coreOf(terminal)._inputHandler
  handler.print = wrap(handler.print.bind(handler), new PrintState(handler))
}

/** Three numbers per cell: content, foreground, background. */
export const cellsOf = (row: BufferRow): Uint32Array => (row as BufferRow & { readonly _data: Uint32Array })._data

/** Whether and how the next character joins the previous one; tests compare it. */
export const getJoinState = (terminal: Terminal): number => coreOf(terminal)._inputHandler._parser.precedingJoinState

// Rendering: the throttle postpones what xterm does for every frame or line.

interface RenderDebouncer {
  _animationFrame: number | undefined
  _innerRefresh(): void
}

interface SelectionService {
  readonly _model: { readonly finalSelectionStart: unknown }
  refresh(isMouseSelection?: boolean): void
}

/** Replaces the function that draws a frame. `setPending` stores the id of a requested frame: xterm requests no other
 *  until that one is drawn. */
export function wrapDraw(
  terminal: Terminal,
  wrap: (draw: () => void, setPending: (frame: number) => void) => () => void,
): void {
  const debouncer = coreOf(terminal)._renderService._renderDebouncer
  debouncer._innerRefresh = wrap(debouncer._innerRefresh.bind(debouncer), (frame) => {
    debouncer._animationFrame = frame
  })
}

type RefreshSelection = SelectionService['refresh']

/** Replaces the function that redraws all rows to move the selection. */
export function wrapSelectionRefresh(
  terminal: Terminal,
  wrap: (refresh: RefreshSelection, hasSelection: () => boolean) => RefreshSelection,
): void {
  const service = coreOf(terminal)._selectionService
  service.refresh = wrap(service.refresh.bind(service), () => service._model.finalSelectionStart !== undefined)
}

type SyncScrollbar = (line?: number) => void

/** Replaces the function that moves the scroll bar: to a line, or without one to the current output. */
export function wrapScrollbarSync(terminal: Terminal, wrap: (sync: SyncScrollbar) => SyncScrollbar): void {
  const { _viewport: viewport } = coreOf(terminal)
  viewport._sync = wrap(viewport._sync.bind(viewport))
}

/** Replaces the function that moves the hidden text area to the cursor, where an input method shows its candidates. */
export function wrapTextAreaSync(terminal: Terminal, wrap: (sync: () => void) => () => void): void {
  const core = coreOf(terminal)
  core._syncTextArea = wrap(core._syncTextArea.bind(core))
}

// addon-webgl.

/** Device pixels. */
export interface DeviceDimensions {
  readonly char: { width: number }
  readonly cell: { readonly width: number }
}

/** Calls `adjust` whenever the addon has recalculated its dimensions. */
export function onWebglDimensions(addon: WebglAddon, adjust: (dimensions: DeviceDimensions) => void): void {
  const { _renderer: renderer } = addon as unknown as {
    _renderer: { readonly dimensions: { readonly device: DeviceDimensions }; _updateDimensions(): void }
  }
  const update = renderer._updateDimensions.bind(renderer)
  renderer._updateDimensions = () => {
    update()
    adjust(renderer.dimensions.device)
  }
}

// addon-image: it has no option for a cell size other than the page's, and no event for its decoder.

export type ImageSource = HTMLCanvasElement | ImageBitmap

export interface StoredImage {
  readonly orig: ImageSource
  actual: ImageSource
  readonly actualCellSize: { width: number; height: number }
}

type ResizeFile = (width: number, height: number) => [width: number, height: number]
type RescaleImage = (image: StoredImage, width: number, height: number) => void

interface FileHandler {
  _resize: ResizeFile
  start(): void
  put(codes: Uint32Array, from: number, to: number): void
  end(isComplete: boolean): boolean | Promise<boolean>
}

interface ImageAddonCore {
  readonly _renderer: { _rescaleImage: RescaleImage }
  readonly _storage: { addImage(image: ImageSource): void; advanceCursor(height: number): void }
  readonly _handlers: Map<'sixel', { readonly _dec?: unknown }> & Map<'iip', FileHandler>
}

export class ImageInternals {
  readonly #core: ImageAddonCore

  constructor(addon: ImageAddon) {
    this.#core = addon as unknown as ImageAddonCore
  }

  /** Takes `cellSize` and `dimensions` as own properties, which then hide its getters. */
  get renderer(): object {
    return this.#core._renderer
  }

  get storage(): ImageAddonCore['_storage'] {
    return this.#core._storage
  }

  /** Handler of iTerm2's inline files (OSC 1337). */
  get files(): Omit<FileHandler, '_resize'> | undefined {
    return this.#core._handlers.get('iip')
  }

  /** The sixel decoder is compiled asynchronously. */
  get hasDecoder(): boolean {
    return this.#core._handlers.get('sixel')?._dec !== undefined
  }

  setRescaleImage(rescale: RescaleImage): void {
    this.#core._renderer._rescaleImage = rescale
  }

  wrapFileResize(wrap: (resize: ResizeFile) => ResizeFile): void {
    const files = this.#core._handlers.get('iip')
    if (files) files._resize = wrap(files._resize.bind(files))
  }
}
