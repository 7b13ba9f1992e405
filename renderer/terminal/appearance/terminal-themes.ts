// Color themes of terminals: twelve built-in ones and those that users import (theme-import.ts).

import type { ITheme } from '@xterm/xterm'
import type { TerminalTheme } from '../../../api/agents/terminals.ts'

const theme = (
  id: string,
  name: string,
  [background, foreground, cursor, cursor_accent, selection_background]: readonly [
    string,
    string,
    string,
    string,
    string,
  ],
  ansi: string,
): TerminalTheme => ({
  id,
  name,
  background,
  foreground,
  cursor,
  cursor_accent,
  selection_background,
  ansi: ansi.split(' '),
})

// Dark in both themes of the dashboard. The backgrounds repeat --terminal of theme/tokens.css: xterm does not parse OKLCH.
const defaultTheme = theme(
  'coder-local',
  'Coder Local',
  ['#090a0e', '#e4e5e9', '#e4e5e9', '#0c0d11', '#3b4f80'],
  '#2a2d35 #ff7b72 #5fd38a #f0c05a #6cb2ff #d59bff #5cd0d6 #c9ccd4 #8b90a0 #ffa198 #8be3ab #ffd683 #9bcbff #e5c2ff #91e6ea #ffffff',
)
const defaultThemeOnLight: TerminalTheme = { ...defaultTheme, background: '#111419' }

export const terminalThemes: readonly TerminalTheme[] = [
  defaultTheme,
  theme(
    'coder-local-light',
    'Coder Local Light',
    ['#fdfdfe', '#23262e', '#23262e', '#fdfdfe', '#c5d5fb'],
    '#23262e #c0362c #17803d #8f6200 #1d5fc4 #8a3ab9 #0b7a83 #6b7080 #565b6b #a72d24 #126b33 #795300 #174fa5 #74309c #08676f #2f333d',
  ),
  theme(
    'high-contrast',
    'High Contrast',
    ['#000000', '#ffffff', '#ffff00', '#000000', '#2f5fff'],
    '#000000 #ff6e6e #69ff94 #ffff66 #8fc7ff #ffa6ff #7dffff #ffffff #b5b5b5 #ff9c9c #a4ffbf #ffffa5 #bcdfff #ffc9ff #b0ffff #ffffff',
  ),
  theme(
    'dracula',
    'Dracula',
    ['#282a36', '#f8f8f2', '#f8f8f2', '#282a36', '#44475a'],
    '#21222c #ff5555 #50fa7b #f1fa8c #bd93f9 #ff79c6 #8be9fd #f8f8f2 #6272a4 #ff6e6e #69ff94 #ffffa5 #d6acff #ff92df #a4ffff #ffffff',
  ),
  theme(
    'nord',
    'Nord',
    ['#2e3440', '#d8dee9', '#d8dee9', '#2e3440', '#434c5e'],
    '#3b4252 #bf616a #a3be8c #ebcb8b #81a1c1 #b48ead #88c0d0 #e5e9f0 #4c566a #bf616a #a3be8c #ebcb8b #81a1c1 #b48ead #8fbcbb #eceff4',
  ),
  theme(
    'one-dark',
    'One Dark',
    ['#282c34', '#abb2bf', '#528bff', '#282c34', '#3e4451'],
    '#3f4451 #e06c75 #98c379 #e5c07b #61afef #c678dd #56b6c2 #d7dae0 #7f848e #f44747 #98c379 #e5c07b #61afef #c678dd #56b6c2 #ffffff',
  ),
  theme(
    'tokyo-night',
    'Tokyo Night',
    ['#1a1b26', '#c0caf5', '#c0caf5', '#1a1b26', '#33467c'],
    '#15161e #f7768e #9ece6a #e0af68 #7aa2f7 #bb9af7 #7dcfff #a9b1d6 #565f89 #f7768e #9ece6a #e0af68 #7aa2f7 #bb9af7 #7dcfff #c0caf5',
  ),
  theme(
    'catppuccin-mocha',
    'Catppuccin Mocha',
    ['#1e1e2e', '#cdd6f4', '#f5e0dc', '#1e1e2e', '#585b70'],
    '#45475a #f38ba8 #a6e3a1 #f9e2af #89b4fa #f5c2e7 #94e2d5 #bac2de #6c7086 #f38ba8 #a6e3a1 #f9e2af #89b4fa #f5c2e7 #94e2d5 #a6adc8',
  ),
  theme(
    'catppuccin-latte',
    'Catppuccin Latte',
    ['#eff1f5', '#4c4f69', '#dc8a78', '#eff1f5', '#acb0be'],
    '#5c5f77 #d20f39 #40a02b #df8e1d #1e66f5 #ea76cb #179299 #acb0be #6c6f85 #d20f39 #40a02b #df8e1d #1e66f5 #ea76cb #179299 #bcc0cc',
  ),
  theme(
    'gruvbox-dark',
    'Gruvbox Dark',
    ['#282828', '#ebdbb2', '#ebdbb2', '#282828', '#504945'],
    '#282828 #cc241d #98971a #d79921 #458588 #b16286 #689d6a #a89984 #928374 #fb4934 #b8bb26 #fabd2f #83a598 #d3869b #8ec07c #ebdbb2',
  ),
  theme(
    'solarized-dark',
    'Solarized Dark',
    ['#002b36', '#93a1a1', '#93a1a1', '#002b36', '#0a4a5a'],
    '#073642 #dc322f #859900 #b58900 #268bd2 #d33682 #2aa198 #eee8d5 #586e75 #cb4b16 #859900 #b58900 #839496 #6c71c4 #93a1a1 #fdf6e3',
  ),
  theme(
    'solarized-light',
    'Solarized Light',
    ['#fdf6e3', '#586e75', '#586e75', '#fdf6e3', '#e3dcc6'],
    '#073642 #dc322f #859900 #b58900 #268bd2 #d33682 #2aa198 #93a1a1 #586e75 #cb4b16 #859900 #b58900 #839496 #6c71c4 #657b83 #93a1a1',
  ),
]

/** The imported or built-in theme with this id; the default theme if the id is empty or unknown. */
export function findTheme(id: string, imported: readonly TerminalTheme[], isDark: boolean): TerminalTheme {
  const found = [...imported, ...terminalThemes].find((candidate) => candidate.id === id)
  if (found && found !== defaultTheme) return found
  return isDark ? defaultTheme : defaultThemeOnLight
}

const ansiNames = [
  ...['black', 'red', 'green', 'yellow', 'blue', 'magenta', 'cyan', 'white'],
  ...['brightBlack', 'brightRed', 'brightGreen', 'brightYellow', 'brightBlue', 'brightMagenta', 'brightCyan'],
  'brightWhite',
] as const

export const toXtermColors = (from: TerminalTheme): ITheme => ({
  background: from.background,
  foreground: from.foreground,
  cursor: from.cursor,
  cursorAccent: from.cursor_accent,
  selectionBackground: from.selection_background,
  // Border of the search match ruler: invisible, so that it does not divide the background.
  overviewRulerBorder: from.background,
  scrollbarSliderBackground: `${from.foreground.slice(0, 7)}30`,
  scrollbarSliderHoverBackground: `${from.foreground.slice(0, 7)}50`,
  scrollbarSliderActiveBackground: `${from.foreground.slice(0, 7)}70`,
  ...Object.fromEntries(ansiNames.map((name, index) => [name, from.ansi[index]])),
})

/** Whether the background needs dark text. */
export function isLight({ background }: Pick<TerminalTheme, 'background'>): boolean {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((at) => Number.parseInt(background.slice(at, at + 2), 16))
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue > 128
}
