// What becomes of an error that ends a request: the client reads an ApiError, the log gets everything else whole.

import type { FastifyBaseLogger, FastifyError } from 'fastify'
import { NoResultError } from 'kysely'
import pg from 'pg'
import { protectedResourcePath } from '../../api/deployment/oauth2-apps.ts'
import { ApiError, invalidJson, notFound } from '../../api/errors.ts'
import { explainResourceError } from '../../lib/resource-errors.ts'
import { explainUnavailable, isConnectionError } from '../database/connect.ts'

/** Never shows a client SQL, stacks or paths: an unexpected error is in the log under the id of its request. */
export function toApiError(error: unknown, log: FastifyBaseLogger, requestId: string): ApiError {
  if (error instanceof ApiError) return error
  const problem = explainUnavailable(error)
  if (problem) {
    if (!isConnectionError(error)) log.warn({ reason: (error as Error).message, requestId }, problem.summary)
    return new ApiError(503, problem.summary, { detail: problem.remedy })
  }
  const shortage = explainResourceError(error)
  if (shortage) {
    log.warn({ err: error, requestId }, 'a request met a shortage')
    return new ApiError(503, 'The computer of the deployment has run out of something.', { detail: shortage })
  }
  return fromDatabase(error) ?? fromFastify(error as FastifyError) ?? unexpected(error, log, requestId)
}

/** What only the database noticed. */
function fromDatabase(error: unknown): ApiError | null {
  // It was there when the policy was asked about it, and somebody deleted it before it was changed.
  if (error instanceof NoResultError && error.node.kind === 'UpdateQueryNode') return notFound()
  // Class 22: a value that no column takes, such as a date after the end of the calendar. Which one, it does not say.
  if (error instanceof pg.DatabaseError && error.code?.startsWith('22'))
    return new ApiError(400, 'A value of the request is out of range.')
  return null
}

/** The errors of Fastify's own parsing, by its codes. */
function fromFastify(error: FastifyError): ApiError | null {
  switch (error.code) {
    case 'FST_ERR_CTP_INVALID_MEDIA_TYPE':
      return new ApiError(415, 'The content type is not accepted.', { detail: 'Send application/json.' })
    case 'FST_ERR_CTP_BODY_TOO_LARGE':
      return new ApiError(413, 'The request body is too large.')
    case 'FST_ERR_CTP_INVALID_CONTENT_LENGTH':
    case 'FST_ERR_CTP_EMPTY_JSON_BODY':
    case 'FST_ERR_CTP_INVALID_JSON_BODY':
      return invalidJson(error.message)
    case 'FST_ERR_BAD_URL':
      return new ApiError(400, 'The address is not valid.')
    default:
      return error.statusCode && error.statusCode < 500 ? new ApiError(error.statusCode, error.message) : null
  }
}

function unexpected(error: unknown, log: FastifyBaseLogger, requestId: string): ApiError {
  log.error({ err: error, requestId }, 'an unexpected error ended a request')
  return new ApiError(500, 'An internal server error occurred.', {
    detail: `The log of coderd has it under ${requestId}.`,
  })
}

/** What a request without a valid key is told of signing in. @param accessUrl of the deployment, without a trailing slash */
export const howToSignIn = (accessUrl: string): string =>
  'Bearer realm="coder", error="invalid_token", error_description="The key is missing, unknown or expired", ' +
  `resource_metadata="${accessUrl}${protectedResourcePath}"`
