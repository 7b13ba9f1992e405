// The value of the latest render, for callbacks that are registered once.

import { type RefObject, useRef } from 'react'

export function useLatest<Value>(value: Value): RefObject<Value> {
  const latest = useRef(value)
  latest.current = value
  return latest
}
