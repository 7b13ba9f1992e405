// What a template asks for, given the answers so far: over a WebSocket that stays open while the form does. One question
// is on its way at a time; what is answered meanwhile goes with the next. A lost connection is dialled again, and asked
// again what was asked last.

import { useEffect, useMemo, useSyncExternalStore } from 'react'
import {
  type DynamicParametersResponse,
  evaluateDynamicParameters,
  openDynamicParameters,
} from '../../api/templates/template-versions.ts'
import { backOffMs, onWake } from './back-off.ts'
import { client, socketUrl } from './client.ts'

export type Answers = Readonly<Record<string, string>>

export interface FormState {
  /** Of what a person, a preset or the address said; what is not in it has the template's default. */
  readonly answers: Answers
  /** The last answer of the server; undefined before the first. */
  readonly asked: DynamicParametersResponse | undefined
  /** The answers have changed since `asked`. */
  readonly isAsking: boolean
  readonly isConnected: boolean
  /** Why nothing is asked: the form could not be opened. */
  readonly failure: unknown
}

export interface TemplateForm {
  readonly state: () => FormState
  readonly subscribe: (listener: () => void) => () => void
  answer(changed: Answers): void
  /** Resolves when `asked` is about the answers of now, or the connection is away. */
  settled(): Promise<FormState>
  open(): () => void
}

// coderd closes a form after half an hour; the next question opens it again.
const normalCodes = new Set([1000, 1001])

export function createTemplateForm(versionId: string, initial: Answers): TemplateForm {
  const params = { templateversion: versionId }
  const path = client.url(openDynamicParameters, { params })
  let state: FormState = { answers: initial, asked: undefined, isAsking: true, isConnected: false, failure: undefined }
  const listeners = new Set<() => void>()
  const waiting = new Set<() => void>()
  let socket: WebSocket | undefined
  let nextId = 1
  /** Of the question on its way; the first answer comes unasked, to no answers at all. */
  let onItsWay: { id: number; answers: Answers } | undefined
  let attempt = 0
  let timer = 0

  function change(next: Partial<FormState>): void {
    state = { ...state, ...next }
    for (const listener of listeners) listener()
    if (state.isAsking && state.isConnected) return
    for (const resolve of waiting) resolve()
    waiting.clear()
  }

  function ask(): void {
    if (!socket || socket.readyState !== WebSocket.OPEN || onItsWay) return
    onItsWay = { id: nextId++, answers: state.answers }
    socket.send(JSON.stringify({ id: onItsWay.id, inputs: state.answers }))
  }

  function take(response: DynamicParametersResponse): void {
    if (!onItsWay || response.id !== onItsWay.id) return
    const isLatest = onItsWay.answers === state.answers
    onItsWay = undefined
    change({ asked: response, isAsking: !isLatest })
    if (!isLatest) ask()
  }

  function dial(): void {
    clearTimeout(timer)
    const opening = new WebSocket(socketUrl(path))
    socket = opening
    onItsWay = undefined
    opening.addEventListener('message', ({ data }: MessageEvent<string>) => {
      if (socket !== opening) return
      const response = JSON.parse(data) as DynamicParametersResponse
      if (response.id !== -1) return take(response)
      attempt = 0
      // What is asked of somebody who has said nothing yet, which is what is shown first, mostly.
      const isLatest = Object.keys(state.answers).length === 0
      change({ isConnected: true, failure: undefined, ...(isLatest && { asked: response, isAsking: false }) })
      if (!isLatest) ask()
    })
    opening.addEventListener('close', ({ code }) => {
      if (socket !== opening) return
      socket = undefined
      change({ isConnected: false })
      if (!state.asked) void askWhy()
      timer = window.setTimeout(dial, normalCodes.has(code) ? 0 : backOffMs(attempt++))
    })
  }

  /** A refused socket gives no reason; the same question over HTTP does, or is answered. */
  async function askWhy(): Promise<void> {
    const { answers } = state
    try {
      const asked = await client.call(evaluateDynamicParameters, { params, body: { id: 0, inputs: answers } })
      if (!state.asked) change({ asked, failure: undefined, isAsking: state.answers !== answers })
    } catch (failure) {
      if (!state.asked) change({ failure })
    }
  }

  return {
    state: () => state,
    subscribe(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    answer(changed) {
      const isSame = Object.entries(changed).every(([name, value]) => state.answers[name] === value)
      if (isSame) return
      change({ answers: { ...state.answers, ...changed }, isAsking: true })
      ask()
    },
    settled: () =>
      state.isAsking && state.isConnected
        ? new Promise((resolve) => waiting.add(() => resolve(state)))
        : Promise.resolve(state),
    open() {
      dial()
      const stopWaking = onWake(() => {
        if (!socket) dial()
      })
      return () => {
        stopWaking()
        clearTimeout(timer)
        const closing = socket
        socket = undefined
        closing?.close()
      }
    },
  }
}

/** The form of a version, for as long as the component is there. */
export function useTemplateForm(versionId: string, initial: Answers): { form: TemplateForm; state: FormState } {
  // biome-ignore lint/correctness/useExhaustiveDependencies: what it begins with is read once
  const form = useMemo(() => createTemplateForm(versionId, initial), [versionId])
  useEffect(() => form.open(), [form])
  return { form, state: useSyncExternalStore(form.subscribe, form.state) }
}
