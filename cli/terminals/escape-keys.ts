// What a person types to leave a terminal that passes everything on: as in SSH, a character at the beginning of a line and
// then a dot. Everything else is passed on as it is, the character alone as soon as what follows is something else.

export type EscapeAction = 'detach' | 'help'

export interface EscapeKeys {
  /** @returns what is to be passed on */
  take(bytes: Buffer): Buffer
}

const enter = new Set(['\r'.charCodeAt(0), '\n'.charCodeAt(0)])
const actions: Readonly<Record<string, EscapeAction>> = { '.': 'detach', '?': 'help' }

/** @param character one ASCII character; empty for none */
export function escapeKeys(character: string, onAction: (action: EscapeAction) => void): EscapeKeys {
  const first = character.charCodeAt(0)
  let isAtStart = true
  let isHeld = false
  return {
    take(bytes) {
      if (character === '') return bytes
      const passed: number[] = []
      for (const byte of bytes) {
        if (isHeld) {
          isHeld = false
          const action = actions[String.fromCharCode(byte)]
          if (action) {
            isAtStart = true
            onAction(action)
            continue
          }
          // Twice is once.
          passed.push(first)
          isAtStart = false
          if (byte === first) continue
        } else if (isAtStart && byte === first) {
          isHeld = true
          continue
        }
        passed.push(byte)
        isAtStart = enter.has(byte)
      }
      return Buffer.from(passed)
    },
  }
}
