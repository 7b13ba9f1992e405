// State of a list prompt as a value: filter, cursor, checked choices. Does not touch the terminal; prompts.ts renders it
// and passes the keys.

import type { Key } from 'node:readline'

export interface Choice {
  readonly value: string
  /** Displayed, and matched by the filter. */
  readonly label: string
  readonly description?: string
}

export interface Selection {
  readonly choices: readonly Choice[]
  /** The checked values; null for a list of which one is selected with the cursor. */
  readonly checked: ReadonlySet<string> | null
  readonly filter: string
  /** Index among the matching choices. */
  readonly cursor: number
}

/** @param initial value under the cursor at first */
export function createSelection(choices: readonly Choice[], initial = ''): Selection {
  const index = choices.findIndex(({ value }) => value === initial)
  return { choices, checked: null, filter: '', cursor: Math.max(0, index) }
}

export const createMultiSelection = (choices: readonly Choice[], checked: readonly string[]): Selection => ({
  choices,
  checked: new Set(checked),
  filter: '',
  cursor: 0,
})

const matchingChoices = ({ choices, filter }: Selection): readonly Choice[] =>
  choices.filter(({ label }) => label.toLowerCase().includes(filter.toLowerCase()))

/** In list order. */
export function selectedValues(list: Selection): string[] {
  const { choices, checked, cursor } = list
  if (checked) return choices.filter(({ value }) => checked.has(value)).map(({ value }) => value)
  const current = matchingChoices(list)[cursor]
  return current ? [current.value] : []
}

/** The state after a key. Keys without a meaning here leave it unchanged. */
export function handleKey(list: Selection, { name, sequence = '', ctrl = false }: Key): Selection {
  const key = ctrl ? `ctrl-${name}` : name
  if (key === 'up' || key === 'ctrl-p') return moveCursor(list, -1)
  if (key === 'down' || key === 'ctrl-n') return moveCursor(list, 1)
  if (key === 'backspace') return { ...list, filter: list.filter.slice(0, -1), cursor: 0 }
  if (list.checked && key === 'space') return toggle(list, list.checked)
  if (list.checked && key === 'right') return { ...list, checked: new Set(list.choices.map(({ value }) => value)) }
  if (list.checked && key === 'left') return { ...list, checked: new Set() }
  const isText = !ctrl && /^[\P{C}]+$/u.test(sequence)
  return isText ? { ...list, filter: list.filter + sequence, cursor: 0 } : list
}

/** Wraps around at both ends. */
function moveCursor(list: Selection, step: number): Selection {
  const { length } = matchingChoices(list)
  return length === 0 ? list : { ...list, cursor: (list.cursor + step + length) % length }
}

function toggle(list: Selection, checked: ReadonlySet<string>): Selection {
  const current = matchingChoices(list)[list.cursor]
  if (!current) return list
  const others = [...checked].filter((value) => value !== current.value)
  return { ...list, checked: new Set(checked.has(current.value) ? others : [...others, current.value]) }
}

/** Choices visible at the same time. */
const windowSize = 10

/** The question and the choices around the cursor. No line exceeds `columns`: a wrapped line could not be redrawn. */
export function renderSelection(question: string, list: Selection, columns: number): string[] {
  const matching = matchingChoices(list)
  const first = Math.max(0, Math.min(list.cursor - Math.floor(windowSize / 2), matching.length - windowSize))
  const keys = list.checked
    ? '[Use arrows to move, space to select, → to all, ← to none, type to filter, Enter to confirm]'
    : '[Use arrows to move, type to filter, Enter to select]'
  const visible = matching.slice(first, first + windowSize).map(({ value, label, description = '' }, index) => {
    const box = list.checked ? (list.checked.has(value) ? '[x] ' : '[ ] ') : ''
    const summary = description.split('\n')[0]
    return `${first + index === list.cursor ? '>' : ' '} ${box}${label}${summary ? `  ${summary}` : ''}`
  })
  const empty = matching.length === 0 ? [`  No matches for "${list.filter}"`] : []
  return [`? ${question}: ${list.filter || keys}`, ...visible, ...empty].map((line) => truncate(line, columns - 1))
}

const truncate = (line: string, columns: number) =>
  line.length <= columns ? line : `${line.slice(0, Math.max(0, columns - 1))}…`
