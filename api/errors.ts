// The one error a client is meant to read, and the errors that several nouns share. Their messages are part of the
// contract: clients compare them. How an error becomes a reply belongs to the server.

import type { ErrorResponse, ValidationError } from './common.ts'

/** Ends a request with `status` and the body `{message, detail?, validations?}`. Message short and stable; detail
 *  names the next step. */
export class ApiError extends Error {
  readonly status: number
  readonly detail: string | undefined
  readonly validations: readonly ValidationError[]
  /** Method and address, where it is a client that met the error. */
  readonly request: string | undefined

  constructor(
    status: number,
    message: string,
    more: {
      detail?: string | undefined
      validations?: readonly ValidationError[]
      request?: string
      cause?: unknown
    } = {},
  ) {
    super(message, more.cause === undefined ? undefined : { cause: more.cause })
    this.name = 'ApiError'
    this.status = status
    this.detail = more.detail
    this.validations = more.validations ?? []
    this.request = more.request
  }

  /** The body of the answer; what is empty is left out. */
  toResponse(): ErrorResponse {
    return {
      message: this.message,
      ...(this.detail ? { detail: this.detail } : {}),
      ...(this.validations.length > 0 ? { validations: [...this.validations] } : {}),
    }
  }
}

/** Absent, or not for this user to see: the two must not be told apart. */
export const notFound = (): ApiError =>
  new ApiError(404, 'Resource not found or you do not have access to this resource')

/** @param reason why a route of Coder is not served here */
export const routeNotFound = (reason?: string): ApiError => new ApiError(404, 'Route not found.', { detail: reason })

export const validationFailed = (validations: readonly ValidationError[]): ApiError =>
  new ApiError(400, 'Validation failed.', { validations })

export const invalidQuery = (validations: readonly ValidationError[]): ApiError =>
  new ApiError(400, 'Query parameters have invalid values.', { validations })

export const invalidJson = (detail?: string): ApiError =>
  new ApiError(400, 'Request body must be valid JSON.', { detail })

/** May be seen, but not done. */
export const forbidden = (detail?: string): ApiError => new ApiError(403, 'Forbidden.', { detail })

/** Nobody is signed in, or not any more. */
export const unauthorized = (detail: string): ApiError =>
  new ApiError(401, 'You are signed out or your session has expired. Please sign in again to continue.', { detail })
