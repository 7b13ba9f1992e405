// References in source form: dotted names.

import type * as ast from '../../hcl/ast.ts'
import type { Reference, Step } from '../scope.ts'

export const stepOf = ({ name, nameRange, stepRange }: ast.AttributeAccess): Step => ({
  name,
  range: nameRange,
  stepRange,
})

/** The names of a reference expression; undefined for other expressions. */
export function referenceOf(expression: ast.Expression): Reference | undefined {
  const steps: Step[] = []
  let at = expression
  while (at.type === 'attribute') {
    steps.push(stepOf(at))
    at = at.object
  }
  if (at.type !== 'variable') return undefined
  steps.push({ name: at.name, range: at.range })
  return steps.reverse()
}
