import { readdirSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { drawEmoji, iconFiles } from './icons.ts'

const folder = new URL('../renderer/public/icon/', import.meta.url)
const icons = readdirSync(folder).filter((name) => name.endsWith('.svg'))

test('an icon falls back to its SVG, then to the neutral icon', () => {
  expect(iconFiles('/icon/docker.svg')[0]).toBe('/icon/docker.svg')
  expect(iconFiles('/icon/aws.png')).toContain('/icon/aws.svg')
  expect(iconFiles('/icon/nothing.svg').at(-1)).toBe('/icon/other.svg')
  expect(iconFiles('/workspaces')).toEqual([])
  expect(icons).toEqual(
    expect.arrayContaining(['other.svg', 'code.svg', 'docker.svg', 'k8s.svg', 'python.svg', 'terminal.svg']),
  )
})

test('icons contain no scripts and few bytes', () => {
  for (const name of icons) {
    const text = readFileSync(new URL(name, folder), 'utf8')
    expect(text, name).toMatch(/^<svg /)
    expect(text, name).not.toMatch(/<script|<foreignObject|\son\w+=|href="(?!#)/i)
    expect(text.length, name).toBeLessThan(8_000)
  }
})

test.each([
  ['/emojis/1f4bb.png', '&#128187;'],
  ['/emojis/1f1e9-1f1ea.png', '&#127465;&#127466;'],
  ['/emojis/31-20e3.png', '&#49;&#8419;'],
])('%s is rendered as SVG', (path, text) => {
  expect(drawEmoji(path)).toContain(text)
})

test.each(['/emojis/3c.png', '/emojis/d800.png', '/emojis/ffffff.png', '/emojis/x.png', '/icon/1f4bb.png'])(
  '%s is not an emoji',
  (path) => {
    expect(drawEmoji(path)).toBeNull()
  },
)
