// What a body names and is not there is a mistake in the body; a 404 would be about the address.

import { ApiError } from '../../api/errors.ts'

const nouns = { template_id: 'template', template_version_id: 'template version' } as const

/** @param found what looks for it. @throws ApiError 400 that names the field, in the place of a 404 */
export async function namedInBody<T>(field: keyof typeof nouns, found: Promise<T>): Promise<T> {
  return await found.catch((error: unknown) => {
    if (!(error instanceof ApiError) || error.status !== 404) throw error
    throw new ApiError(400, `The ${nouns[field]} does not exist.`, {
      validations: [{ field, detail: 'does not exist, or is not yours to use' }],
    })
  })
}
