// Serves the OpenAPI description, generated on the first request.

import type { FastifyInstance } from 'fastify'
import { getReference } from '../../../api/deployment/reference.ts'
import { replySent, serve } from '../../http/serve.ts'

export function registerReferenceRoutes(app: FastifyInstance): void {
  let text: string | undefined
  serve(app, getReference, async ({ reply }) => {
    text ??= JSON.stringify((await import('../../openapi.ts')).describeContract())
    await reply.header('content-type', 'application/json; charset=utf-8').send(text)
    return replySent
  })
}
