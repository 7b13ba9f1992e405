// The escape sequences of an attached terminal, like those of ssh: an escape character at the start of a line, followed by
// a dot. All other input passes unchanged; the escape character itself passes once the next character is not an action.

export type EscapeAction = 'detach' | 'help'

interface EscapeKeyHandlers {
  /** Receives the input for the session. */
  pass(bytes: Buffer): void
  /** Called after `pass` has received all earlier input. */
  act(action: EscapeAction): void
}

const enter = new Set(['\r'.charCodeAt(0), '\n'.charCodeAt(0)])
const actions: Readonly<Record<string, EscapeAction>> = { '.': 'detach', '?': 'help' }

/** @param character one ASCII character; empty for none. @returns the filter for typed input */
export function createEscapeKeyFilter(character: string, handlers: EscapeKeyHandlers): (bytes: Buffer) => void {
  if (character === '') return (bytes) => handlers.pass(bytes)
  const first = character.charCodeAt(0)
  let isAtStart = true
  let isEscaped = false
  let output: number[] = []

  function pass() {
    if (output.length > 0) handlers.pass(Buffer.from(output))
    output = []
  }

  return (bytes) => {
    for (const byte of bytes) {
      if (isEscaped) {
        isEscaped = false
        const action = actions[String.fromCharCode(byte)]
        if (action) {
          isAtStart = true
          pass()
          handlers.act(action)
          continue
        }
        // Two escape characters send one.
        output.push(first)
        isAtStart = false
        if (byte === first) continue
      } else if (isAtStart && byte === first) {
        isEscaped = true
        continue
      }
      output.push(byte)
      isAtStart = enter.has(byte)
    }
    pass()
  }
}
