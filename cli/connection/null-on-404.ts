import { ApiError } from '../../api/errors.ts'

/** For objects that may not exist: `call(…).catch(nullOn404)`. @throws any other error */
export function nullOn404(error: unknown): null {
  if (error instanceof ApiError && error.status === 404) return null
  throw error
}
