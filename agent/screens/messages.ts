// Messages between the terminal holder and the screen worker. The holder assigns a number to each screen; buffers are
// transferred, not shared.

import type { TerminalSize } from '../../api/agents/terminal-frames.ts'
import type { FinishedCommand, ShellState } from './drawing/marks.ts'
import type { SessionDescription } from './record/session-files.ts'

export interface OpenOptions {
  readonly size: TerminalSize
  /** Nonce of the session's shell marks; empty without shell integration. */
  readonly nonce: string
  /** Folder of the recording; absent when nothing is stored. */
  readonly folder?: string
  /** Whether to restore the recording in the folder; otherwise it is discarded. */
  readonly isRestored: boolean
}

/** Output, or a resize that applies to the following output. */
export type ScreenInput = Uint8Array | TerminalSize

export type WorkerRequest =
  | { readonly type: 'open'; readonly screen: number; readonly options: OpenOptions }
  | {
      readonly type: 'feed'
      readonly screen: number
      readonly input: readonly ScreenInput[]
      /** Total bytes of output, including this input. */
      readonly end: number
      readonly isTyping: boolean
    }
  | { readonly type: 'describe'; readonly screen: number; readonly description: SessionDescription }
  /** End of output. */
  | { readonly type: 'freeze'; readonly screen: number }
  | { readonly type: 'close'; readonly screen: number }
  /** For all screens: number of scrollback lines to store. 0 deletes the recordings. */
  | { readonly type: 'setStoredLines'; readonly lines: number }
  | { readonly type: 'query'; readonly screen: number; readonly id: number; readonly query: ScreenQuery }

export type ScreenQuery =
  /** Answered with HeldScreen; the screen does not change until `release`. */
  | { readonly type: 'hold' }
  /** Requires a held screen; answered with bytes. */
  | { readonly type: 'draw'; readonly withImages: boolean }
  /** Requires a held screen; answered with pieces. */
  | { readonly type: 'history'; readonly maxBytes: number; readonly withImages: boolean }
  | { readonly type: 'release' }
  /** Parses all output and answers when it is stored; no output must follow. */
  | { readonly type: 'store' }
  /** Deletes the recording. */
  | { readonly type: 'deleteRecording' }
  /** Liveness check. */
  | { readonly type: 'ping' }

export interface HeldScreen {
  readonly size: TerminalSize
  /** Bytes of output parsed. */
  readonly end: number
}

export type QueryResult = HeldScreen | Uint8Array | readonly Uint8Array[] | undefined

export const acknowledgeEveryBytes = 64 * 1024

export type WorkerEvent =
  | { readonly type: 'ready' }
  /** Bytes parsed since the last acknowledgment; sent every `acknowledgeEveryBytes`. */
  | { readonly type: 'acknowledge'; readonly bytes: number }
  | { readonly type: 'changed'; readonly screen: number; readonly title: string; readonly shell: ShellState }
  /** Response to a terminal query. */
  | { readonly type: 'reply'; readonly screen: number; readonly reply: string }
  | { readonly type: 'command'; readonly screen: number; readonly command: FinishedCommand }
  /** For the log, such as a failed recording. */
  | { readonly type: 'error'; readonly message: string }
  | { readonly type: 'answer'; readonly id: number; readonly result: QueryResult }
  | { readonly type: 'failed'; readonly id: number; readonly message: string }
