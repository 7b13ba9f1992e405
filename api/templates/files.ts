// Archives from which template versions are created.

import { type Static, Type } from 'typebox'
import { oneOf, Uuid } from '../common.ts'
import { endpoint, user } from '../endpoint.ts'

export const tarType = 'application/x-tar'
export const zipTypes = ['application/zip', 'application/x-zip-compressed'] as const

/** Despite its name, `hash` is the file's ID, which clients pass on as `file_id`. */
export const UploadResponse = Type.Object({ hash: Uuid })
export type UploadResponse = Static<typeof UploadResponse>

/** Maximum size of an archive. */
export const maxUploadBytes = 100 * 1024 * 1024

export const uploadFile = endpoint({
  method: 'POST',
  path: '/api/v2/files',
  limit: 'files',
  summary: 'Upload an archive. Uploading the same bytes again as the same user returns the same ID with status 200.',
  access: user('create', 'file'),
  bodyTypes: [tarType, ...zipTypes],
  responses: { 200: UploadResponse, 201: UploadResponse },
})

export const downloadFile = endpoint({
  method: 'GET',
  path: '/api/v2/files/:fileID',
  limit: 'files',
  summary: 'Download an archive as tar, or as zip on request.',
  access: user('read', 'file'),
  params: Type.Object({ fileID: Uuid }),
  query: Type.Object({ format: Type.Optional(oneOf(['', 'zip'])) }),
  responses: { 200: Type.Unknown() },
  raw: true,
})
