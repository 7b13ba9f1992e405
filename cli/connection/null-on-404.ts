import { ApiError } from '../../api/errors.ts'

/** For what may not be there: `call(…).catch(nullIfMissing)`. @throws any other error */
export function nullIfMissing(error: unknown): null {
  if (error instanceof ApiError && error.status === 404) return null
  throw error
}
