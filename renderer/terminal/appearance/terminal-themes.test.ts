import { Value } from 'typebox/value'
import { expect, test } from 'vitest'
import { defaultTerminalPreferences, TerminalTheme } from '../../../api/agents/terminals.ts'
import { resolveAppearance } from './terminal-appearance.ts'
import { terminalThemes } from './terminal-themes.ts'
import { parseTheme } from './theme-import.ts'

const channel = (value: number) => (value <= 0.03928 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4)
function luminance(color: string): number {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((at) =>
    channel(Number.parseInt(color.slice(at, at + 2), 16) / 255),
  )
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue
}
function contrast(first: string, second: string): number {
  const [light = 0, dark = 0] = [luminance(first), luminance(second)].sort((a, b) => b - a)
  return (light + 0.05) / (dark + 0.05)
}

test('the twelve built-in themes are valid and have readable text', () => {
  expect(terminalThemes).toHaveLength(12)
  expect(new Set(terminalThemes.map(({ id }) => id)).size).toBe(12)
  for (const theme of terminalThemes) {
    expect([theme.id, Value.Check(TerminalTheme, theme)]).toEqual([theme.id, true])
    expect(contrast(theme.foreground, theme.background), theme.id).toBeGreaterThan(4.5)
  }
})

test('every color of the Coder Local themes except black is readable on the background', () => {
  for (const theme of terminalThemes.filter(({ id }) => id.startsWith('coder-local')))
    for (const color of theme.ansi.slice(1))
      expect(contrast(color, theme.background), `${theme.id} ${color}`).toBeGreaterThan(4.5)
})

test('a VS Code theme with comments and trailing commas is imported', () => {
  const names = ['Black', 'Red', 'Green', 'Yellow', 'Blue', 'Magenta', 'Cyan', 'White']
  const ansi = names.flatMap((name, index) => [
    `"terminal.ansi${name}": "#00000${index}"`,
    `"terminal.ansiBright${name}": "#abc"`,
  ])
  const text = `{
    // a comment with an address: https://example.com
    "name": "Deep // Sea", /* another */
    "colors": { "editor.background": "#012345", "terminal.foreground": "#FEDCBA80", ${ansi.join(', ')}, },
  }`
  const theme = parseTheme('deep-sea.json', text)
  expect(theme).toMatchObject({
    id: 'imported-deep-sea',
    name: 'Deep // Sea',
    background: '#012345',
    foreground: '#fedcba80',
    cursor: '#fedcba80',
    selection_background: '#3b4f80',
  })
  expect(theme.ansi[1]).toBe('#000001')
  expect(theme.ansi[8]).toBe('#aabbcc')
  expect(Value.Check(TerminalTheme, theme)).toBe(true)
})

test('an iTerm2 theme is imported and named after its file', () => {
  const dict = (name: string, [red, green, blue]: readonly [number, number, number]) =>
    `<key>${name}</key><dict><key>Alpha Component</key><real>1</real><key>Blue Component</key><real>${blue}</real>
     <key>Green Component</key><real>${green}</real><key>Red Component</key><integer>${red}</integer></dict>`
  const ansi = Array.from({ length: 16 }, (_, index) => dict(`Ansi ${index} Color`, [1, index / 15, 0]))
  const text = `<?xml version="1.0"?><plist version="1.0"><dict>${ansi.join('\n')}
    ${dict('Background Color', [0, 0, 0])}${dict('Foreground Color', [1, 1, 1])}${dict('Selection Color', [0, 0.5, 1])}</dict></plist>`
  const theme = parseTheme('Warm Night.itermcolors', text)
  expect(theme).toMatchObject({
    name: 'Warm Night',
    background: '#000000',
    foreground: '#ffffff',
    selection_background: '#0080ff',
  })
  expect(theme.ansi[15]).toBe('#ffff00')
  expect(Value.Check(TerminalTheme, theme)).toBe(true)
})

test('an invalid theme is rejected with the reason', () => {
  expect(() => parseTheme('a.txt', 'hello')).toThrow('neither a VS Code theme (JSON) nor an iTerm2 theme')
  expect(() => parseTheme('a.json', '{"colors":{"tab.border":"#000"}}')).toThrow('has no terminal colors')
  const black = '<key>Ansi 0 Color</key><dict><key>Red Component</key><real>0</real></dict>'
  const parts = '<key>Green Component</key><real>0</real><key>Blue Component</key><real>0</real></dict>'
  expect(() => parseTheme('a.itermcolors', `<plist>${black.replace('</dict>', parts)}</plist>`)).toThrow(
    'lacks these colors: red, green',
  )
})

test('colors that a VS Code theme does not define are the defaults of VS Code', () => {
  const dark = parseTheme('a.json', '{"colors":{"editor.background":"#101820","terminal.ansiRed":"#f00"}}')
  expect(dark).toMatchObject({ background: '#101820', foreground: '#cccccc' })
  expect(dark.ansi.slice(0, 3)).toEqual(['#000000', '#ff0000', '#0dbc79'])
  const light = parseTheme('a.json', '{"type":"light","colors":{"terminal.ansiRed":"#f00"}}')
  expect(light).toMatchObject({ background: '#ffffff', foreground: '#333333' })
  expect(light.ansi[4]).toBe('#0451a5')
  for (const theme of [dark, light]) expect(Value.Check(TerminalTheme, theme)).toBe(true)
})

test('a profile overrides the preferences, and the zoom adds to both', () => {
  const preferences = {
    ...defaultTerminalPreferences,
    font: 'Fira Code',
    theme: 'nord',
    light_theme: 'solarized-light',
    profiles: [{ id: 'big', name: 'Big', shell: '', env: {}, font: '', font_size: 20, theme: 'dracula' }],
  }
  expect(resolveAppearance(preferences, '', true, 1)).toMatchObject({ fontSize: 14, theme: { id: 'nord' } })
  expect(resolveAppearance(preferences, '', false, 0).theme.id).toBe('solarized-light')
  expect(resolveAppearance(preferences, 'big', false, -2)).toMatchObject({ fontSize: 18, theme: { id: 'dracula' } })
  expect(resolveAppearance(preferences, 'gone', true, 0).fontFamily).toMatch(/^"Fira Code", "JetBrains Mono/)
  expect(resolveAppearance({ ...preferences, theme: 'gone' }, '', true, -100)).toMatchObject({
    fontSize: 6,
    theme: { id: 'coder-local' },
  })
})
