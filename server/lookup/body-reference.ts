// References to other objects in a request body: optional IDs, and objects that must exist.

import { zeroUuid } from '../../api/common.ts'
import { ApiError } from '../../api/errors.ts'

/** Undefined for an absent ID. Go clients send absent IDs as zeros. */
export const optionalId = (id: string | null | undefined): string | undefined =>
  id === null || id === undefined || id === zeroUuid ? undefined : id

const nouns = { template_id: 'template', template_version_id: 'template version' } as const

/** Turns the 404 of a lookup into a 400 for the field of the body: a 404 would refer to the URL.
 *  @throws ApiError 400 */
export async function requireBodyReference<T>(field: keyof typeof nouns, lookup: Promise<T>): Promise<T> {
  return await lookup.catch((error: unknown) => {
    if (!(error instanceof ApiError) || error.status !== 404) throw error
    throw new ApiError(400, `The ${nouns[field]} does not exist.`, {
      validations: [{ field, detail: 'does not exist, or you have no access to it' }],
    })
  })
}
