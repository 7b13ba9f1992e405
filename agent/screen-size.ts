// The size of a terminal, in cells.

export interface ScreenSize {
  readonly cols: number
  readonly rows: number
}

export const isSameSize = (a: ScreenSize, b: ScreenSize): boolean => a.cols === b.cols && a.rows === b.rows
