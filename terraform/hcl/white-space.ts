// Blanks as Go has them: a byte order mark is none, while JavaScript takes it for one.

const blanksBefore = /^\p{White_Space}+/u
const blanksBehind = /\p{White_Space}+$/u

export const trimStart = (text: string): string => text.replace(blanksBefore, '')
export const trimEnd = (text: string): string => text.replace(blanksBehind, '')
