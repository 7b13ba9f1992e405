// Rules for pasted text: which characters are removed, and when the user confirms.

/** Control characters other than tabs and line breaks. An escape sequence could end a bracketed paste early. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: the expression removes them
const controlCharacters = /[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]/g

export const stripControlCharacters = (text: string): string => text.replace(controlCharacters, '')

/** Number of lines to confirm; 0 for a single line, or if the program accepts several lines as one paste. */
export function countLinesToConfirm(text: string, hasBracketedPaste: boolean, requiresConfirmation: boolean): number {
  if (hasBracketedPaste || !requiresConfirmation) return 0
  const lines = text.replace(/(?:\r\n|\r|\n)$/, '').split(/\r\n|\r|\n/)
  return lines.length > 1 ? lines.length : 0
}

/** Joins the lines with single spaces. */
export const joinLines = (text: string): string =>
  text
    .split(/\r\n|\r|\n/)
    .map((line) => line.trim())
    .filter(Boolean)
    .join(' ')
