// Blanks as Go has them: a byte order mark is none, while JavaScript takes it for one.

const leadingWhiteSpace = /^\p{White_Space}+/u
const trailingWhiteSpace = /\p{White_Space}+$/u

export const trimStart = (text: string): string => text.replace(leadingWhiteSpace, '')
export const trimEnd = (text: string): string => text.replace(trailingWhiteSpace, '')
