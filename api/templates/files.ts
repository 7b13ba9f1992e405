// Archives that template versions are made from.

import { type Static, Type } from 'typebox'
import { oneOf, Uuid } from '../common.ts'
import { endpoint, user } from '../endpoint.ts'

export const tarType = 'application/x-tar'
export const zipTypes = ['application/zip', 'application/x-zip-compressed'] as const

/** The field is called `hash` and holds the file's id: what clients hand on as `file_id`. */
export const UploadResponse = Type.Object({ hash: Uuid })
export type UploadResponse = Static<typeof UploadResponse>

/** The largest archive that is taken. */
export const maxUploadBytes = 100 * 1024 * 1024

export const uploadFile = endpoint({
  method: 'POST',
  path: '/api/v2/files',
  limit: 'files',
  summary: 'Stores an archive; the same bytes again from the same user give the same id and status 200',
  access: user('create', 'file'),
  bodyTypes: [tarType, ...zipTypes],
  responses: { 200: UploadResponse, 201: UploadResponse },
})

export const downloadFile = endpoint({
  method: 'GET',
  path: '/api/v2/files/:fileID',
  limit: 'files',
  summary: 'Gives an archive back as tar, or as zip when asked',
  access: user('read', 'file'),
  params: Type.Object({ fileID: Uuid }),
  query: Type.Object({ format: Type.Optional(oneOf(['', 'zip'])) }),
  responses: { 200: Type.Unknown() },
  raw: true,
})
