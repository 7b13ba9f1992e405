// Functions for call-in-process.test.ts.

export const add = async (left: bigint, right: bigint): Promise<bigint> => left + right

export const processId = (): number => process.pid

export function fail(): never {
  throw new Error('No disk')
}

export function exit(): never {
  process.exit(3)
}
