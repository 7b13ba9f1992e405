// The window's position and size, stored between runs in a file of the data folder.

import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'

export interface Bounds {
  readonly x: number
  readonly y: number
  readonly width: number
  readonly height: number
}

export interface WindowBounds extends Bounds {
  readonly isMaximized: boolean
}

/** Null if nothing valid is stored. */
export function readWindowBounds(file: string): WindowBounds | null {
  try {
    const bounds = JSON.parse(readFileSync(file, 'utf8')) as WindowBounds
    const numbers = [bounds.x, bounds.y, bounds.width, bounds.height]
    return numbers.every(Number.isInteger) && typeof bounds.isMaximized === 'boolean' ? bounds : null
  } catch {
    return null // First run or a damaged file: use the default bounds.
  }
}

export function writeWindowBounds(file: string, bounds: WindowBounds): void {
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 })
  const temporary = `${file}.${process.pid}`
  writeFileSync(temporary, JSON.stringify(bounds))
  renameSync(temporary, file)
}

const minSize = { width: 480, height: 320 }
// The part of the title bar that must be on a display for the user to drag the window.
const minTitleBar = { width: 120, height: 40 }

/** The stored bounds if enough of the title bar is on a connected display; otherwise null. */
export function selectVisibleBounds(bounds: WindowBounds | null, displays: readonly Bounds[]): WindowBounds | null {
  if (!bounds || bounds.width < minSize.width || bounds.height < minSize.height) return null
  const isReachable = displays.some((display) => {
    const right = Math.min(bounds.x + bounds.width, display.x + display.width)
    const width = right - Math.max(bounds.x, display.x)
    const isTopVisible = bounds.y >= display.y && bounds.y + minTitleBar.height <= display.y + display.height
    return width >= minTitleBar.width && isTopVisible
  })
  return isReachable ? bounds : null
}
