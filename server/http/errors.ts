// Converts the errors of requests: the client receives an ApiError, the log receives unexpected errors in full.

import type { FastifyBaseLogger, FastifyError } from 'fastify'
import { NoResultError } from 'kysely'
import pg from 'pg'
import { protectedResourcePath } from '../../api/deployment/oauth2-apps.ts'
import { ApiError, invalidJson, notFound } from '../../api/errors.ts'
import { explainResourceError } from '../../lib/resource-errors.ts'
import { explainUnavailable, isConnectionError } from '../database/connect.ts'

/** Never exposes SQL, stacks or paths to a client: the log contains an unexpected error with its request ID. */
export function toApiError(error: unknown, log: FastifyBaseLogger, requestId: string): ApiError {
  if (error instanceof ApiError) return error
  const problem = explainUnavailable(error)
  if (problem) {
    if (!isConnectionError(error)) log.warn({ reason: (error as Error).message, requestId }, problem.summary)
    return new ApiError(503, problem.summary, { detail: problem.remedy })
  }
  const shortage = explainResourceError(error)
  if (shortage) {
    log.warn({ err: error, requestId }, 'a request failed: the server has run out of a system resource')
    return new ApiError(503, 'The server has run out of a system resource.', { detail: shortage })
  }
  return fromDatabase(error) ?? fromFastify(error as FastifyError) ?? unexpected(error, log, requestId)
}

/** Errors that only the database can detect. */
function fromDatabase(error: unknown): ApiError | null {
  // The object was deleted between its authorization and the update.
  if (error instanceof NoResultError && error.node.kind === 'UpdateQueryNode') return notFound()
  // Class 22: a value out of range for its column, for example a date. PostgreSQL does not report which one.
  if (error instanceof pg.DatabaseError && error.code?.startsWith('22'))
    return new ApiError(400, 'A value of the request is out of range.')
  return null
}

/** Fastify's parsing errors, by code. */
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
      return new ApiError(400, 'The URL is not valid.')
    default:
      return error.statusCode && error.statusCode < 500 ? new ApiError(error.statusCode, error.message) : null
  }
}

function unexpected(error: unknown, log: FastifyBaseLogger, requestId: string): ApiError {
  log.error({ err: error, requestId }, 'a request failed with an unexpected error')
  return new ApiError(500, 'An internal server error occurred.', {
    detail: `See the log of coderd, request ${requestId}.`,
  })
}

/** `WWW-Authenticate` header of a 401 response. @param accessUrl without a trailing slash */
export const bearerChallenge = (accessUrl: string): string =>
  'Bearer realm="coder", error="invalid_token", error_description="The key is missing, unknown or expired", ' +
  `resource_metadata="${accessUrl}${protectedResourcePath}"`
