// Evaluates a template's parameter form for each set of values, over a WebSocket while the form is open, or once over
// HTTP. The evaluation is in templates/template-form.ts.

import type { FastifyInstance } from 'fastify'
import type { Static } from 'typebox'
import { Compile } from 'typebox/compile'
import type { RawData, WebSocket } from 'ws'
import { ApiError } from '../../../api/errors.ts'
import {
  DynamicParametersRequest,
  type DynamicParametersResponse,
  evaluateDynamicParameters,
  type FriendlyDiagnostic,
  openDynamicParameters,
  type PreviewParameter,
} from '../../../api/templates/template-versions.ts'
import type { ServerContext } from '../../context.ts'
import { serve } from '../../http/serve.ts'
import { serveUpgrade } from '../../http/upgrades.ts'
import type { FormDiagnostic, FormOutcome, FormParameter } from '../../jobs/engine.ts'
import { optionalId } from '../../lookup/body-reference.ts'
import { requireTemplateVersion } from '../../lookup/templates.ts'
import { requireUser } from '../../lookup/users.ts'
import type { AuthzContext, Principal } from '../../policy/policy.ts'
import { loadOwner } from '../../templates/load-owner.ts'
import { requireCompletedImport } from '../../templates/require-completed-import.ts'
import { type FormOwner, openForm, type TemplateForm } from '../../templates/template-form.ts'

// Coder's value. Forms that stay open longer are considered abandoned.
const maxFormMs = 30 * 60_000

// Only the latest frame matters to the user; older pending frames are dropped so that a client cannot flood the server.
const maxPendingFrames = 64
// A form usually has one owner; further ones are loaded for each frame.
const maxCachedOwners = 16

type UserRequest = AuthzContext & { readonly principal: Principal }
type ParameterValues = Readonly<Record<string, string>>

export function registerDynamicParameterRoutes(app: FastifyInstance, context: ServerContext): void {
  const { db } = context

  serveUpgrade(app, openDynamicParameters, async (request) => {
    const version = await requireTemplateVersion(context, request, request.params.templateversion, 'read')
    await requireCompletedImport(db, version)
    const formOwners = createOwnerCache(request)
    const first = await formOwners(request.query.user_id)
    const form = await openForm(context, db, version.id)
    const socket = await request.upgrade.webSocket()
    const timer = setTimeout(() => socket.close(1001, 'The form was open for too long. Open it again.'), maxFormMs)
    socket.on('close', () => clearTimeout(timer))
    await answerFrames(socket, async (frame) => {
      const formOwner = frame.owner_id === undefined ? first : await formOwners(frame.owner_id)
      return await evaluateForm(form, formOwner, frame.id, frame.inputs)
    })
  })

  serve(app, evaluateDynamicParameters, async (request) => {
    const version = await requireTemplateVersion(context, request, request.params.templateversion, 'read')
    await requireCompletedImport(db, version)
    const formOwner = await loadFormOwner(request, optionalId(request.body.owner_id))
    const form = await openForm(context, db, version.id)
    return await evaluateForm(form, formOwner, request.body.id ?? 0, request.body.inputs ?? {})
  })

  /** The owner of the workspace to be created. @throws ApiError 404 */
  async function loadFormOwner(request: UserRequest, userId = 'me'): Promise<FormOwner> {
    const user = await requireUser(context, request, userId, 'read')
    const loaded = await loadOwner(db, context.encryption, user.id)
    return { ...loaded, ownsDeployment: loaded.ownsDeployment && request.principal.roles.includes('owner') }
  }

  /** Caches each owner on first use, so that a form sees a consistent state. */
  function createOwnerCache(request: UserRequest) {
    const cache = new Map<string, Promise<FormOwner>>()
    return (userId = 'me'): Promise<FormOwner> => {
      const formOwner = cache.get(userId) ?? loadFormOwner(request, userId)
      if (cache.size < maxCachedOwners) cache.set(userId, formOwner)
      return formOwner
    }
  }

  interface Frame {
    readonly id: number
    readonly inputs: ParameterValues
    readonly owner_id: string | undefined
  }

  /** Sends the initial form, then answers the frames in order. */
  async function answerFrames(socket: WebSocket, reply: (frame: Frame) => Promise<DynamicParametersResponse>) {
    const pending: Frame[] = [{ id: -1, inputs: {}, owner_id: undefined }]
    let isProcessing = false
    const processPending = async () => {
      if (isProcessing) return
      isProcessing = true
      for (let frame = pending.shift(); frame !== undefined; frame = pending.shift()) {
        const { id } = frame
        const response = await reply(frame).catch((error: unknown) => failed(id, error))
        if (socket.readyState !== socket.OPEN) break
        socket.send(JSON.stringify(response))
      }
      isProcessing = false
    }
    socket.on('message', (data) => {
      const frame = readFrame(data)
      if (!frame) return socket.close(1007, 'A frame is {"id": number, "inputs": {name: value}, "owner_id": id}.')
      if (pending.length >= maxPendingFrames) pending.shift()
      pending.push(frame)
      void processPending()
    })
    await processPending()
  }

  function failed(id: number, error: unknown): DynamicParametersResponse {
    const isApiError = error instanceof ApiError
    if (!isApiError) context.log.error({ err: error }, 'could not evaluate a parameter form')
    const summary = isApiError ? error.message : 'Could not evaluate the form.'
    const detail = isApiError ? (error.detail ?? '') : 'Try again. See the server log for the cause.'
    return { id, diagnostics: [{ severity: 'error', summary, detail, extra: { code: '' } }], parameters: [] }
  }
}

const frameValidator = Compile(DynamicParametersRequest)

function readFrame(data: RawData) {
  try {
    const value: unknown = JSON.parse(String(data))
    if (!frameValidator.Check(value)) return undefined
    const { id, inputs, owner_id } = value as Static<typeof DynamicParametersRequest>
    return { id: id ?? 0, inputs: inputs ?? {}, owner_id: optionalId(owner_id) }
  } catch {
    return undefined
  }
}

async function evaluateForm(
  form: TemplateForm,
  formOwner: FormOwner,
  id: number,
  inputs: ParameterValues,
): Promise<DynamicParametersResponse> {
  return toResponse(id, await form.evaluate(inputs, formOwner))
}

function toResponse(id: number, { parameters, diagnostics }: FormOutcome): DynamicParametersResponse {
  return { id, diagnostics: diagnostics.map(toDiagnostic), parameters: parameters.map(toPreview) }
}

const toDiagnostic = ({ formatted, ...found }: FormDiagnostic): FriendlyDiagnostic => ({
  ...found,
  extra: { code: '', in_full: formatted },
})

const missingValue: FriendlyDiagnostic = {
  severity: 'error',
  summary: 'A value is required',
  detail: 'This parameter has no default. Set a value.',
  extra: { code: 'required' },
}

function toPreview(parameter: FormParameter): PreviewParameter {
  const diagnostics = parameter.diagnostics.map(toDiagnostic)
  return {
    name: parameter.name,
    display_name: parameter.displayName,
    description: parameter.description,
    type: parameter.type,
    form_type: parameter.formType as PreviewParameter['form_type'],
    styling: readStyling(parameter.styling),
    mutable: parameter.mutable,
    default_value: toText(parameter.defaultValue),
    icon: parameter.icon,
    options: parameter.options.map((option) => ({ ...option, value: toText(option.value) })),
    validations: toValidations(parameter.validation),
    required: parameter.required,
    order: Math.trunc(parameter.order),
    ephemeral: parameter.ephemeral,
    value: toText(parameter.value),
    diagnostics: parameter.isMissing ? [...diagnostics, missingValue] : diagnostics,
  }
}

const toText = (value: string | null) => ({ value: value ?? '', valid: value !== null })

function toValidations({
  regex,
  error,
  min,
  max,
  monotonic,
}: FormParameter['validation']): PreviewParameter['validations'] {
  if (regex === '' && error === '' && min === null && max === null && monotonic === '') return []
  return [
    {
      validation_error: error,
      validation_regex: regex === '' ? null : regex,
      validation_min: min,
      validation_max: max,
      validation_monotonic: monotonic === '' ? null : monotonic,
    },
  ]
}

const stylingFields = { placeholder: 'string', disabled: 'boolean', label: 'string', mask_input: 'boolean' } as const

/** Reads the known fields of the template's styling JSON, ignoring those of the wrong type. */
function readStyling(text: string): PreviewParameter['styling'] {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return {}
  }
  if (typeof value !== 'object' || value === null) return {}
  const entries = Object.entries(value)
  return Object.fromEntries(
    entries.filter(
      ([name, value]) =>
        Object.hasOwn(stylingFields, name) && typeof value === stylingFields[name as keyof typeof stylingFields],
    ),
  )
}
