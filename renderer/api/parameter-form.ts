// Evaluates the parameters of a template version for the current values, through coderd over a WebSocket that stays open with
// the form. One request is pending at a time; later values are sent together in the next one. After a reconnection the
// current values are sent again.

import { useEffect, useMemo, useSyncExternalStore } from 'react'
import {
  type DynamicParametersResponse,
  evaluateDynamicParameters,
  openDynamicParameters,
} from '../../api/templates/template-versions.ts'
import { client, socketUrl } from './client.ts'
import { renewPageProof } from './page-session.ts'
import { createReconnectingSocket } from './reconnecting-socket.ts'

export type ParameterValues = Readonly<Record<string, string>>

export interface FormState {
  /** Values from the user, a preset or the address; other parameters have the template's default. */
  readonly values: ParameterValues
  /** The latest response of the server; undefined before the first. */
  readonly evaluated: DynamicParametersResponse | undefined
  /** True while the values differ from those of `evaluated`. */
  readonly isEvaluating: boolean
  readonly isConnected: boolean
  /** The error that prevented the form from opening. */
  readonly failure: unknown
}

export interface ParameterForm {
  readonly state: () => FormState
  readonly subscribe: (listener: () => void) => () => void
  setValues(changed: ParameterValues): void
  /** Resolves when `evaluated` matches the current values, or when the connection is lost. */
  settled(): Promise<FormState>
  open(): () => void
}

// coderd closes a form after half an hour; the form reopens it.
const normalCodes = new Set([1000, 1001])

// ID of the response that coderd sends without a request: the parameters without any values.
const initialResponseId = -1

export function createParameterForm(versionId: string, initial: ParameterValues): ParameterForm {
  const params = { templateversion: versionId }
  const path = client.url(openDynamicParameters, { params })
  let state: FormState = {
    values: initial,
    evaluated: undefined,
    isEvaluating: true,
    isConnected: false,
    failure: undefined,
  }
  const listeners = new Set<() => void>()
  const waiting = new Set<() => void>()
  let nextId = 1
  let pending: { id: number; values: ParameterValues } | undefined

  function change(next: Partial<FormState>): void {
    state = { ...state, ...next }
    for (const listener of listeners) listener()
    if (state.isEvaluating && state.isConnected) return
    for (const resolve of waiting) resolve()
    waiting.clear()
  }

  function evaluate(): void {
    if (pending) return
    const request = { id: nextId, values: state.values }
    if (!socket.send(JSON.stringify({ id: request.id, inputs: request.values }))) return
    pending = request
    nextId++
  }

  function handleResponse(response: DynamicParametersResponse): void {
    if (!pending || response.id !== pending.id) return
    const isLatest = pending.values === state.values
    pending = undefined
    change({ evaluated: response, isEvaluating: !isLatest })
    if (!isLatest) evaluate()
  }

  function handleInitialResponse(response: DynamicParametersResponse): void {
    socket.confirm()
    const isLatest = Object.keys(state.values).length === 0
    change({
      isConnected: true,
      failure: undefined,
      ...(isLatest && { evaluated: response, isEvaluating: false }),
    })
    if (!isLatest) evaluate()
  }

  /** A refused WebSocket has no reason; the same request over HTTP has one, or succeeds. */
  async function evaluateOverHttp(): Promise<void> {
    const { values } = state
    try {
      const evaluated = await client.call(evaluateDynamicParameters, { params, body: { id: 0, inputs: values } })
      if (!state.evaluated) change({ evaluated, failure: undefined, isEvaluating: state.values !== values })
    } catch (failure) {
      if (!state.evaluated) change({ failure })
    }
  }

  const socket = createReconnectingSocket<string>({
    url: () => socketUrl(path),
    prepareRetry: renewPageProof,
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
    setValues(changed) {
      const isSame = Object.entries(changed).every(([name, value]) => state.values[name] === value)
      if (isSame) return
      change({ values: { ...state.values, ...changed }, isEvaluating: true })
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
export function useParameterForm(
  versionId: string,
  initial: ParameterValues,
): { form: ParameterForm; state: FormState } {
  // biome-ignore lint/correctness/useExhaustiveDependencies: the initial values are read once
  const form = useMemo(() => createParameterForm(versionId, initial), [versionId])
  useEffect(() => form.open(), [form])
  return { form, state: useSyncExternalStore(form.subscribe, form.state) }
}
