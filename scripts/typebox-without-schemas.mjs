// Stands in for typebox in the bundles that only call the contract: the command line, the agent and the pages need of an
// endpoint its method and its path. coderd checks what goes in and out; building its several thousand schemas there too
// would take longer than many a command.

/** What is looked at: the contract itself, while it is put together, at a JSON type and the properties it spreads; whoever
 *  fills lists at where these are. */
const schema = { type: 'string', properties: {} }

/** @type {Record<string, (...parts: any[]) => unknown>} */
const known = {
  Object: (properties) => ({ type: 'object', properties }),
  Array: (items) => ({ type: 'array', items, properties: {} }),
  Optional: (inner) => inner,
  Unsafe: (inner) => inner,
  Omit: (inner) => inner,
}

export const Type = new Proxy(known, { get: (table, kind) => table[String(kind)] ?? (() => schema) })
