// The form against a real WebSocket server that answers when it is told to.

import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { type WebSocket as ServerSocket, WebSocketServer } from 'ws'
import type { DynamicParametersRequest } from '../../api/templates/template-versions.ts'
import { createParameterForm, type FormState, type ParameterForm } from './parameter-form.ts'

let server: WebSocketServer
let close: () => void = () => undefined
const asked: DynamicParametersRequest[] = []
let socket: ServerSocket

beforeEach(async () => {
  asked.length = 0
  server = new WebSocketServer({ port: 0, host: '127.0.0.1' })
  server.on('connection', (opened) => {
    socket = opened
    opened.on('message', (data) => {
      asked.push(JSON.parse(String(data)))
      server.emit('asked')
    })
    say(-1)
  })
  await once(server, 'listening')
  vi.stubGlobal('location', { origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}` })
  vi.stubGlobal('window', globalThis)
  vi.stubGlobal('document', new EventTarget())
  vi.stubGlobal('addEventListener', () => undefined)
})
afterEach(async () => {
  close()
  for (const client of server.clients) client.terminate()
  await new Promise((resolve) => server.close(resolve))
  vi.unstubAllGlobals()
})

const say = (id: number) => socket.send(JSON.stringify({ id, diagnostics: [], parameters: [] }))

function open(initial: Record<string, string> = {}): ParameterForm {
  const form = createParameterForm('version', initial)
  close = form.open()
  return form
}

/** Resolves with the first state for which it holds. */
const untilState = (form: ParameterForm, holds: (state: FormState) => boolean): Promise<FormState> =>
  new Promise((resolve) => {
    const look = () => holds(form.state()) && resolve(form.state())
    form.subscribe(look)
    look()
  })

const isSettled = ({ evaluated: last, isEvaluating }: FormState) => last !== undefined && !isEvaluating

test('what nobody has answered yet is shown at once', async () => {
  const { evaluated: first } = await untilState(open(), isSettled)
  expect(first?.id).toBe(-1)
  expect(asked).toEqual([])
})

test('one question is on its way at a time, and what is typed meanwhile goes with the next', async () => {
  const form = open()
  await untilState(form, isSettled)
  for (const name of ['o', 'ot', 'ott']) form.answer({ name })
  await once(server, 'asked')
  const settled = form.settled()
  say(1)
  await once(server, 'asked')
  expect(asked).toEqual([
    { id: 1, inputs: { name: 'o' } },
    { id: 2, inputs: { name: 'ott' } },
  ])
  expect(form.state().isEvaluating).toBe(true)
  // An answer to something else, or the same once more, is passed over.
  say(1)
  say(2)
  expect((await settled).evaluated?.id).toBe(2)
  form.answer({ name: 'ott' })
  expect(form.state().isEvaluating).toBe(false)
})

test('what was said beforehand is asked first, and again after the connection was lost', async () => {
  const form = open({ kind: 'machine' })
  await once(server, 'asked')
  say(1)
  await untilState(form, isSettled)
  socket.terminate()
  await untilState(form, ({ isConnected }) => !isConnected)
  form.answer({ size: '4' })
  // Nobody waits for a server that is away.
  expect((await form.settled()).evaluated?.id).toBe(1)
  await once(server, 'asked')
  expect(asked.at(-1)?.inputs).toEqual({ kind: 'machine', size: '4' })
  say(asked.at(-1)?.id ?? 0)
  await untilState(form, isSettled)
})
