// The results of conditions by object (variables, outputs, resources, `check` blocks), in the state's form.

export type CheckStatus = 'pass' | 'fail' | 'error' | 'unknown'

type CheckedKind = 'var' | 'output' | 'resource' | 'check'

export interface CheckedObject {
  readonly kind: CheckedKind
  /** Without instance keys. */
  readonly configAddress: string
  readonly address: string
}

interface Result {
  readonly object: CheckedObject
  status: CheckStatus
  readonly messages: string[]
}

// An object has the worst status of its conditions.
const bySeverity: readonly CheckStatus[] = ['pass', 'unknown', 'fail', 'error']
const worseOf = (a: CheckStatus, b: CheckStatus) => (bySeverity.indexOf(a) >= bySeverity.indexOf(b) ? a : b)

export class CheckResults {
  readonly #results = new Map<string, Result>()

  record(object: CheckedObject, status: CheckStatus, message?: string): void {
    const existing = this.#results.get(object.address)
    const result: Result = existing ?? { object, status, messages: [] }
    result.status = worseOf(result.status, status)
    if (message !== undefined) result.messages.push(message)
    if (!existing) this.#results.set(object.address, result)
  }

  /** Objects without a result here have that of `earlier`. Null without conditions. */
  toJson(earlier?: CheckResults): unknown {
    const all = new Map([...(earlier ? earlier.#results : []), ...this.#results])
    const groups = new Map<string, Result[]>()
    for (const result of all.values()) {
      const group = groups.get(result.object.configAddress)
      if (group) group.push(result)
      else groups.set(result.object.configAddress, [result])
    }
    return groups.size === 0 ? null : [...groups].map(([address, results]) => describeGroup(address, results))
  }
}

function describeGroup(address: string, results: readonly Result[]): unknown {
  return {
    object_kind: results[0]?.object.kind,
    config_addr: address,
    status: results.map(({ status }) => status).reduce(worseOf),
    objects: results.map(({ object, status, messages }) => ({
      object_addr: object.address,
      status,
      ...(messages.length > 0 && { failure_messages: messages }),
    })),
  }
}
