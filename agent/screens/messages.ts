// What the holder of the terminals and the thread of their screens say to each other. A screen goes by a number that the
// holder gives it; bytes are handed over, not shared.

import type { ScreenSize } from '../screen-size.ts'
import type { FinishedCommand, ShellState } from './drawing/marks.ts'
import type { SessionDescription } from './record/session-files.ts'

export interface Opening {
  readonly size: ScreenSize
  /** What the marks of its own shell carry; empty where no shell was told any. */
  readonly nonce: string
  /** Where it is written down; left out where nothing is kept. */
  readonly folder?: string
  /** Whether it goes on from what is written down there, else what is there belongs to nobody. */
  readonly isRestored: boolean
}

/** Output, or a size that what follows is for. */
export type ScreenInput = Uint8Array | ScreenSize

export type WorkerRequest =
  | { readonly type: 'open'; readonly screen: number; readonly opening: Opening }
  | {
      readonly type: 'feed'
      readonly screen: number
      readonly fed: readonly ScreenInput[]
      /** Bytes of output that the session has said, with these. */
      readonly end: number
      readonly isTyping: boolean
    }
  | { readonly type: 'describe'; readonly screen: number; readonly description: SessionDescription }
  /** Nothing more comes. */
  | { readonly type: 'freeze'; readonly screen: number }
  | { readonly type: 'close'; readonly screen: number }
  /** For all: how many lines above a screen may be written down. At 0 what is written down is taken away. */
  | { readonly type: 'keepLines'; readonly lines: number }
  | { readonly type: 'ask'; readonly screen: number; readonly question: number; readonly ask: ScreenQuery }

export type ScreenQuery =
  /** Answered with Held; until `release` the screen stands still. */
  | { readonly type: 'hold' }
  /** Of a screen that is held; answered with bytes. */
  | { readonly type: 'draw'; readonly withImages: boolean }
  /** Of a screen that is held; answered with pieces. */
  | { readonly type: 'history'; readonly maxBytes: number; readonly withImages: boolean }
  | { readonly type: 'release' }
  /** Parses all, and answers when all is written down; nothing is afterwards. */
  | { readonly type: 'keep' }
  /** Takes away what is written down. */
  | { readonly type: 'forget' }
  /** Whether the thread hears at all. */
  | { readonly type: 'hear' }

export interface HeldScreen {
  readonly size: ScreenSize
  /** Bytes of output that it shows. */
  readonly end: number
}

export type QueryResult = HeldScreen | Uint8Array | readonly Uint8Array[] | undefined

export const reportConsumedBytes = 64 * 1024

export type WorkerEvent =
  | { readonly type: 'ready' }
  /** So many bytes fewer are on the way; said once there are `tellTakenBytes`. */
  | { readonly type: 'taken'; readonly bytes: number }
  | { readonly type: 'changed'; readonly screen: number; readonly title: string; readonly shell: ShellState }
  /** What the terminal would answer to a program's question. */
  | { readonly type: 'reply'; readonly screen: number; readonly reply: string }
  | { readonly type: 'command'; readonly screen: number; readonly command: FinishedCommand }
  /** Something could not be written down; for the person. */
  | { readonly type: 'trouble'; readonly message: string }
  | { readonly type: 'answer'; readonly question: number; readonly answer: QueryResult }
  | { readonly type: 'failed'; readonly question: number; readonly message: string }
