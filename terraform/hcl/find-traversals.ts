// Finds all references in an expression.

import type { Expression, TemplatePart } from './ast.ts'
import { type Traversal, traversalOf } from './traversal.ts'

/** All references in source order, except those to variables of `for` inside the expression. */
export function findTraversals(expression: Expression): Traversal[] {
  const found: Traversal[] = []
  new TraversalFinder(found).visit(expression)
  return found
}

class TraversalFinder {
  readonly #found: Traversal[]
  /** Variables of the enclosing `for` expressions; may contain duplicates. */
  readonly #names: string[] = []

  constructor(found: Traversal[]) {
    this.#found = found
  }

  visit(expression: Expression): void {
    const traversal = traversalOf(expression)
    if (traversal) {
      const [root] = traversal
      if (root?.kind === 'root' && !this.#names.includes(root.name)) this.#found.push(traversal)
      return
    }
    switch (expression.type) {
      case 'template':
        this.#visitParts(expression.parts)
        break
      case 'attribute':
        this.visit(expression.object)
        break
      case 'index':
        this.visit(expression.collection)
        this.visit(expression.key)
        break
      case 'splat':
        this.visit(expression.source)
        this.visit(expression.each)
        break
      case 'call':
        for (const arg of expression.args) this.visit(arg)
        break
      case 'unary':
        this.visit(expression.operand)
        break
      case 'binary':
        this.visit(expression.left)
        this.visit(expression.right)
        break
      case 'conditional':
        this.visit(expression.condition)
        this.visit(expression.then)
        this.visit(expression.otherwise)
        break
      case 'tuple':
        for (const element of expression.elements) this.visit(element)
        break
      case 'object':
        for (const { key, value } of expression.items) {
          this.visit(key)
          this.visit(value)
        }
        break
      case 'for':
        this.visit(expression.collection)
        this.#withNames(expression, () => {
          if (expression.key) this.visit(expression.key)
          this.visit(expression.value)
          if (expression.condition) this.visit(expression.condition)
        })
        break
      case 'parentheses':
        this.visit(expression.inner)
        break
    }
  }

  #visitParts(parts: readonly TemplatePart[]): void {
    for (const part of parts) {
      if (part.type === 'interpolation') this.visit(part.expression)
      else if (part.type === 'if') {
        this.visit(part.condition)
        this.#visitParts(part.then)
        this.#visitParts(part.otherwise)
      } else if (part.type === 'for') {
        this.visit(part.collection)
        this.#withNames(part, () => this.#visitParts(part.body))
      }
    }
  }

  #withNames({ keyName, valueName }: { keyName: string | undefined; valueName: string }, visit: () => void): void {
    const before = this.#names.length
    if (keyName !== undefined) this.#names.push(keyName)
    this.#names.push(valueName)
    visit()
    this.#names.length = before
  }
}
