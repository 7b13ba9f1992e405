// What Coder's server does otherwise than ours, as far as commands have to know.

import { expect, test } from 'vitest'
import { getUser } from '../api/account/users.ts'
import { ApiError } from '../api/errors.ts'
import { getThisComputer } from '../api/local.ts'
import { evaluateDynamicParameters } from '../api/templates/template-versions.ts'
import { openForm } from './asking/asked-parameters.ts'
import type { Connection } from './connect.ts'
import { awaitStarterTemplate } from './starter-template.ts'

/** Speaks to a server that answers so. */
function connectTo(answer: (endpoint: unknown, input: { readonly body?: unknown }) => unknown): Connection {
  return { client: { call: async (endpoint: unknown, input = {}) => answer(endpoint, input) } } as never
}

test('it evaluates parameters for a named owner only', async () => {
  const connection = connectTo((endpoint, { body }) => {
    if (endpoint === getUser) return { id: 'me-myself' }
    expect(endpoint).toBe(evaluateDynamicParameters)
    const { owner_id: owner } = body as { owner_id?: string }
    const parameter = { name: owner, type: 'string', options: [], styling: {}, default_value: {}, diagnostics: [] }
    return { parameters: owner ? [parameter] : [] }
  })
  const asked = async (form: { ownerId?: string }) => {
    const [parameter] = await openForm(connection, { versionId: 'version', isClassic: false, ...form })(new Map())
    return parameter?.name
  }
  expect(await asked({})).toBe('me-myself')
  expect(await asked({ ownerId: 'somebody' })).toBe('somebody')
})

test('it has a page of its dashboard where ours tells of its first template', async () => {
  const page = new ApiError(200, 'This is not the answer of a deployment.')
  const connection = connectTo((endpoint) => {
    expect(endpoint).toBe(getThisComputer)
    throw page
  })
  await expect(awaitStarterTemplate(connection)).resolves.toBeUndefined()
})
