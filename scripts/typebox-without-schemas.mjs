// Stub of typebox for bundles that only call endpoints: CLI, agent and pages need the method and path of an endpoint.
// Only coderd validates bodies; building its several thousand schemas takes longer than many CLI commands.

/** The contract reads the JSON type and spreads the properties of schemas; the client reads the location of lists. */
const schema = { type: 'string', properties: {} }

/** @type {Record<string, (...parts: any[]) => unknown>} */
const builders = {
  Object: (properties) => ({ type: 'object', properties }),
  Array: (items) => ({ type: 'array', items, properties: {} }),
  Optional: (inner) => inner,
  Unsafe: (inner) => inner,
  Omit: (inner) => inner,
}

export const Type = new Proxy(builders, { get: (table, kind) => table[String(kind)] ?? (() => schema) })
