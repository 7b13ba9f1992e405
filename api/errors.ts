// The error type of responses, and errors shared by several endpoints. Their messages are part of the contract, because
// clients compare them. The server turns errors into responses.

import type { ErrorResponse, ValidationError } from './common.ts'

/** Ends a request with `status` and the body `{message, detail?, validations?}`. The message is short and stable; detail
 *  names the next step. */
export class ApiError extends Error {
  readonly status: number
  readonly detail: string | undefined
  readonly validations: readonly ValidationError[]
  /** Method and URL, for errors raised by a client. */
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

  /** The response body without empty fields. */
  toResponse(): ErrorResponse {
    return {
      message: this.message,
      ...(this.detail ? { detail: this.detail } : {}),
      ...(this.validations.length > 0 ? { validations: [...this.validations] } : {}),
    }
  }
}

/** Missing or not visible to the user: both must give the same response. */
export const notFound = (): ApiError =>
  new ApiError(404, 'Resource not found or you do not have access to this resource')

/** @param reason why this route of Coder is not served */
export const routeNotFound = (reason?: string): ApiError => new ApiError(404, 'Route not found.', { detail: reason })

export const validationFailed = (validations: readonly ValidationError[]): ApiError =>
  new ApiError(400, 'Validation failed.', { validations })

export const invalidQuery = (validations: readonly ValidationError[]): ApiError =>
  new ApiError(400, 'Query parameters have invalid values.', { validations })

export const invalidJson = (detail?: string): ApiError =>
  new ApiError(400, 'Request body must be valid JSON.', { detail })

/** Visible, but the action is not permitted. */
export const forbidden = (detail?: string): ApiError => new ApiError(403, 'Forbidden.', { detail })

/** No session, or an expired one. */
export const unauthorized = (detail: string): ApiError =>
  new ApiError(401, 'You are signed out or your session has expired. Please sign in again to continue.', { detail })
