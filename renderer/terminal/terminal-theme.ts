// The colours of a terminal: dark in both themes, on the ground that theme/tokens.css gives it.

import type { ITheme } from '@xterm/xterm'

const shared: ITheme = {
  foreground: '#e4e5e9',
  cursor: '#e4e5e9',
  cursorAccent: '#0c0d11',
  selectionBackground: '#3b4f80',
  selectionInactiveBackground: '#343844',
  black: '#2a2d35',
  red: '#ff7b72',
  green: '#5fd38a',
  yellow: '#f0c05a',
  blue: '#6cb2ff',
  magenta: '#d59bff',
  cyan: '#5cd0d6',
  white: '#c9ccd4',
  brightBlack: '#8b90a0',
  brightRed: '#ffa198',
  brightGreen: '#8be3ab',
  brightYellow: '#ffd683',
  brightBlue: '#9bcbff',
  brightMagenta: '#e5c2ff',
  brightCyan: '#91e6ea',
  brightWhite: '#ffffff',
}

// --terminal in each theme, as xterm reads no OKLCH.
const grounds = { light: '#111419', dark: '#090a0e' } as const

export const terminalTheme = (): ITheme => ({
  ...shared,
  background: grounds[document.documentElement.dataset.theme === 'dark' ? 'dark' : 'light'],
})
