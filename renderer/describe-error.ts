import { ApiError } from '../api/errors.ts'

/** The message of an error and, for an API error, its detail and validations. */
export function describeError(error: unknown): { message: string; detail: string } {
  if (error instanceof ApiError) {
    // Status 0: no response. The browser's reason does not help the user.
    if (error.status === 0) return { message: error.message, detail: 'It may be restarting. Try again in a moment.' }
    const validations = error.validations.map(({ field, detail }) => `${field}: ${detail}`)
    return { message: error.message, detail: [error.detail, ...validations].filter(Boolean).join(' · ') }
  }
  return { message: error instanceof Error ? error.message : String(error), detail: '' }
}
