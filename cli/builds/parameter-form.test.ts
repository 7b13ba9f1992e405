import { expect, test } from 'vitest'
import { getUser } from '../../api/account/users.ts'
import { evaluateDynamicParameters } from '../../api/templates/template-versions.ts'
import type { Connection } from '../connection/connect.ts'
import { createParameterForm } from './parameter-form.ts'

/** A connection whose server answers each call with `answer`. */
function connectTo(answer: (endpoint: unknown, input: { readonly body?: unknown }) => unknown): Connection {
  return { client: { call: async (endpoint: unknown, input = {}) => answer(endpoint, input) } } as never
}

test("parameters are evaluated for a named owner, as Coder's server requires", async () => {
  const connection = connectTo((endpoint, { body }) => {
    if (endpoint === getUser) return { id: 'me-myself' }
    expect(endpoint).toBe(evaluateDynamicParameters)
    const { owner_id: owner } = body as { owner_id?: string }
    const parameter = { name: owner, type: 'string', options: [], styling: {}, default_value: {}, diagnostics: [] }
    return { parameters: owner ? [parameter] : [] }
  })
  const evaluatedOwner = async (form: { ownerId?: string }) => {
    const [parameter] = await createParameterForm(connection, { versionId: 'version', isClassic: false, ...form })(
      new Map(),
    )
    return parameter?.name
  }
  expect(await evaluatedOwner({})).toBe('me-myself')
  expect(await evaluatedOwner({ ownerId: 'other-user' })).toBe('other-user')
})
