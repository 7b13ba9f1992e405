// What a person types to leave a terminal that passes everything on: as in SSH, a character at the beginning of a line and
// then a dot. Everything else is passed on as it is, the character alone as soon as what follows is something else.

export type EscapeAction = 'detach' | 'help'

interface EscapeKeyHandlers {
  /** What is to go where the person types. */
  pass(bytes: Buffer): void
  /** Comes after all that was typed before it. */
  act(action: EscapeAction): void
}

const enter = new Set(['\r'.charCodeAt(0), '\n'.charCodeAt(0)])
const actions: Readonly<Record<string, EscapeAction>> = { '.': 'detach', '?': 'help' }

/** @param character one ASCII character; empty for none. @returns takes what is typed */
export function createEscapeKeyFilter(character: string, taken: EscapeKeyHandlers): (bytes: Buffer) => void {
  if (character === '') return (bytes) => taken.pass(bytes)
  const first = character.charCodeAt(0)
  let isAtStart = true
  let isHeld = false
  let passed: number[] = []

  function pass() {
    if (passed.length > 0) taken.pass(Buffer.from(passed))
    passed = []
  }

  return (bytes) => {
    for (const byte of bytes) {
      if (isHeld) {
        isHeld = false
        const action = actions[String.fromCharCode(byte)]
        if (action) {
          isAtStart = true
          pass()
          taken.act(action)
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
    pass()
  }
}
