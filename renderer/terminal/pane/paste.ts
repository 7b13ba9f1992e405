// Rules for pasted text: which characters are removed, and when the user confirms.

import { stripControlCharacters } from '../../../lib/control-characters.ts'

/** Removes control characters other than tabs and line breaks: an escape sequence could end a bracketed paste early. */
export const cleanPaste = (text: string): string => stripControlCharacters(text.replace(/\r\n?/g, '\n'))

/** A command of the history as it is shown and inserted: without control characters and final line breaks. */
export const cleanCommand = (command: string): string => cleanPaste(command).trimEnd()

/** The input for a paste. Terminals send line breaks as carriage returns.
 *  @param text without control characters */
export function encodePaste(text: string, hasBracketedPaste: boolean): string {
  const typed = text.replaceAll('\n', '\r')
  return hasBracketedPaste ? `\x1b[200~${typed}\x1b[201~` : typed
}

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
