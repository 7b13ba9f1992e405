// Text encodings other than UTF-8. Encoding tables are derived from the runtime's decoders by
// decoding every byte and every byte pair once.

const tables = new Map<string, ReadonlyMap<string, Uint8Array>>()

// Aliases that the WHATWG decoders do not have or define differently.
const aliases: Readonly<Record<string, string>> = { 'utf-16': 'utf-16be', 'iso-8859-1': 'latin1', latin1: 'latin1' }

type Decoder = InstanceType<typeof TextDecoder>

function decoderOf(encoding: string): Decoder | undefined {
  try {
    return new TextDecoder(encoding, { fatal: true, ignoreBOM: true })
  } catch {
    return undefined
  }
}

/** The encoded bytes, an error, or undefined for an unknown encoding. */
export function encodeText(text: string, encoding: string): Uint8Array | { readonly problem: string } | undefined {
  const name = aliases[encoding.toLowerCase()] ?? encoding.toLowerCase()
  if (name === 'utf-8' || name === 'utf8') return Buffer.from(text)
  if (name === 'utf-16le') return Buffer.from(text, 'utf16le')
  if (name === 'utf-16be') return Buffer.from(text, 'utf16le').swap16()
  const table = name === 'latin1' ? latin1Table : tableOf(name)
  if (!table) return undefined
  const bytes: number[] = []
  for (const character of text) {
    const encoded = table.get(character)
    if (!encoded) return { problem: `${encoding} has no character ${JSON.stringify(character)}` }
    bytes.push(...encoded)
  }
  return Uint8Array.from(bytes)
}

/** The decoded text, an error, or undefined for an unknown encoding. */
export function decodeText(bytes: Buffer, encoding: string): string | { readonly problem: string } | undefined {
  const name = aliases[encoding.toLowerCase()] ?? encoding.toLowerCase()
  if (name === 'latin1') return bytes.toString('latin1')
  const decoder = decoderOf(name)
  if (!decoder) return undefined
  try {
    return decoder.decode(bytes)
  } catch {
    return { problem: `the bytes are not valid ${encoding}` }
  }
}

const latin1Table: ReadonlyMap<string, Uint8Array> = new Map(
  Array.from({ length: 256 }, (_, code) => [String.fromCharCode(code), Uint8Array.of(code)]),
)

function tableOf(name: string): ReadonlyMap<string, Uint8Array> | undefined {
  const cached = tables.get(name)
  if (cached) return cached
  const decoder = decoderOf(name)
  if (!decoder) return undefined
  const table = new Map<string, Uint8Array>()
  for (let first = 0; first < 256; first++) {
    if (!addEncoding(table, decoder, Uint8Array.of(first))) {
      for (let second = 0x40; second < 256; second++) addEncoding(table, decoder, Uint8Array.of(first, second))
    }
  }
  tables.set(name, table)
  return table
}

function addEncoding(table: Map<string, Uint8Array>, decoder: Decoder, bytes: Uint8Array): boolean {
  try {
    const text = decoder.decode(bytes)
    if ([...text].length === 1 && !table.has(text)) table.set(text, bytes)
    return text !== ''
  } catch {
    return false
  }
}
