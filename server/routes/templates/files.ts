// Archives from which template versions are created. Always stored as tar.

import { createHash } from 'node:crypto'
import type { FastifyInstance } from 'fastify'
import { ApiError, notFound } from '../../../api/errors.ts'
import { downloadFile, tarType, uploadFile, zipTypes } from '../../../api/templates/files.ts'
import { tarToZip, zipToTar } from '../../archives/archive.ts'
import { ArchiveError } from '../../archives/archive-entry.ts'
import { checkTar } from '../../archives/tar.ts'
import type { ServerContext } from '../../context.ts'
import { replySent, serve, withStatus } from '../../http/serve.ts'
import { authorize } from '../../policy/policy.ts'

export function registerFileRoutes(app: FastifyInstance, context: ServerContext): void {
  const { db } = context

  serve(app, uploadFile, async (request) => {
    authorize(request, 'create', { resource: 'file', ownerId: request.principal.userId })
    const bytes = request.raw.body
    if (!Buffer.isBuffer(bytes)) throw unsupportedType(request.headers['content-type'])
    const isZip = zipTypes.some((type) => request.headers['content-type']?.startsWith(type))
    const data = await readArchive(bytes, isZip)
    const hash = createHash('sha256').update(data).digest('hex')
    const existing = await db
      .selectFrom('files')
      .select('id')
      .where('hash', '=', hash)
      .where('created_by', '=', request.principal.userId)
      .executeTakeFirst()
    if (existing) return withStatus(200, { hash: existing.id })
    const file = await db
      .insertInto('files')
      .values({ hash, created_by: request.principal.userId, mimetype: tarType, data })
      .onConflict((conflict) => conflict.columns(['hash', 'created_by']).doUpdateSet({ hash }))
      .returning('id')
      .executeTakeFirstOrThrow()
    return withStatus(201, { hash: file.id })
  })

  serve(app, downloadFile, async (request) => {
    const file = await db.selectFrom('files').selectAll().where('id', '=', request.params.fileID).executeTakeFirst()
    authorize(request, 'read', { resource: 'file', ...(file ? { ownerId: file.created_by } : {}) })
    if (!file) throw notFound()
    if (request.query.format === 'zip') request.reply.type('application/zip').send(await tarToZip(file.data))
    else request.reply.type(file.mimetype).send(file.data)
    return replySent
  })
}

/** The archive as tar, after checking that it is safe to extract. @throws ApiError 400 naming the rejected entry */
async function readArchive(bytes: Buffer, isZip: boolean): Promise<Buffer> {
  try {
    if (isZip) return await zipToTar(bytes)
    await checkTar(bytes)
    return bytes
  } catch (error) {
    if (!(error instanceof ArchiveError)) throw error
    throw new ApiError(400, 'The archive is not accepted.', { detail: error.message, cause: error })
  }
}

export function unsupportedType(type: string | undefined): ApiError {
  return new ApiError(400, `Unsupported content type header "${type ?? ''}".`, {
    detail: `Send ${[tarType, ...zipTypes].join(', ')}.`,
  })
}
