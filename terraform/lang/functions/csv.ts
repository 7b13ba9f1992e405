// Parses CSV by RFC 4180: quoted fields may contain commas, line breaks and doubled quotes.

/** Returns the records or an error. Skips empty lines. */
export function parseCsv(text: string): string[][] | { readonly problem: string } {
  const records: string[][] = []
  let record: string[] = []
  let at = 0
  while (at < text.length) {
    if (record.length === 0) {
      const blank = /\r?\n/y
      blank.lastIndex = at
      if (blank.test(text)) {
        at = blank.lastIndex
        continue
      }
    }
    const field = text[at] === '"' ? readQuoted(text, at) : readBare(text, at)
    if ('problem' in field) return field
    record.push(field.text)
    at = field.end
    if (text[at] === ',') {
      at++
      if (at < text.length) continue
      record.push('')
    }
    records.push(record)
    record = []
    if (text[at] === '\r') at++
    if (text[at] === '\n') at++
  }
  return records
}

type Field = { readonly text: string; readonly end: number } | { readonly problem: string }

function readBare(text: string, start: number): Field {
  const pattern = /[^,\r\n]*(?:\r(?!\n)[^,\r\n]*)*/y
  pattern.lastIndex = start
  const field = pattern.exec(text)?.[0] ?? ''
  return field.includes('"')
    ? { problem: 'an unquoted field contains a quote' }
    : { text: field, end: start + field.length }
}

function readQuoted(text: string, start: number): Field {
  let content = ''
  let at = start + 1
  for (;;) {
    const quote = text.indexOf('"', at)
    if (quote === -1) return { problem: 'the closing quote of a field is missing' }
    content += text.slice(at, quote)
    if (text[quote + 1] !== '"') {
      const next = text[quote + 1]
      const isEnd = next === undefined || next === ',' || next === '\n' || text.startsWith('\r\n', quote + 1)
      // Line breaks inside a field count as one character.
      return isEnd
        ? { text: content.replaceAll('\r\n', '\n'), end: quote + 1 }
        : { problem: 'text follows the closing quote of a field' }
    }
    content += '"'
    at = quote + 2
  }
}
