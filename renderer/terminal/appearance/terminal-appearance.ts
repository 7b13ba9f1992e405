// Appearance of a terminal, resolved from the user's preferences, a profile and the zoom of the pane.

import type { ITheme } from '@xterm/xterm'
import type { TerminalPreferences, TerminalTheme } from '../../../api/agents/terminals.ts'
import { findTheme, toXtermColors } from './terminal-themes.ts'

export interface TerminalAppearance {
  readonly fontFamily: string
  /** CSS pixels. */
  readonly fontSize: number
  /** Multiple of the font's height. */
  readonly lineHeight: number
  readonly ligatures: boolean
  readonly cursor: TerminalPreferences['cursor']
  readonly cursorBlink: boolean
  /** Lines. */
  readonly scrollback: number
  readonly isForScreenReaders: boolean
  readonly theme: TerminalTheme
  readonly colors: ITheme
}

const bundledFont = '"JetBrains Mono Variable", ui-monospace, monospace'
const fontSizes = { smallest: 6, largest: 48 }

/** @param profileId empty for the user's default profile
 *  @param zoom pixels added to the font size */
export function resolveAppearance(
  preferences: TerminalPreferences,
  profileId: string,
  isDark: boolean,
  zoom: number,
): TerminalAppearance {
  const id = profileId || preferences.default_profile
  const profile = preferences.profiles.find((candidate) => candidate.id === id)
  const font = profile?.font || preferences.font
  const themeId = (!isDark && preferences.light_theme) || preferences.theme
  const theme = findTheme(profile?.theme || themeId, preferences.themes, isDark)
  const size = (profile?.font_size ?? preferences.font_size) + zoom
  return {
    fontFamily: font ? `${quoteFamily(font)}, ${bundledFont}` : bundledFont,
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

/** Quotes a single family name; a list of families stays as it is. */
const quoteFamily = (font: string): string => (/[",]/.test(font) ? font : `"${font}"`)

/** A translucent variant of a theme color. */
export const tint = (color: string): string => `color-mix(in oklab, ${color} 18%, transparent)`
