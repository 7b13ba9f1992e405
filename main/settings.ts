// The window's position and size, stored between runs in a file of the data folder.

import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'

export interface Bounds {
  readonly x: number
  readonly y: number
  readonly width: number
  readonly height: number
}

export interface WindowPlace extends Bounds {
  readonly isMaximized: boolean
}

/** Null if nothing valid is stored. */
export function readWindowPlace(file: string): WindowPlace | null {
  try {
    const place = JSON.parse(readFileSync(file, 'utf8')) as WindowPlace
    const numbers = [place.x, place.y, place.width, place.height]
    return numbers.every(Number.isInteger) && typeof place.isMaximized === 'boolean' ? place : null
  } catch {
    return null // first run or a damaged file: use the default bounds
  }
}

export function writeWindowPlace(file: string, place: WindowPlace): void {
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 })
  const unfinished = `${file}.${process.pid}`
  writeFileSync(unfinished, JSON.stringify(place))
  renameSync(unfinished, file)
}

const minimum = { width: 480, height: 320 }
// The part of the title bar that must be on a display for the user to drag the window.
const graspable = { width: 120, height: 40 }

/** The stored bounds if enough of the title bar is on a connected display; otherwise null. */
export function placeOnDisplays(place: WindowPlace | null, displays: readonly Bounds[]): WindowPlace | null {
  if (!place || place.width < minimum.width || place.height < minimum.height) return null
  const isReachable = displays.some((display) => {
    const right = Math.min(place.x + place.width, display.x + display.width)
    const width = right - Math.max(place.x, display.x)
    const isTopVisible = place.y >= display.y && place.y + graspable.height <= display.y + display.height
    return width >= graspable.width && isTopVisible
  })
  return isReachable ? place : null
}
