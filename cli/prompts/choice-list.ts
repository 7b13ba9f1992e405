// A list to choose from with the keys of a terminal, as a value: what is shown of it, which line is pointed at, what is
// ticked. Knows no terminal; prompts.ts draws it and presses the keys.

import type { Key } from 'node:readline'

export interface Choice {
  readonly value: string
  /** What is read and filtered by. */
  readonly label: string
  readonly description?: string
}

export interface ChoiceList {
  readonly choices: readonly Choice[]
  /** The values that are ticked; null where one is chosen by pointing at it. */
  readonly ticked: ReadonlySet<string> | null
  readonly filter: string
  /** Place of the pointer among the lines that match. */
  readonly at: number
}

/** @param pointed value that is pointed at first */
export function openList(choices: readonly Choice[], pointed = ''): ChoiceList {
  const at = choices.findIndex(({ value }) => value === pointed)
  return { choices, ticked: null, filter: '', at: Math.max(0, at) }
}

export const openTicks = (choices: readonly Choice[], ticked: readonly string[]): ChoiceList => ({
  choices,
  ticked: new Set(ticked),
  filter: '',
  at: 0,
})

const matching = ({ choices, filter }: ChoiceList): readonly Choice[] =>
  choices.filter(({ label }) => label.toLowerCase().includes(filter.toLowerCase()))

/** In the order in which they are listed. */
export function chosen(list: ChoiceList): string[] {
  const { choices, ticked, at } = list
  if (ticked) return choices.filter(({ value }) => ticked.has(value)).map(({ value }) => value)
  const pointed = matching(list)[at]
  return pointed ? [pointed.value] : []
}

/** The list after a key. What means nothing here changes nothing. */
export function press(list: ChoiceList, { name, sequence = '', ctrl = false }: Key): ChoiceList {
  const key = ctrl ? `ctrl-${name}` : name
  if (key === 'up' || key === 'ctrl-p') return move(list, -1)
  if (key === 'down' || key === 'ctrl-n') return move(list, 1)
  if (key === 'backspace') return { ...list, filter: list.filter.slice(0, -1), at: 0 }
  if (list.ticked && key === 'space') return tick(list, list.ticked)
  if (list.ticked && key === 'right') return { ...list, ticked: new Set(list.choices.map(({ value }) => value)) }
  if (list.ticked && key === 'left') return { ...list, ticked: new Set() }
  const isText = !ctrl && /^[\P{C}]+$/u.test(sequence)
  return isText ? { ...list, filter: list.filter + sequence, at: 0 } : list
}

/** From the last line to the first, and back. */
function move(list: ChoiceList, step: number): ChoiceList {
  const { length } = matching(list)
  return length === 0 ? list : { ...list, at: (list.at + step + length) % length }
}

function tick(list: ChoiceList, ticked: ReadonlySet<string>): ChoiceList {
  const pointed = matching(list)[list.at]
  if (!pointed) return list
  const others = [...ticked].filter((value) => value !== pointed.value)
  return { ...list, ticked: new Set(ticked.has(pointed.value) ? others : [...others, pointed.value]) }
}

/** As many lines as there are at once. */
const window = 10

/** The question, and the lines around the pointer, none longer than `columns`: one that wrapped could not be drawn over. */
export function draw(question: string, list: ChoiceList, columns: number): string[] {
  const lines = matching(list)
  const first = Math.max(0, Math.min(list.at - Math.floor(window / 2), lines.length - window))
  const keys = list.ticked
    ? '[arrows move, space ticks, → all, ← none, letters filter, Enter is done]'
    : '[arrows move, letters filter, Enter chooses]'
  const shown = lines.slice(first, first + window).map(({ value, label, description = '' }, index) => {
    const box = list.ticked ? (list.ticked.has(value) ? '[x] ' : '[ ] ') : ''
    const about = description.split('\n')[0]
    return `${first + index === list.at ? '>' : ' '} ${box}${label}${about ? `  ${about}` : ''}`
  })
  const nothing = lines.length === 0 ? [`  nothing has "${list.filter}" in it`] : []
  return [`? ${question}: ${list.filter || keys}`, ...shown, ...nothing].map((line) => cut(line, columns - 1))
}

const cut = (line: string, columns: number) =>
  line.length <= columns ? line : `${line.slice(0, Math.max(0, columns - 1))}…`
