// Control characters in text from workspaces. In a terminal they act as keys or escape sequences; bidirectional
// overrides display a command in another order than the one in which it runs.

const allowed = '\\t\\n'
const controls = '\\x00-\\x08\\x0b-\\x1f\\x7f-\\x9f'
const bidirectional = '\\u202a-\\u202e\\u2066-\\u2069'

const unsafe = new RegExp(`[${controls}${bidirectional}]`)
const everyUnsafe = new RegExp(`[${controls}${bidirectional}]`, 'g')
const everyUnprintable = new RegExp(`[${controls}${allowed}${bidirectional}]`, 'g')

/** Whether the text has control characters other than tabs and line feeds, or bidirectional formatting characters. */
export const hasControlCharacters = (text: string): boolean => unsafe.test(text)

/** Removes the characters that `hasControlCharacters` finds. */
export const stripControlCharacters = (text: string): string => text.replace(everyUnsafe, '')

/** Replaces control and bidirectional formatting characters, including tabs and line breaks, by escapes such as `\n`
 *  and `\x1b`. */
export const escapeControlCharacters = (text: string): string => text.replace(everyUnprintable, toEscape)

const shortEscapes: Readonly<Record<string, string>> = { '\t': '\\t', '\n': '\\n', '\r': '\\r' }

function toEscape(character: string): string {
  const code = character.charCodeAt(0)
  const hex = code.toString(16)
  return shortEscapes[character] ?? (code < 0x100 ? `\\x${hex.padStart(2, '0')}` : `\\u${hex.padStart(4, '0')}`)
}
