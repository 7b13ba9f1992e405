// What is pasted into a terminal: what may be in it, and when it is asked about first.

/** What a terminal's program must not get from a clipboard: control characters other than tabs and line ends, an escape
 *  above all, as it could end the brackets around the text. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const controls = /[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]/g

export const stripControlCharacters = (text: string): string => text.replace(controls, '')

/** How many lines there are to be asked about: 0 where the text is one, or the program takes several as one paste. */
export function countLinesToConfirm(text: string, takesAsOne: boolean, isAsked: boolean): number {
  if (takesAsOne || !isAsked) return 0
  const lines = text.replace(/(?:\r\n|\r|\n)$/, '').split(/\r\n|\r|\n/)
  return lines.length > 1 ? lines.length : 0
}

/** The lines one after the other, with a space where they met. */
export const joinLines = (text: string): string =>
  text
    .split(/\r\n|\r|\n/)
    .map((line) => line.trim())
    .filter(Boolean)
    .join(' ')
