// What operators do with values. Operands are converted first, as Terraform does; unknown operands give unknown.

import type { BinaryOperator } from '../hcl/ast.ts'
import { convert, failed } from '../values/convert.ts'
import { areEqual } from '../values/equality.ts'
import {
  addNum,
  divideNum,
  formatNum,
  multiplyNum,
  type Num,
  negateNum,
  remainderNum,
  subtractNum,
} from '../values/number.ts'
import { isLess } from '../values/refinement.ts'
import { boolType, numberType, type Type } from '../values/type.ts'
import { bool, deepMarks, number, unknownNotNull, type Value, withMarks } from '../values/value.ts'

/** Why there is no result, and which operand is to blame. */
export interface OperatorFailure {
  readonly problem: string
  /** Both when no operand has the wrong type, but the operation is impossible. */
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
  '<=': (a, b) => either(isLess(a, b), areEqual(a, b)),
  '>': (a, b) => isLess(b, a),
  '>=': (a, b) => either(isLess(b, a), areEqual(a, b)),
}

/** Decided by one of them alone where that is true. */
function either(a: boolean | undefined, b: boolean | undefined): boolean | undefined {
  if (a === true || b === true) return true
  return a === undefined || b === undefined ? undefined : false
}

/** What an operator gives whatever its operands are. */
export const resultTypeOf = (operator: BinaryOperator): Type => (arithmetic[operator] ? numberType : boolType)

/** Operands of the wrong type: of two each is told. */
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
  const kinds = [left.kind, right.kind]
  if (operator === '||' && kinds.includes('null') && kinds.includes('unknown'))
    return withMarks(unknownNotNull(boolType), marks)
  const decided = operator === '&&' || operator === '||' ? decideWithNull(operator, left, right) : undefined
  if (decided !== undefined) return withMarks(bool(decided), marks)
  const type = operator === '&&' || operator === '||' ? boolType : numberType
  const a = operand(left, type, 'left')
  if ('problem' in a) return a
  const b = operand(right, type, 'right')
  if ('problem' in b) return b
  const result = type === boolType ? applyLogic(operator as '&&' | '||', a, b) : applyNumeric(operator, a, b)
  return 'problem' in result ? result : withMarks(result, marks)
}

/** Null counts as false where that decides. */
function decideWithNull(operator: '&&' | '||', left: Value, right: Value): boolean | undefined {
  if (left.kind !== 'null' && right.kind !== 'null') return undefined
  const sides = [left, right].map((side) => convert(side, boolType))
  if (sides.some(failed)) return undefined
  if (operator === '&&') return false
  return sides.some((side) => !failed(side) && side.kind === 'bool' && side.value) ? true : undefined
}

function operand(value: Value, type: Type, side: 'left' | 'right'): OperatorResult {
  const converted = convert(value, type)
  if (failed(converted))
    return { problem: `Unsuitable value for the ${side} operand: ${converted.problem}.`, operand: side }
  if (converted.kind === 'null')
    return { problem: `The ${side} operand is null, which is no ${type.kind}.`, operand: 'both' }
  return converted
}

function applyEquality(operator: '==' | '!=', left: Value, right: Value): Value {
  const isEqual = areEqual(left, right)
  return isEqual === undefined ? unknownNotNull(boolType) : bool(isEqual === (operator === '=='))
}

/** Decided by one side alone where that is enough, even when the other is unknown. */
function applyLogic(operator: '&&' | '||', left: Value, right: Value): Value {
  const deciding = operator === '||'
  const isDeciding = (value: Value) => value.kind === 'bool' && value.value === deciding
  if (isDeciding(left) || isDeciding(right)) return bool(deciding)
  return left.kind === 'unknown' || right.kind === 'unknown' ? unknownNotNull(boolType) : bool(!deciding)
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
