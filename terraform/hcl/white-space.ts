// Trimming of white space as defined by Unicode and Go. JavaScript's `trim` also removes byte order marks.

const leadingWhiteSpace = /^\p{White_Space}+/u
const trailingWhiteSpace = /\p{White_Space}+$/u

export const trimStart = (text: string): string => text.replace(leadingWhiteSpace, '')
export const trimEnd = (text: string): string => text.replace(trailingWhiteSpace, '')
