// The parameters of a template version for the current answers, evaluated by coderd over a WebSocket that stays open with
// the form. One request is pending at a time; later answers are sent together in the next one. After a reconnection the
// current answers are sent again.

import { useEffect, useMemo, useSyncExternalStore } from 'react'
import {
  type DynamicParametersResponse,
  evaluateDynamicParameters,
  openDynamicParameters,
} from '../../api/templates/template-versions.ts'
import { client, socketUrl } from './client.ts'
import { createReconnectingSocket } from './reconnecting-socket.ts'

export type Answers = Readonly<Record<string, string>>

export interface FormState {
  /** Values from the user, a preset or the address; other parameters have the template's default. */
  readonly answers: Answers
  /** The latest response of the server; undefined before the first. */
  readonly evaluated: DynamicParametersResponse | undefined
  /** The answers have changed since `evaluated`. */
  readonly isEvaluating: boolean
  readonly isConnected: boolean
  /** The reason why the form could not be opened. */
  readonly failure: unknown
}

export interface ParameterForm {
  readonly state: () => FormState
  readonly subscribe: (listener: () => void) => () => void
  answer(changed: Answers): void
  /** Resolves when `evaluated` matches the current answers, or when the connection is lost. */
  settled(): Promise<FormState>
  open(): () => void
}

// coderd closes a form after half an hour; the form reopens it.
const normalCodes = new Set([1000, 1001])

// ID of the response that coderd sends without a request: the parameters without any answers.
const initialResponseId = -1

export function createParameterForm(versionId: string, initial: Answers): ParameterForm {
  const params = { templateversion: versionId }
  const path = client.url(openDynamicParameters, { params })
  let state: FormState = {
    answers: initial,
    evaluated: undefined,
    isEvaluating: true,
    isConnected: false,
    failure: undefined,
  }
  const listeners = new Set<() => void>()
  const waiting = new Set<() => void>()
  let nextId = 1
  let pending: { id: number; answers: Answers } | undefined

  function change(next: Partial<FormState>): void {
    state = { ...state, ...next }
    for (const listener of listeners) listener()
    if (state.isEvaluating && state.isConnected) return
    for (const resolve of waiting) resolve()
    waiting.clear()
  }

  function evaluate(): void {
    if (pending) return
    const request = { id: nextId, answers: state.answers }
    if (!socket.send(JSON.stringify({ id: request.id, inputs: request.answers }))) return
    pending = request
    nextId++
  }

  function handleResponse(response: DynamicParametersResponse): void {
    if (!pending || response.id !== pending.id) return
    const isLatest = pending.answers === state.answers
    pending = undefined
    change({ evaluated: response, isEvaluating: !isLatest })
    if (!isLatest) evaluate()
  }

  function handleInitialResponse(response: DynamicParametersResponse): void {
    socket.confirm()
    const isLatest = Object.keys(state.answers).length === 0
    change({
      isConnected: true,
      failure: undefined,
      ...(isLatest && { evaluated: response, isEvaluating: false }),
    })
    if (!isLatest) evaluate()
  }

  /** A refused WebSocket has no reason; the same request over HTTP has one, or succeeds. */
  async function evaluateOverHttp(): Promise<void> {
    const { answers } = state
    try {
      const evaluated = await client.call(evaluateDynamicParameters, { params, body: { id: 0, inputs: answers } })
      if (!state.evaluated) change({ evaluated, failure: undefined, isEvaluating: state.answers !== answers })
    } catch (failure) {
      if (!state.evaluated) change({ failure })
    }
  }

  const socket = createReconnectingSocket<string>({
    url: () => socketUrl(path),
    reconnection: (code) => (normalCodes.has(code) ? 'immediate' : 'backoff'),
    onConnecting() {
      pending = undefined
    },
    onMessage(data) {
      const response = JSON.parse(data) as DynamicParametersResponse
      if (response.id === initialResponseId) handleInitialResponse(response)
      else handleResponse(response)
    },
    onLost() {
      change({ isConnected: false })
      if (!state.evaluated) void evaluateOverHttp()
    },
  })

  return {
    state: () => state,
    subscribe(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    answer(changed) {
      const isSame = Object.entries(changed).every(([name, value]) => state.answers[name] === value)
      if (isSame) return
      change({ answers: { ...state.answers, ...changed }, isEvaluating: true })
      evaluate()
    },
    settled: () =>
      state.isEvaluating && state.isConnected
        ? new Promise((resolve) => waiting.add(() => resolve(state)))
        : Promise.resolve(state),
    open() {
      socket.open()
      return socket.close
    },
  }
}

/** The form of a version, open while the component is mounted. */
export function useParameterForm(versionId: string, initial: Answers): { form: ParameterForm; state: FormState } {
  // biome-ignore lint/correctness/useExhaustiveDependencies: the initial answers are read once
  const form = useMemo(() => createParameterForm(versionId, initial), [versionId])
  useEffect(() => form.open(), [form])
  return { form, state: useSyncExternalStore(form.subscribe, form.state) }
}
