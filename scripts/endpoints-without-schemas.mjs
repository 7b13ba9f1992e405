// Vite plugin: removes the schemas from the endpoints that pages call, and thereby from the bundle. Pages need the method
// and path only; the compiler derives the types from the sources. Removed text becomes white space, so that positions
// in the source map stay valid.

const schemaProperties = new Set(['params', 'query', 'body', 'responses'])

/** @returns {import('vite').Plugin} */
export const endpointsWithoutSchemas = () => ({
  name: 'endpoints-without-schemas',
  enforce: 'pre',
  transform: (code, id) => (/\/api\/[^?]*\.ts$/.test(id) ? { code: removeSchemas(code), map: null } : undefined),
})

/** Replaces the schemas in all `endpoint({…})` calls by white space.
 *  @param {string} code */
export function removeSchemas(code) {
  let result = code
  for (const { index } of code.matchAll(/\bendpoint\(\{/g)) {
    const start = index + 'endpoint({'.length
    for (const [from, to] of schemasOf(code, start)) {
      result = result.slice(0, from) + code.slice(from, to).replace(/\S/g, ' ') + result.slice(to)
    }
  }
  return result
}

/** Ranges of the schema properties of an object literal, with their commas.
 *  @param {string} code
 *  @param {number} start after the opening brace
 *  @returns {[from: number, to: number][]} */
function schemasOf(code, start) {
  /** @type {[from: number, to: number][]} */
  const ranges = []
  let propertyStart = start
  let depth = 0
  for (let position = start; position < code.length; position++) {
    position = skipTextAt(code, position)
    const character = code.charAt(position)
    const isEnd = depth === 0 && character === '}'
    if (depth === 0 && (character === ',' || isEnd)) {
      const [, name = ''] = /^(?:\s|\/\/.*|\/\*[\s\S]*?\*\/)*(\w+)/.exec(code.slice(propertyStart, position)) ?? []
      if (schemaProperties.has(name)) ranges.push([propertyStart, isEnd ? position : position + 1])
      propertyStart = position + 1
    }
    if (isEnd) return ranges
    if ('([{'.includes(character)) depth++
    if (')]}'.includes(character)) depth--
  }
  throw new Error('An endpoint declaration has no end.')
}

/** The last position of the string or comment that starts here, otherwise the position itself.
 *  @param {string} code
 *  @param {number} position */
function skipTextAt(code, position) {
  const rest = code.slice(position, position + 2)
  if (rest === '//') return code.indexOf('\n', position)
  if (rest === '/*') return code.indexOf('*/', position) + 1
  const quote = code[position]
  if (quote !== "'" && quote !== '"' && quote !== '`') return position
  let end = position + 1
  while (code[end] !== quote) end += code[end] === '\\' ? 2 : 1
  return end
}
