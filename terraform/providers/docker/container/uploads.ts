// The `upload` blocks of a container: files that are copied into it before it starts.

import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { pack } from 'tar-stream'
import type { OperationContext } from '../../../provider.ts'
import { blocksField, boolField, textField } from '../../../values/fields.ts'
import type { ObjectValue } from '../../../values/value.ts'
import type { EngineClient } from '../engine/client.ts'

export async function uploadFiles(
  planned: ObjectValue,
  client: EngineClient,
  id: string,
  { dir, signal }: OperationContext,
): Promise<void> {
  const uploads = blocksField(planned, 'upload')
  if (uploads.length === 0) return
  const archive = pack()
  for (const upload of uploads) {
    const name = (textField(upload, 'file') ?? '').replace(/^\/+/, '')
    archive.entry({ name, mode: modeOf(upload) }, await contentOf(upload, dir))
  }
  archive.finalize()
  await client.call('PUT', `/containers/${id}/archive`, { query: { path: '/' }, archive, signal })
}

async function contentOf(upload: ObjectValue, dir: string): Promise<Buffer> {
  const encoded = textField(upload, 'content_base64')
  if (encoded !== undefined) return Buffer.from(encoded, 'base64')
  const source = textField(upload, 'source')
  return source === undefined ? Buffer.from(textField(upload, 'content') ?? '') : await readFile(resolve(dir, source))
}

function modeOf(upload: ObjectValue): number {
  const permissions = textField(upload, 'permissions')
  if (permissions !== undefined) return Number.parseInt(permissions, 8)
  return boolField(upload, 'executable') ? 0o744 : 0o644
}
