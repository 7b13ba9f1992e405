// The supported language version, and matching of version constraints.

/** The OpenTofu version with the same language; `.ci/tofu.sh` builds it for comparison. */
export const languageVersion = '1.12.6'

interface Constraint {
  readonly operator: string
  /** The version numbers as written. */
  readonly numbers: readonly number[]
  readonly isPrerelease: boolean
}

const constraintForm = /^\s*(=|!=|>=?|<=?|~>)?\s*v?(\d+(?:\.\d+){0,2})(-[\w.-]+)?(?:\+[\w.-]+)?\s*$/

/** `>= 1.0, < 2.0`; undefined if invalid. */
export function parseConstraints(text: string): readonly Constraint[] | undefined {
  const constraints = text.split(',').map((part) => {
    const [, operator = '=', version, prerelease] = constraintForm.exec(part) ?? []
    if (version === undefined) return undefined
    return { operator, numbers: version.split('.').map(Number), isPrerelease: prerelease !== undefined }
  })
  return constraints.every((constraint) => constraint !== undefined) ? constraints : undefined
}

export function allowsLanguage(constraints: readonly Constraint[], candidate = languageVersion): boolean {
  const version = candidate.split('.').map(Number)
  return constraints.every(({ operator, numbers }) => {
    const order = compare(version, numbers)
    switch (operator) {
      case '!=':
        return order !== 0
      case '>':
        return order > 0
      case '>=':
        return order >= 0
      case '<':
        return order < 0
      case '<=':
        return order <= 0
      case '~>':
        // Only the last written number may increase.
        return order >= 0 && numbers.slice(0, -1).every((number, at) => number === version[at])
      default:
        return order === 0
    }
  })
}

function compare(version: readonly number[], numbers: readonly number[]): number {
  for (const [at, number] of version.entries()) if (number !== (numbers[at] ?? 0)) return number - (numbers[at] ?? 0)
  return 0
}
