// How a terminal is drawn, as a person's preferences, a profile and the pane's own zoom come to it.

import type { ITheme } from '@xterm/xterm'
import type { TerminalPreferences, TerminalTheme } from '../../../api/agents/terminals.ts'
import { findTheme, toXtermColors } from './terminal-themes.ts'

export interface TerminalAppearance {
  readonly fontFamily: string
  /** CSS pixels */
  readonly fontSize: number
  /** times the height of the font */
  readonly lineHeight: number
  readonly ligatures: boolean
  readonly cursor: TerminalPreferences['cursor']
  readonly cursorBlink: boolean
  /** lines */
  readonly scrollback: number
  readonly isForScreenReaders: boolean
  readonly theme: TerminalTheme
  readonly colors: ITheme
}

const ownFont = '"JetBrains Mono Variable", ui-monospace, monospace'
const fontSizes = { smallest: 6, largest: 48 }

/** @param profileId of the terminal; empty for the person's default
 *  @param zoom steps of a pixel, above or below the usual size */
export function resolveAppearance(
  preferences: TerminalPreferences,
  profileId: string,
  isDark: boolean,
  zoom: number,
): TerminalAppearance {
  const wanted = profileId || preferences.default_profile
  const profile = preferences.profiles.find(({ id }) => id === wanted)
  const font = profile?.font || preferences.font
  const ofDashboard = (!isDark && preferences.light_theme) || preferences.theme
  const theme = findTheme(profile?.theme || ofDashboard, preferences.themes, isDark)
  const size = (profile?.font_size ?? preferences.font_size) + zoom
  return {
    fontFamily: font ? `${quoteFamily(font)}, ${ownFont}` : ownFont,
    fontSize: Math.min(fontSizes.largest, Math.max(fontSizes.smallest, size)),
    lineHeight: preferences.line_height,
    ligatures: preferences.ligatures,
    cursor: preferences.cursor,
    cursorBlink: preferences.cursor_blink,
    scrollback: preferences.scrollback,
    isForScreenReaders: preferences.screen_reader,
    theme,
    colors: toXtermColors(theme),
  }
}

/** A single name may be given as it is; a list of families is one already. */
const quoteFamily = (font: string): string => (/[",]/.test(font) ? font : `"${font}"`)

/** A colour of the theme as a tint over its ground. */
export const tint = (color: string): string => `color-mix(in oklab, ${color} 18%, transparent)`
