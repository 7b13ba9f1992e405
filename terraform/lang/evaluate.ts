// Evaluates expressions. Never throws for what a template says: an expression that cannot be evaluated is told as a
// diagnostic and is unknown, so that what depends on it is evaluated as far as possible.

import { type Diagnostic, errorAt, hasErrors, type NamedValue } from '../diagnostics.ts'
import type * as ast from '../hcl/ast.ts'
import { parseTemplateText } from '../hcl/parse-body.ts'
import type { Range } from '../hcl/source.ts'
import { startRange } from '../hcl/start-range.ts'
import { type Traversal, traversalOf } from '../hcl/traversal.ts'
import { convert, failed } from '../values/convert.ts'
import { eitherOf, refine, refinementOf, safePrefix } from '../values/refinement.ts'
import {
  boolType,
  describeType,
  dynamicType,
  listType,
  stringType,
  type Type,
  tupleType,
  typesEqual,
} from '../values/type.ts'
import { unify } from '../values/unify.ts'
import {
  absent,
  absentMark,
  asOpen,
  deepMarks,
  int,
  isOfAbsent,
  isWhollyKnown,
  list,
  nullOf,
  object,
  primitiveText,
  sizeOf,
  string,
  tuple,
  typeOf,
  type UnknownValue,
  unknown,
  unknownNotNull,
  type Value,
  withMarks,
} from '../values/value.ts'
import { type AccessFailure, getAttribute, getIndex } from './access.ts'
import { calledFunction, callFunction, checkCount, convertArguments, functionOf } from './call-function.ts'
import { explain } from './explain.ts'
import { type Failure, type FunctionEnvironment, type FunctionTable, fail } from './functions/function.ts'
import { functions } from './functions/table.ts'
import { applyBinary, applyUnary, decide, type OperatorResult, resultTypeOf, unsuitableOperands } from './operators.ts'
import { maxTextLength, maxValueSize, type Outcome, type Reference, type Scope, type Step } from './scope.ts'

export type Evaluated = Outcome

export function evaluate(expression: ast.Expression, scope: Scope): Evaluated {
  return scope.memory
    ? scope.memory.recall(expression, scope, (inner) => run(expression, inner))
    : run(expression, scope)
}

function run(expression: ast.Expression, scope: Scope): Evaluated {
  const evaluator = new Evaluator(scope)
  const value = evaluator.evaluate(expression)
  return { value, diagnostics: evaluator.diagnostics }
}

/** Evaluates and converts; what does not convert is told at the expression. `what` names it: `count`. */
export function evaluateTo(
  expression: ast.Expression,
  type: Type,
  scope: Scope,
  what: string,
  summary = 'Incorrect value type',
): Evaluated {
  const { value, diagnostics } = evaluate(expression, scope)
  const converted = convert(value, type)
  if (!failed(converted)) return { value: converted, diagnostics }
  if (isOfAbsent(value)) return { value: absent(type), diagnostics }
  // What could not be evaluated has no type to speak of.
  if (hasErrors(diagnostics)) return { value: unknown(type), diagnostics }
  const detail = `Inappropriate value for ${what}: ${converted.problem}.`
  const problem = explainIn(errorAt(expression.range, summary, detail), expression, scope)
  return { value: unknown(type), diagnostics: [...diagnostics, problem] }
}

/** Beside the diagnostic, what the names in the expression stand for. */
export function explainIn(diagnostic: Diagnostic, expression: ast.Expression, scope: Scope): Diagnostic {
  const values = new Evaluator(scope).explain(expression)
  return values.length > 0 ? { ...diagnostic, values } : diagnostic
}

// So that the steps are used up by about as many errors as are told.
const stepsOfError = 1_000

const forKeyProblem = 'Invalid object key'
const inconsistentResults = 'Inconsistent conditional result types'

class Evaluator {
  readonly diagnostics: Diagnostic[] = []
  readonly #scope: Scope
  /** Variables of the `for` expressions around, innermost last. */
  readonly #names: Map<string, Value>
  readonly #splatItems = new Map<ast.SplatItem, Value>()

  /** Whether what fails is not told, so that nobody asks why. */
  readonly #isTrial: boolean

  constructor(scope: Scope, names: ReadonlyMap<string, Value> = new Map(), isTrial = false) {
    this.#scope = scope
    this.#names = new Map(names)
    this.#isTrial = isTrial
  }

  evaluate(expression: ast.Expression): Value {
    switch (expression.type) {
      case 'literal':
        return expression.value
      case 'template':
        return this.#template(expression)
      case 'variable':
      case 'attribute':
        return this.#reference(expression)
      case 'index':
        return this.#index(expression)
      case 'splat':
        return this.#splat(expression)
      case 'splat-item':
        return this.#splatItems.get(expression) ?? unknown()
      case 'call':
        return this.#call(expression)
      case 'unary':
        return this.#operator(applyUnary(expression.operator, this.evaluate(expression.operand)), expression)
      case 'binary':
        return this.#binary(expression)
      case 'conditional':
        return this.#conditional(expression)
      case 'tuple':
        return this.#bounded(tuple(expression.elements.map((element) => this.evaluate(element))), expression.range)
      case 'object':
        return this.#object(expression)
      case 'for':
        return this.#for(expression)
      case 'parentheses':
        return this.evaluate(expression.inner)
      case 'invalid':
        return unknown()
    }
  }

  /** `from` is what could not be evaluated. */
  #error(range: Range, summary: string, detail: string, from?: ast.Expression): Value {
    this.#tell(this.#explained(errorAt(range, summary, detail), from))
    return unknown()
  }

  /** A mistake in the middle of a loop is told so often that it counts as many steps. */
  #tell(diagnostic: Diagnostic): void {
    this.diagnostics.push(diagnostic)
    if (!this.#isTrial && diagnostic.severity === 'error') this.#scope.limits.steps -= stepsOfError
  }

  #explained(diagnostic: Diagnostic, from: ast.Expression | undefined): Diagnostic {
    const values = from && !this.#isTrial ? this.explain(from) : []
    return values.length > 0 ? { ...diagnostic, values } : diagnostic
  }

  explain(expression: ast.Expression): readonly NamedValue[] {
    return explain(expression, (traversal) => this.#valueOf(traversal))
  }

  #valueOf([root, ...steps]: Traversal): Value | undefined {
    if (root?.kind !== 'root') return undefined
    const bound = this.#names.get(root.name)
    const named = steps.findIndex((step) => step.kind === 'index')
    const names = (named < 0 ? steps : steps.slice(0, named)).flatMap((step) => (step.kind === 'index' ? [] : [step]))
    let isBroken = false
    const resolved = bound
      ? { value: bound, consumed: 1 }
      : this.#scope.resolve([root, ...names], () => {
          isBroken = true
        })
    let value: Value | AccessFailure = resolved.value
    for (const step of steps.slice(resolved.consumed - 1)) {
      if (isBroken || 'problem' in value) return undefined
      value = step.kind === 'index' ? getIndex(value, step.key) : getAttribute(value, step.name)
    }
    return isBroken || 'problem' in value || resolved.consumed > steps.length + 1 ? undefined : value
  }

  /** Counts work that a template can ask for without limit. */
  #step(range: Range, steps = 1): boolean {
    const { limits } = this.#scope
    const before = limits.steps
    limits.steps -= steps
    if (limits.steps >= 0) return true
    if (before >= 0) {
      this.#error(
        range,
        'Too much computation',
        'This template needs more steps than any template may. Use smaller collections.',
      )
    }
    return false
  }

  #bounded(value: Value, range: Range): Value {
    const isTooLarge = sizeOf(value) > maxValueSize || (value.kind === 'string' && value.value.length > maxTextLength)
    if (!isTooLarge) return value
    return this.#error(
      range,
      'Value too large',
      'This value would not fit into any plan. Use smaller collections or texts.',
    )
  }

  #reference(expression: ast.Variable | ast.AttributeAccess): Value {
    const steps = referenceOf(expression)
    if (!steps) {
      const access = expression as ast.AttributeAccess
      return this.#attribute(this.evaluate(access.object), stepOf(access), expression)
    }
    const [first, ...rest] = steps
    const bound = first && this.#names.get(first.name)
    if (bound) return rest.reduce<Value>((value, step) => this.#attribute(value, step, expression), bound)
    const { value, consumed } = this.#scope.resolve(steps, (diagnostic) => this.#tell(diagnostic))
    return steps.slice(consumed).reduce<Value>((object, step) => this.#attribute(object, step, expression), value)
  }

  #attribute(value: Value, step: Step, from: ast.Expression): Value {
    const result = getAttribute(value, step.name)
    return 'problem' in result
      ? this.#error(step.stepRange ?? step.range, result.summary, result.problem, from)
      : result
  }

  #index(expression: ast.Index): Value {
    const collection = this.evaluate(expression.collection)
    const key = this.evaluate(expression.key)
    const result = getIndex(collection, key)
    return 'problem' in result
      ? this.#error(expression.bracketRange, result.summary, result.problem, expression)
      : result
  }

  #splat(expression: ast.Splat): Value {
    const source = this.evaluate(expression.source)
    if (source.kind === 'unknown' && !isOneOfAKind(source)) return this.#splatOfUnknown(expression, source)
    if (source.kind === 'null') return withMarks(tuple([]), source.marks)
    const isSequence = source.kind === 'list' || source.kind === 'set' || source.kind === 'tuple'
    const elements = isSequence ? source.elements : [source]
    const results: Value[] = []
    const before = this.diagnostics.length
    for (const element of elements) {
      if (!this.#step(expression.range)) return unknown()
      this.#splatItems.set(expression.item, element)
      results.push(this.evaluate(expression.each))
    }
    this.#splatItems.delete(expression.item)
    if (hasErrors(this.diagnostics.slice(before))) return unknown(tupleType(results.map(typeOf)))
    const shared = isSequence && source.kind !== 'tuple' ? unify(results.map(typeOf)) : undefined
    return this.#bounded(withMarks(shared ? list(shared, results) : tuple(results), source.marks), expression.range)
  }

  /** What its elements will be is not known, but of what type, and how many there are. */
  #splatOfUnknown(expression: ast.Splat, source: UnknownValue): Value {
    const each = (type: Type): Type => {
      this.#splatItems.set(expression.item, unknown(type))
      const result = typeOf(this.evaluate(expression.each))
      this.#splatItems.delete(expression.item)
      return result
    }
    const { type, minLength, maxLength } = source
    if (type.kind === 'tuple') return withMarks(unknownNotNull(tupleType(type.elements.map(each))), source.marks)
    if (type.kind !== 'list' && type.kind !== 'set') {
      // Even if it turns out to be null, it must have what is asked of it.
      if (type.kind !== 'dynamic') each(type)
      return withMarks(unknown(), source.marks)
    }
    const lengths = {
      ...(minLength !== undefined && { minLength }),
      ...(maxLength !== undefined && { maxLength }),
    }
    return withMarks(refine(unknownNotNull(listType(each(type.element))), lengths), source.marks)
  }

  #operator(result: OperatorResult, expression: ast.Unary | ast.Binary): Value {
    if (!('problem' in result)) return result
    const blamed = blamedIn(expression, result.operand)
    const summary = blamed === expression ? 'Operation failed' : 'Invalid operand'
    this.#error(blamed.range, summary, result.problem, blamed)
    return unknown(expression.operator === '!' ? boolType : resultTypeOf(expression.operator))
  }

  #binary(expression: ast.Binary): Value {
    const { operator } = expression
    const before = this.diagnostics.length
    const left = this.evaluate(expression.left)
    const between = this.diagnostics.length
    const right = this.evaluate(expression.right)
    const failures = unsuitableOperands(operator, left, right)
    for (const failure of failures) this.#operator(failure, expression)
    if (failures.length > 0) return unknown(resultTypeOf(operator))
    const decision = decide(operator, left, right, hasErrors(this.diagnostics.slice(before, between)))
    // What the other side would be does not matter then, also not why it failed: `x != null && x.y`.
    if (decision?.by === 'left') this.diagnostics.splice(between)
    if (decision?.by === 'right') this.diagnostics.splice(before, between - before)
    if (decision) return decision.result
    // What is wrong with an operand is not told again as what is wrong with the operation.
    if (hasErrors(this.diagnostics.slice(before))) return unknown(resultTypeOf(operator))
    return this.#operator(applyBinary(operator, left, right), expression)
  }

  #conditional(expression: ast.Conditional): Value {
    const then = this.#attempt(expression.then)
    const otherwise = this.#attempt(expression.otherwise)
    const type =
      sharedResultType(then.value, otherwise.value) ?? sharedResultType(asOpen(then.value), asOpen(otherwise.value))
    if (!type) return this.#inconsistent(expression, then.value, otherwise.value)
    const condition = this.#condition(expression.condition)
    // Which result was chosen says something of both.
    const marks = condition.marks | then.value.marks | otherwise.value.marks
    if (condition.kind !== 'bool') {
      // The result that will not be chosen may well be impossible.
      return withMarks(undecided(then.value, otherwise.value, type), marks)
    }
    const chosen = condition.value ? then : otherwise
    this.diagnostics.push(...chosen.diagnostics)
    const converted = convert(chosen.value, type)
    if (!failed(converted)) return withMarks(converted, marks)
    const from = condition.value ? expression.then : expression.otherwise
    const detail = `This result must be of the type of both, but: ${converted.problem}.`
    return this.#error(from.range, inconsistentResults, detail, from)
  }

  #inconsistent(expression: ast.Conditional, then: Value, otherwise: Value): Value {
    const detail = `The true and false results must have one type; here they are ${describeType(typeOf(then))} and ${describeType(typeOf(otherwise))}.`
    const range = { ...expression.then.range, end: expression.otherwise.range.end }
    return this.#error(range, inconsistentResults, detail, expression)
  }

  #condition(expression: ast.Expression, isOfFor = false): Value {
    const value = this.evaluate(expression)
    if (value.kind === 'null') {
      const summary = isOfFor ? 'Condition is null' : 'Null condition'
      return this.#error(expression.range, summary, 'The condition is null. It must be true or false.', expression)
    }
    // Only of a `for` is it asked whether what is not known yet can become one.
    if (value.kind === 'unknown' && !isOfFor) return withMarks(unknown(boolType), value.marks)
    const converted = convert(value, boolType)
    if (failed(converted) && isOfAbsent(value)) return absent(boolType)
    if (failed(converted)) {
      const summary = isOfFor ? "Invalid 'for' condition" : 'Incorrect condition type'
      return this.#error(expression.range, summary, 'The condition must be true or false.', expression)
    }
    return converted
  }

  /** Evaluates with the diagnostics kept apart. */
  #attempt(expression: ast.Expression, isTrial = this.#isTrial): Evaluated {
    const inner = new Evaluator(this.#scope, this.#names, isTrial)
    for (const [item, value] of this.#splatItems) inner.#splatItems.set(item, value)
    const value = inner.evaluate(expression)
    return { value, diagnostics: inner.diagnostics }
  }

  #template(expression: ast.Template): Value {
    const [only] = expression.parts
    if (expression.isWrapper && only?.type === 'interpolation') return this.evaluate(only.expression)
    return this.#bounded(this.#concatenate(expression.parts, expression.range), expression.range)
  }

  #concatenate(parts: readonly ast.TemplatePart[], range: Range): Value {
    let text = ''
    let marks = 0
    let isKnown = true
    for (const part of parts) {
      const value = this.#part(part, range)
      marks |= value.marks
      if (value.kind !== 'string') isKnown = false
      // What stands before the first unknown part is how the text begins.
      else if (isKnown) text += value.value
      if (text.length > maxTextLength) return string(text)
    }
    const prefix = isKnown ? '' : safePrefix(text)
    const result = isKnown ? string(text) : refine(unknownNotNull(stringType), prefix === '' ? {} : { prefix })
    return withMarks(result, marks)
  }

  /** A string, or an unknown. */
  #part(part: ast.TemplatePart, range: Range): Value {
    switch (part.type) {
      case 'text':
        return string(part.text)
      case 'interpolation':
        return this.#interpolation(part.expression)
      case 'if': {
        const condition = this.#condition(part.condition)
        if (condition.kind !== 'bool') return withMarks(unknown(stringType), condition.marks)
        const text = this.#concatenate(condition.value ? part.then : part.otherwise, range)
        const other = this.#marksOf(condition.value ? part.otherwise : part.then, range)
        return withMarks(text, condition.marks | other)
      }
      case 'for':
        return this.#templateFor(part, range)
    }
  }

  /** Of what is not chosen, and so may fail: which was chosen says something of both. */
  #marksOf(parts: readonly ast.TemplatePart[], range: Range): number {
    if (parts.every(({ type }) => type === 'text')) return 0
    const before = this.diagnostics.length
    const { marks } = this.#concatenate(parts, range)
    this.diagnostics.splice(before)
    return marks
  }

  /** What a text can not hold is told, and left out of it. */
  #interpolation(expression: ast.Expression): Value {
    const value = this.evaluate(expression)
    if (value.kind === 'unknown') return withMarks(unknown(stringType), value.marks)
    const converted = value.kind === 'null' ? undefined : convert(value, stringType)
    if (converted && !failed(converted)) return converted
    const detail = converted
      ? `The value is ${describeType(typeOf(value))}, which a text can not hold. Use jsonencode or join to make a string of it.`
      : 'The value is null, which a text can not hold. Use coalesce or a condition.'
    this.#error(expression.range, 'Invalid template interpolation value', detail, expression)
    return withMarks(string(''), value.kind === 'null' ? 0 : value.marks)
  }

  #templateFor(part: ast.TemplatePart & { type: 'for' }, range: Range): Value {
    const collection = this.evaluate(part.collection)
    const pairs = this.#pairsOf(collection, part.collection)
    if (!pairs) return withMarks(unknown(stringType), collection.marks)
    let text = ''
    let marks = collection.marks
    let isKnown = true
    for (const [key, value] of pairs) {
      if (!this.#step(range) || text.length > maxTextLength) return this.#bounded(string(text), range)
      const piece = this.#withNames(part, key, value, () => this.#concatenate(part.body, range))
      marks |= piece.marks
      if (piece.kind === 'string') text += piece.value
      else isKnown = false
    }
    return withMarks(isKnown ? string(text) : unknown(stringType), marks)
  }

  /** Keys and values to go through, or undefined when the collection is unknown or none. */
  #pairsOf(given: Value, from: ast.Expression): Iterable<readonly [Value, Value]> | undefined {
    const collection = asOpen(given)
    switch (collection.kind) {
      case 'list':
      case 'tuple':
        return collection.elements.map((element, index) => [int(index), element] as const)
      case 'set':
        return collection.elements.map((element) => [element, element] as const)
      case 'map':
      case 'object':
        return [...collection.entries].map(([key, value]) => [string(key), value] as const)
      case 'unknown':
        if (['string', 'number', 'bool'].includes(collection.type.kind)) this.#notIterable(collection.type.kind, from)
        return undefined
      case 'null':
        this.#error(
          from.range,
          'Iteration over null value',
          'A null value can not be gone through. Use coalesce or a condition.',
          from,
        )
        return undefined
      default:
        this.#notIterable(collection.kind, from)
        return undefined
    }
  }

  #notIterable(kind: Type['kind'], from: ast.Expression): void {
    this.#error(from.range, 'Iteration over non-iterable value', `A ${kind} has no elements to go through.`, from)
  }

  #withNames<T>(names: { keyName: string | undefined; valueName: string }, key: Value, value: Value, run: () => T): T {
    const { keyName, valueName } = names
    const outerKey = keyName === undefined ? undefined : this.#names.get(keyName)
    const outerValue = this.#names.get(valueName)
    if (keyName !== undefined) this.#names.set(keyName, key)
    this.#names.set(valueName, value)
    const result = run()
    this.#restore(valueName, outerValue)
    if (keyName !== undefined) this.#restore(keyName, outerKey)
    return result
  }

  #restore(name: string, value: Value | undefined): void {
    if (value) this.#names.set(name, value)
    else this.#names.delete(name)
  }

  #object(expression: ast.ObjectConstructor): Value {
    const entries: [string, Value][] = []
    let marks = 0
    let isKnown = true
    for (const item of expression.items) {
      // Blamed on the value, as in Terraform: the key itself may be a long expression.
      const whenNull = { summary: 'Null value as key', range: item.value.range }
      const key = isAmbiguousKey(item.key)
        ? this.#error(item.key.range, 'Ambiguous attribute key', ambiguousKeyDetail)
        : this.#key(item.key, 'Incorrect key type', whenNull)
      const value = this.evaluate(item.value)
      if (key.kind === 'string') entries.push([key.value, value])
      else isKnown = false
      marks |= key.marks
    }
    return this.#bounded(withMarks(isKnown ? object(entries) : unknown(), marks), expression.range)
  }

  /** A string, or an unknown. */
  #key(expression: ast.Expression, wrongType: string, whenNull: { summary: string; range: Range }): Value {
    const value = this.evaluate(expression)
    if (value.kind === 'null')
      return this.#error(whenNull.range, whenNull.summary, 'The key of an object can not be null.')
    // Only beside a `for` nothing is held against a key that is not known yet.
    if (value.kind === 'unknown' && wrongType === forKeyProblem) return withMarks(unknown(stringType), value.marks)
    const converted = convert(value, stringType)
    if (!failed(converted)) return converted
    return this.#error(
      expression.range,
      wrongType,
      `The key of an object is a string, not ${describeType(typeOf(value))}.`,
    )
  }

  #for(expression: ast.For): Value {
    const collection = this.evaluate(expression.collection)
    const before = this.diagnostics.length
    const pairs = this.#pairsOf(collection, expression.collection)
    if (hasErrors(this.diagnostics.slice(before))) return unknown()
    if (typeOf(collection).kind !== 'dynamic' && !this.#mayFilter(expression)) return unknown()
    if (!pairs) return withMarks(unknown(), collection.marks)
    const result = expression.key
      ? this.#forObject(expression, expression.key, pairs)
      : this.#forTuple(expression, pairs)
    return this.#bounded(withMarks(result, collection.marks), expression.range)
  }

  /** Whether a condition holds up for anything: asked also where there are no elements. */
  #mayFilter(expression: ast.For): boolean {
    if (!expression.condition) return true
    const before = this.diagnostics.length
    this.#withNames(expression, unknown(), unknown(), () => this.#isIncluded(expression))
    return !hasErrors(this.diagnostics.slice(before))
  }

  #forTuple(expression: ast.For, pairs: Iterable<readonly [Value, Value]>): Value {
    const elements: Value[] = []
    let isKnown = true
    let marks = 0
    for (const [key, value] of pairs) {
      if (!this.#step(expression.range)) return unknown()
      this.#withNames(expression, key, value, () => {
        const included = this.#isIncluded(expression)
        marks |= included.marks
        if (included.kind === 'unknown') isKnown = false
        else if (primitiveText(included) === 'true') elements.push(this.evaluate(expression.value))
      })
    }
    return withMarks(isKnown ? tuple(elements) : unknown(), marks)
  }

  #isIncluded({ condition }: ast.For): Value {
    return condition ? this.#condition(condition, true) : includedAlways
  }

  #forObject(expression: ast.For, keyExpression: ast.Expression, pairs: Iterable<readonly [Value, Value]>): Value {
    const entries = new Map<string, Value[]>()
    let isKnown = true
    let marks = 0
    for (const [key, value] of pairs) {
      if (!this.#step(expression.range)) return unknown()
      this.#withNames(expression, key, value, () => {
        const included = this.#isIncluded(expression)
        marks |= included.marks
        if (included.kind === 'unknown') isKnown = false
        if (primitiveText(included) !== 'true') return
        const whenNull = { summary: forKeyProblem, range: keyExpression.range }
        const name = this.#key(keyExpression, forKeyProblem, whenNull)
        marks |= name.marks
        if (name.kind === 'string') this.#addEntry(entries, name.value, expression)
        else isKnown = false
      })
    }
    const result = [...entries].map(
      ([key, values]) => [key, expression.groups ? tuple(values) : (values[0] ?? unknown())] as const,
    )
    return withMarks(isKnown ? object(result) : unknown(), marks)
  }

  #addEntry(entries: Map<string, Value[]>, key: string, expression: ast.For): void {
    const value = this.evaluate(expression.value)
    const earlier = entries.get(key)
    if (!earlier) entries.set(key, [value])
    else if (expression.groups) earlier.push(value)
    else {
      const detail = `Two elements have the key ${JSON.stringify(key)}. Put ... behind the value to group the values of equal keys.`
      this.#error(expression.key?.range ?? expression.range, 'Duplicate object key', detail)
    }
  }

  #call(expression: ast.Call): Value {
    if (this.#scope.mayCall === false) {
      const detail = 'Functions may not be called here: the value must be written out.'
      return this.#error(expression.range, 'Function calls not allowed', detail)
    }
    const { functions: allowed } = this.#scope
    if (!allowed && expression.name === 'try') return this.#try(expression)
    if (!allowed && expression.name === 'can') return this.#can(expression)
    const table = allowed ?? functions
    const environment = this.#environmentOf(expression)
    const called = functionOf(expression, table, environment)
    if ('summary' in called) return this.#failedCall(called, expression, table)
    const last = this.#expanded(expression)
    if (!last) return unknown()
    const own = expression.expandsLast ? expression.args.slice(0, -1) : expression.args
    const miscounted = checkCount(expression, called, own.length + last.elements.length)
    if (miscounted) return this.#failedCall(miscounted, expression, table)
    const before = this.diagnostics.length
    const given = [...own.map((arg) => this.evaluate(arg)), ...last.elements]
    const { args, diagnostics } = convertArguments(expression, called, given)
    for (const found of diagnostics) this.#failedCall(found, expression, table)
    // What is wrong with an argument is not told again as what is wrong with the call.
    if (hasErrors(this.diagnostics.slice(before))) return unknown()
    if (!this.#step(expression.range, stepsOfCall(args))) return unknown()
    const result = callFunction(expression, called, args, environment)
    for (const found of result.diagnostics) this.#failedCall(found, expression, table)
    return this.#bounded(withMarks(result.value, last.marks), expression.range)
  }

  #environmentOf(expression: ast.Call): FunctionEnvironment {
    return {
      moduleDir: this.#scope.moduleDir,
      mayReadOutsideModule: this.#scope.mayReadOutsideModule,
      alsoReadable: this.#scope.alsoReadable,
      isPlanning: this.#scope.isPlanning ?? false,
      planTime: this.#scope.planTime,
      providerFunction: this.#scope.providerFunction,
      spend: (steps) => this.#step(expression.range, steps),
      noteOneRun: () => this.#scope.noteOneRun?.(),
      render: (text, file, variables) => this.#render(text, file, variables, expression.range),
    }
  }

  #failedCall(problem: Diagnostic, expression: ast.Call, table: FunctionTable = functions): Value {
    this.#tell(this.#calledBy(problem, expression, table))
    return unknown()
  }

  /** An argument that is blamed is shown by itself. */
  #calledBy(found: Diagnostic, expression: ast.Call, table: FunctionTable): Diagnostic {
    if (this.#isTrial) return found
    const at = found.range?.start ?? 0
    const isBlamed = ({ range }: ast.Expression) => range.start <= at && at < range.end
    const arg = found.summary === 'Invalid function argument' ? expression.args.find(isBlamed) : undefined
    return { ...this.#explained(found, arg ?? expression), calledFunction: calledFunction(expression.name, table) }
  }

  /** What the last argument stands for where `...` is behind it; undefined when that is not known yet or no list. */
  #expanded(expression: ast.Call): { readonly elements: readonly Value[]; readonly marks: number } | undefined {
    const last = expression.args.at(-1)
    if (!expression.expandsLast || !last) return nothingExpanded
    const before = this.diagnostics.length
    const value = this.evaluate(last)
    if (value.kind === 'list' || value.kind === 'set' || value.kind === 'tuple') return value
    if (!maySpread(value) && !hasErrors(this.diagnostics.slice(before))) {
      const detail = 'Before ... stands a list, whose elements become arguments.'
      this.#error(last.range, 'Invalid expanding argument value', detail)
    }
    return undefined
  }

  #try(expression: ast.Call): Value {
    const problems: Diagnostic[] = []
    for (const arg of expression.args) {
      const attempt = this.#attempt(arg, true)
      if (!hasErrors(attempt.diagnostics)) {
        // What is not known yet could still fail later, and then another argument would be the result.
        return isWhollyKnown(attempt.value) ? attempt.value : undecidedOf(attempt.value, unknown())
      }
      problems.push(...attempt.diagnostics)
    }
    const reasons = problems.map((problem) => `\n  - ${problem.summary}: ${problem.detail}`).join('')
    const detail = `Call to function "try" failed: no argument could be evaluated.${reasons}`
    return this.#failedCall(errorAt(startRange(expression), 'Error in function call', detail), expression)
  }

  #can(expression: ast.Call): Value {
    const [arg, extra] = expression.args
    if (!arg) {
      const range = { ...expression.range, start: expression.range.end - 1 }
      const problem = errorAt(range, 'Not enough function arguments', 'Function "can" expects one argument.')
      return this.#failedCall(problem, expression)
    }
    if (extra) {
      const detail = 'Function "can" expects only one argument.'
      return this.#failedCall(errorAt(startRange(extra), 'Too many function arguments', detail), expression)
    }
    const attempt = this.#attempt(arg, true)
    if (hasErrors(attempt.diagnostics)) return canNot
    return isWhollyKnown(attempt.value) ? includedAlways : undecidedOf(attempt.value, unknown(boolType))
  }

  #render(text: string, file: string, variables: ReadonlyMap<string, Value>, callRange: Range): Value | Failure {
    const scope = new TemplateFileScope(this.#scope, variables)
    if (scope.depth > maxTemplateDepth)
      return fail(`${file}: template files ask for each other more than ${maxTemplateDepth} deep.`)
    const parsed = parseTemplateText({ file, text })
    const inner = new Evaluator(scope)
    const value = hasErrors(parsed.diagnostics) ? unknown() : inner.evaluate(parsed.value)
    const problem = [...parsed.diagnostics, ...inner.diagnostics].find((found) => found.severity === 'error')
    if (!problem) return value
    // Where a template that it asks for has failed, that one is named, and not all on the way to it.
    if (problem.detail.startsWith(failedTemplate)) return { failure: problem.detail.slice(failedTemplate.length) }
    const place = problem.range && problem.range !== callRange ? ` (${placeIn(text, problem.range)})` : ''
    const failure = `${file}${place}: ${problem.summary}. ${problem.detail}`
    // What is missing is missing in the map of variables, the second argument.
    return problem.summary === unknownVariable ? { failure, argument: 1 } : { failure }
  }
}

function blamedIn(expression: ast.Unary | ast.Binary, operand: 'left' | 'right' | 'both'): ast.Expression {
  if (operand === 'both') return expression
  return expression.type === 'unary' ? expression.operand : operand === 'left' ? expression.left : expression.right
}

/** Neither null, which makes an empty list, nor a list itself. */
const isOneOfAKind = ({ isNotNull, type }: Value & { kind: 'unknown' }): boolean =>
  isNotNull === true && ['string', 'number', 'bool', 'map', 'object'].includes(type.kind)

/** Several names in a row without parentheses might be meant as one. */
const isAmbiguousKey = (key: ast.Expression): boolean => (traversalOf(key)?.length ?? 0) > 1

const ambiguousKeyDetail =
  'Put the reference in parentheses if its value is to be the key, or in quotes if it is the key itself.'

// A function goes through so many units of text, or values, in about the time of a step.
const unitsPerStep = 256
const valuesPerStep = 16

/** Chains of calls whose arguments grow must end, too. */
const stepsOfCall = (args: readonly Value[]): number =>
  args.reduce((steps, arg) => {
    const size = arg.kind === 'string' ? arg.value.length / unitsPerStep : sizeOf(arg) / valuesPerStep
    return steps + Math.floor(size)
  }, 1)

const nothingExpanded = { elements: [], marks: 0 }

const maySpread = (value: Value): boolean =>
  value.kind === 'unknown' && ['list', 'set', 'tuple', 'dynamic'].includes(value.type.kind)

/** What it depends on is forgotten, but that it is not here. */
const undecidedOf = (value: Value, result: UnknownValue): Value => withMarks(result, deepMarks(value) & absentMark)

const includedAlways: Value = { kind: 'bool', value: true, marks: 0 }
const canNot: Value = { kind: 'bool', value: false, marks: 0 }

const placeIn = (text: string, range: Range) => `line ${text.slice(0, range.start).split('\n').length}`

const unknownVariable = 'Unknown variable'

const failedTemplate = 'Call to function "templatefile" failed: '

// Far from what the stack holds. What is rendered along a tree takes a few.
const maxTemplateDepth = 50

/** In a template file only the variables given to it exist. */
class TemplateFileScope implements Scope {
  readonly moduleDir: string
  readonly mayReadOutsideModule: boolean
  readonly alsoReadable: Scope['alsoReadable']
  readonly isPlanning: Scope['isPlanning']
  readonly planTime: Scope['planTime']
  readonly limits: Scope['limits']
  /** How many templates it is in, itself one of them. */
  readonly depth: number
  readonly #variables: ReadonlyMap<string, Value>

  constructor(outer: Scope, variables: ReadonlyMap<string, Value>) {
    this.moduleDir = outer.moduleDir
    this.mayReadOutsideModule = outer.mayReadOutsideModule
    this.alsoReadable = outer.alsoReadable
    this.isPlanning = outer.isPlanning
    this.planTime = outer.planTime
    this.limits = outer.limits
    this.depth = outer instanceof TemplateFileScope ? outer.depth + 1 : 1
    this.#variables = variables
  }

  resolve(reference: Reference, report: (diagnostic: Diagnostic) => void) {
    const [{ name, range }] = reference as [Step]
    const value = this.#variables.get(name)
    if (value) return { value, consumed: 1 }
    const given = [...this.#variables.keys()].join(', ')
    report(
      errorAt(
        range,
        unknownVariable,
        `The template file uses "${name}"; the variables given to it are: ${given || 'none'}.`,
      ),
    )
    return { value: unknown(), consumed: reference.length }
  }
}

/** What is known of a result while it is not known yet which of the two it will be. */
function undecided(then: Value, otherwise: Value, type: Type): Value {
  if (then.kind === 'null' && otherwise.kind === 'null') return nullOf(type)
  const known = eitherOf(refinementOf(then), refinementOf(otherwise))
  const isSame = type.kind === 'number' || 'element' in type ? typesEqual(typeOf(then), typeOf(otherwise)) : false
  return refine(unknown(type), isSame ? known : known.isNotNull ? { isNotNull: true } : {})
}

function sharedResultType(then: Value, otherwise: Value): Type | undefined {
  const types = [then, otherwise].filter((value) => !isUntypedNull(value)).map(typeOf)
  if (types.some((type) => type.kind === 'dynamic')) return dynamicType
  return types.length === 0 ? dynamicType : unify(types)
}

const isUntypedNull = (value: Value) => value.kind === 'null' && value.type.kind === 'dynamic'

const stepOf = ({ name, nameRange, stepRange }: ast.AttributeAccess): Step => ({ name, range: nameRange, stepRange })

/** The plain names an expression is made of, or undefined when it is more than that. */
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
