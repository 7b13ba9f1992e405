// Operators on values. Operands are converted first, as in Terraform; unknown operands produce unknown results.

import type { BinaryOperator } from '../../hcl/ast.ts'
import { convert, failed } from '../../values/convert.ts'
import { areEqual } from '../../values/equality.ts'
import {
  addNum,
  divideNum,
  formatNum,
  multiplyNum,
  type Num,
  negateNum,
  remainderNum,
  subtractNum,
} from '../../values/number.ts'
import { isLess } from '../../values/refinement.ts'
import { boolType, numberType, type Type } from '../../values/type.ts'
import {
  bool,
  deepMarks,
  isFromStub,
  number,
  unknownNotNull,
  unknownStub,
  type Value,
  withMarks,
} from '../../values/value.ts'

/** The error, and the operand that caused it. */
export interface OperatorFailure {
  readonly problem: string
  /** Both when the operand types are valid but the operation is not. */
  readonly operand: 'left' | 'right' | 'both'
}

export type OperatorResult = Value | OperatorFailure

const arithmetic: Partial<Record<BinaryOperator, (a: Num, b: Num) => Num | undefined>> = {
  '+': addNum,
  '-': subtractNum,
  '*': multiplyNum,
  '/': divideNum,
  '%': remainderNum,
}

const comparisons: Partial<Record<BinaryOperator, (a: Value, b: Value) => boolean | undefined>> = {
  '<': isLess,
  '<=': (a, b) => disjunction(isLess(a, b), areEqual(a, b)),
  '>': (a, b) => isLess(b, a),
  '>=': (a, b) => disjunction(isLess(b, a), areEqual(a, b)),
}

/** The result when one operand decides it. */
function disjunction(a: boolean | undefined, b: boolean | undefined): boolean | undefined {
  if (a === true || b === true) return true
  return a === undefined || b === undefined ? undefined : false
}

/** The operator's result type. */
export const resultTypeOf = (operator: BinaryOperator): Type => (arithmetic[operator] ? numberType : boolType)

/** Operands of an invalid type; reports both. */
export function unsuitableOperands(operator: BinaryOperator, left: Value, right: Value): OperatorFailure[] {
  if (operator === '==' || operator === '!=') return []
  const type = operator === '&&' || operator === '||' ? boolType : numberType
  return [operand(left, type, 'left'), operand(right, type, 'right')].filter(
    (result): result is OperatorFailure => 'problem' in result && result.operand !== 'both',
  )
}

export function applyBinary(operator: BinaryOperator, left: Value, right: Value): OperatorResult {
  const marks = deepMarks(left) | deepMarks(right)
  if (operator === '==' || operator === '!=') return withMarks(applyEquality(operator, left, right), marks)
  if (operator === '&&' || operator === '||') return applyLogic(operator, left, right, marks)
  const a = operand(left, numberType, 'left')
  if ('problem' in a) return a
  const b = operand(right, numberType, 'right')
  if ('problem' in b) return b
  const result = applyNumeric(operator, a, b)
  return 'problem' in result ? result : withMarks(result, marks)
}

/** The result when no single operand decides it. */
function applyLogic(operator: '&&' | '||', left: Value, right: Value, marks: number): OperatorResult {
  if (right.kind === 'unknown') return withMarks(unknownNotNull(boolType), marks)
  const missing = [operand(left, boolType, 'left'), operand(right, boolType, 'right')].find((side) => 'problem' in side)
  return missing ?? withMarks(bool(operator === '&&'), marks)
}

export interface Decision {
  readonly by: 'left' | 'right'
  readonly result: Value
}

/**
 * The result when one operand of `&&` or `||` decides it, with the marks of both. Null counts as false
 * if that decides. An unknown operand suppresses errors of the other one, unless both are unknown
 * because the left one failed. Operands must have valid types.
 */
export function decide(
  operator: BinaryOperator,
  left: Value,
  right: Value,
  hasLeftFailed: boolean,
): Decision | undefined {
  if (operator !== '&&' && operator !== '||') return undefined
  const marks = deepMarks(left) | deepMarks(right)
  const by = isDeciding(operator, left) ? 'left' : isDeciding(operator, right) ? 'right' : undefined
  if (by) return { by, result: withMarks(bool(operator === '||'), marks) }
  const undecided = withMarks(unknownNotNull(boolType), marks)
  if (left.kind !== 'unknown') return right.kind === 'unknown' ? { by: 'right', result: undecided } : undefined
  return right.kind === 'unknown' && hasLeftFailed ? undefined : { by: 'left', result: undecided }
}

function isDeciding(operator: '&&' | '||', value: Value): boolean {
  if (value.kind === 'null') return operator === '&&'
  const converted = convert(value, boolType)
  return !failed(converted) && converted.kind === 'bool' && converted.value === (operator === '||')
}

function operand(value: Value, type: Type, side: 'left' | 'right'): OperatorResult {
  const converted = convert(value, type)
  if (failed(converted) && isFromStub(value)) return unknownStub(type)
  if (failed(converted))
    return { problem: `Unsuitable value for the ${side} operand: ${converted.problem}.`, operand: side }
  if (converted.kind === 'null')
    return { problem: `The ${side} operand is null, but a ${type.kind} is required.`, operand: 'both' }
  return converted
}

function applyEquality(operator: '==' | '!=', left: Value, right: Value): Value {
  const isEqual = areEqual(left, right)
  return isEqual === undefined ? unknownNotNull(boolType) : bool(isEqual === (operator === '=='))
}

function applyNumeric(operator: BinaryOperator, left: Value, right: Value): OperatorResult {
  const compare = comparisons[operator]
  if (compare) {
    const result = compare(left, right)
    return result === undefined ? unknownNotNull(boolType) : bool(result)
  }
  if (left.kind !== 'number' || right.kind !== 'number') return unknownNotNull(numberType)
  const result = arithmetic[operator]?.(left.value, right.value)
  if (result !== undefined) return number(result)
  const problem = `${formatNum(left.value)} ${operator} ${formatNum(right.value)} is not a number.`
  return { problem, operand: 'both' }
}

export function applyUnary(operator: '!' | '-', value: Value): OperatorResult {
  const converted = operand(value, operator === '!' ? boolType : numberType, 'right')
  if ('problem' in converted) return { ...converted, problem: converted.problem.replace('right operand', 'operand') }
  if (converted.kind === 'bool') return withMarks(bool(!converted.value), value.marks)
  if (converted.kind === 'number') return withMarks(number(negateNum(converted.value)), value.marks)
  return withMarks(unknownNotNull(operator === '!' ? boolType : numberType), value.marks)
}
