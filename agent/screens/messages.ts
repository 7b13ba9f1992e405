// Messages between the terminal holder and the screen worker. The holder assigns a number to each screen;
// buffers are transferred, not shared.

import type { ScreenSize } from '../screen-size.ts'
import type { FinishedCommand, ShellState } from './drawing/marks.ts'
import type { SessionDescription } from './record/session-files.ts'

export interface Opening {
  readonly size: ScreenSize
  /** Nonce of the session's shell marks; empty without shell integration. */
  readonly nonce: string
  /** Folder of the recording; absent when nothing is stored. */
  readonly folder?: string
  /** Whether to restore the recording in the folder; otherwise it is discarded. */
  readonly isRestored: boolean
}

/** Output, or a resize that applies to the following output. */
export type ScreenInput = Uint8Array | ScreenSize

export type WorkerRequest =
  | { readonly type: 'open'; readonly screen: number; readonly opening: Opening }
  | {
      readonly type: 'feed'
      readonly screen: number
      readonly fed: readonly ScreenInput[]
      /** Total bytes of output including this chunk. */
      readonly end: number
      readonly isTyping: boolean
    }
  | { readonly type: 'describe'; readonly screen: number; readonly description: SessionDescription }
  /** End of output. */
  | { readonly type: 'freeze'; readonly screen: number }
  | { readonly type: 'close'; readonly screen: number }
  /** For all screens: number of scrollback lines to store. 0 deletes the recordings. */
  | { readonly type: 'keepLines'; readonly lines: number }
  | { readonly type: 'ask'; readonly screen: number; readonly question: number; readonly ask: ScreenQuery }

export type ScreenQuery =
  /** Answered with Held; the screen does not change until `release`. */
  | { readonly type: 'hold' }
  /** Requires a held screen; answered with bytes. */
  | { readonly type: 'draw'; readonly withImages: boolean }
  /** Requires a held screen; answered with pieces. */
  | { readonly type: 'history'; readonly maxBytes: number; readonly withImages: boolean }
  | { readonly type: 'release' }
  /** Parses all output and answers when it is stored; no output may follow. */
  | { readonly type: 'keep' }
  /** Deletes the recording. */
  | { readonly type: 'forget' }
  /** Liveness check. */
  | { readonly type: 'hear' }

export interface HeldScreen {
  readonly size: ScreenSize
  /** Bytes of output parsed. */
  readonly end: number
}

export type QueryResult = HeldScreen | Uint8Array | readonly Uint8Array[] | undefined

export const reportConsumedBytes = 64 * 1024

export type WorkerEvent =
  | { readonly type: 'ready' }
  /** Bytes parsed since the last acknowledgement; sent every `tellTakenBytes`. */
  | { readonly type: 'taken'; readonly bytes: number }
  | { readonly type: 'changed'; readonly screen: number; readonly title: string; readonly shell: ShellState }
  /** Responses to terminal queries. */
  | { readonly type: 'reply'; readonly screen: number; readonly reply: string }
  | { readonly type: 'command'; readonly screen: number; readonly command: FinishedCommand }
  /** A recording failed; shown to the user. */
  | { readonly type: 'trouble'; readonly message: string }
  | { readonly type: 'answer'; readonly question: number; readonly answer: QueryResult }
  | { readonly type: 'failed'; readonly question: number; readonly message: string }
