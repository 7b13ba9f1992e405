// Against a real WebSocket server with scripted responses.

import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { type WebSocket as ServerSocket, WebSocketServer } from 'ws'
import type { DynamicParametersRequest } from '../../api/templates/template-versions.ts'
import { createParameterForm, type FormState, type ParameterForm } from './parameter-form.ts'

let server: WebSocketServer
let close: () => void = () => undefined
const requests: DynamicParametersRequest[] = []
let socket: ServerSocket

beforeEach(async () => {
  requests.length = 0
  server = new WebSocketServer({ port: 0, host: '127.0.0.1' })
  server.on('connection', (opened) => {
    socket = opened
    opened.on('message', (data) => {
      requests.push(JSON.parse(String(data)))
      server.emit('request')
    })
    respond(-1)
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

const respond = (id: number) => socket.send(JSON.stringify({ id, diagnostics: [], parameters: [] }))

function open(initial: Record<string, string> = {}): ParameterForm {
  const form = createParameterForm('version', initial)
  close = form.open()
  return form
}

/** Resolves with the first state that satisfies the predicate. */
const untilState = (form: ParameterForm, matches: (state: FormState) => boolean): Promise<FormState> =>
  new Promise((resolve) => {
    const check = () => matches(form.state()) && resolve(form.state())
    form.subscribe(check)
    check()
  })

const isSettled = ({ evaluated: last, isEvaluating }: FormState) => last !== undefined && !isEvaluating

test('a form without values shows the initial response', async () => {
  const { evaluated: first } = await untilState(open(), isSettled)
  expect(first?.id).toBe(-1)
  expect(requests).toEqual([])
})

test('one request is pending at a time, and later values are sent in the next one', async () => {
  const form = open()
  await untilState(form, isSettled)
  for (const name of ['o', 'ot', 'ott']) form.setValues({ name })
  await once(server, 'request')
  const settled = form.settled()
  respond(1)
  await once(server, 'request')
  expect(requests).toEqual([
    { id: 1, inputs: { name: 'o' } },
    { id: 2, inputs: { name: 'ott' } },
  ])
  expect(form.state().isEvaluating).toBe(true)
  // A duplicate response is ignored.
  respond(1)
  respond(2)
  expect((await settled).evaluated?.id).toBe(2)
  form.setValues({ name: 'ott' })
  expect(form.state().isEvaluating).toBe(false)
})

test('initial values are sent first, and again after a reconnection', async () => {
  const form = open({ kind: 'machine' })
  await once(server, 'request')
  respond(1)
  await untilState(form, isSettled)
  socket.terminate()
  await untilState(form, ({ isConnected }) => !isConnected)
  form.setValues({ size: '4' })
  // Does not wait for a server that is unreachable.
  expect((await form.settled()).evaluated?.id).toBe(1)
  await once(server, 'request')
  expect(requests.at(-1)?.inputs).toEqual({ kind: 'machine', size: '4' })
  respond(requests.at(-1)?.id ?? 0)
  await untilState(form, isSettled)
})
