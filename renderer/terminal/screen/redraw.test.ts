import headless from '@xterm/headless'
import type { Terminal } from '@xterm/xterm'
import { expect, test } from 'vitest'
import { createRedraw } from './redraw.ts'

const size = { cols: 20, rows: 4 }
const lines = (from: number, to: number) =>
  Array.from({ length: to - from }, (_, index) => `line ${from + index}`).join('\r\n')

/** Adds a selection, which the headless terminal does not have. */
function openTerminal() {
  const bare = new headless.Terminal({ ...size, scrollback: 100, allowProposedApi: true })
  let selection: { start: { x: number; y: number }; end: { x: number; y: number } } | undefined
  const terminal = Object.assign(Object.create(bare) as Terminal, {
    getSelectionPosition: () => selection,
    select(column: number, row: number, length: number) {
      selection = { start: { x: column, y: row }, end: { x: column + length, y: row } }
    },
  })
  const selected = () =>
    selection &&
    bare.buffer.active.getLine(selection.start.y)?.translateToString(true, selection.start.x, selection.end.x)
  return { terminal, selected }
}

const written = (terminal: Terminal, text: string) => new Promise<void>((resolve) => terminal.write(text, resolve))
const getTopLine = ({ buffer }: Terminal) => buffer.active.getLine(buffer.active.viewportY)?.translateToString(true)

test('the scroll position and the selection stay when history is added above', async () => {
  const { terminal, selected } = openTerminal()
  const redraw = createRedraw(terminal, () => () => undefined)
  await written(terminal, lines(50, 60))
  terminal.scrollToLine(3)
  terminal.select(0, 4, 7)
  expect([getTopLine(terminal), selected()]).toEqual(['line 53', 'line 54'])
  await new Promise<void>((resolve) => redraw(size, [`${lines(10, 56)}\r\n`, lines(56, 60)], resolve))
  expect([getTopLine(terminal), selected()]).toEqual(['line 53', 'line 54'])
  expect(terminal.buffer.active.baseY).toBe(46)
})

test('a scroll position outside the new screen is restored when the history arrives', async () => {
  const { terminal } = openTerminal()
  const redraw = createRedraw(terminal, () => () => undefined)
  await written(terminal, lines(0, 60))
  terminal.scrollToLine(20)
  await new Promise<void>((resolve) => redraw(size, [lines(56, 60)], resolve))
  expect(getTopLine(terminal)).toBe('line 56')
  await new Promise<void>((resolve) => redraw(size, [`${lines(0, 56)}\r\n`, lines(56, 60)], resolve))
  expect(getTopLine(terminal)).toBe('line 20')
})

test('a redraw resizes in the order of the writes and stays covered until it is complete', async () => {
  const { terminal } = openTerminal()
  const events: string[] = []
  const redraw = createRedraw(terminal, () => {
    events.push(`cover ${terminal.cols} ${getTopLine(terminal)}`)
    return () => events.push(`uncover ${terminal.cols} ${getTopLine(terminal)}`)
  })
  terminal.write('before')
  await new Promise<void>((resolve) => redraw({ cols: 30, rows: 5 }, ['after'], resolve))
  expect(events).toEqual(['cover 20 before', 'uncover 30 after'])
  expect(terminal.modes.synchronizedOutputMode).toBe(false)
})
