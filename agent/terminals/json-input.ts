// Input of Coder's terminal clients: concatenated JSON objects `{"data": text}` and `{"height": rows, "width": cols}`;
// message boundaries have no meaning.

import { StringDecoder } from 'node:string_decoder'
import { maxMessageBytes } from '../../api/agents/agent-protocol.ts'

export interface JsonInput {
  readonly data?: string
  readonly height?: number
  readonly width?: number
}

/**
 * A function that accepts chunks of bytes and calls `onInput` for each complete object.
 * @throws SyntaxError, from that function, for anything but a JSON object.
 */
export function jsonInputReader(onInput: (input: JsonInput) => void): (bytes: Uint8Array) => void {
  const decoder = new StringDecoder('utf8')
  let text = ''
  let scanned = 0
  let depth = 0
  let inString = false
  let isEscaped = false

  function step(character: string): boolean {
    if (isEscaped) isEscaped = false
    else if (inString) {
      if (character === '\\') isEscaped = true
      else if (character === '"') inString = false
    } else if (character === '"') inString = true
    else if (character === '{') depth++
    else if (character === '}' && depth > 0) return --depth === 0
    if (depth === 0 && /\S/.test(character)) throw new SyntaxError('Terminal input must consist of JSON objects.')
    return false
  }

  return (bytes) => {
    text += decoder.write(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength))
    if (text.length > maxMessageBytes) throw new SyntaxError('A JSON object of terminal input is too long.')
    let start = 0
    for (; scanned < text.length; scanned++) {
      if (!step(text[scanned] as string)) continue
      onInput(toInput(JSON.parse(text.slice(start, scanned + 1))))
      start = scanned + 1
    }
    text = text.slice(start)
    scanned = text.length
  }
}

function toInput(value: Record<string, unknown>): JsonInput {
  const { data, height, width } = value
  return {
    ...(typeof data === 'string' ? { data } : {}),
    ...(typeof height === 'number' && typeof width === 'number' ? { height, width } : {}),
  }
}
