// Archives over REST: stored once per content and user, returned as tar or zip, and validated.

import { afterAll, beforeAll, expect, test } from 'vitest'
import { createTemplateVersion } from '../../../api/templates/template-versions.ts'
import { updateTemplateAcl } from '../../../api/templates/templates.ts'
import { packTar } from '../../archives/archive.ts'
import { readZip } from '../../archives/zip.ts'
import { startTestServer, type TestServer } from '../../testing/start-test-server.ts'
import { createTemplate } from '../../testing/workspace-fixtures.ts'

let server: TestServer
beforeAll(async () => {
  server = await startTestServer()
})
afterAll(() => server.close())

async function upload(type: string, data: Buffer, token = server.token) {
  const headers = { 'coder-session-token': token, 'content-type': type }
  const response = await fetch(`${server.url}/api/v2/files`, { method: 'POST', headers, body: new Uint8Array(data) })
  return {
    status: response.status,
    body: (await response.json()) as { hash: string; message?: string; detail?: string },
  }
}

const download = (id: string, query = '', token = server.token) =>
  fetch(`${server.url}/api/v2/files/${id}${query}`, { headers: { 'coder-session-token': token } })

test('the same content has the same file ID, as tar and as zip', async () => {
  const tar = await packTar([['main.tf', Buffer.from('# here')]])
  const first = await upload('application/x-tar', tar)
  expect(first.status).toBe(201)
  expect(await upload('application/x-tar', tar)).toEqual({ status: 200, body: first.body })
  const zip = Buffer.from(await (await download(first.body.hash, '?format=zip')).arrayBuffer())
  expect((await readZip(zip)).map(({ path, content }) => [path, content.toString()])).toEqual([['main.tf', '# here']])
  for (const type of ['application/zip', 'application/x-zip-compressed'])
    expect(await upload(type, zip)).toEqual({ status: 200, body: first.body })
  const downloaded = await download(first.body.hash)
  expect(downloaded.headers.get('content-type')).toBe('application/x-tar')
  expect(Buffer.from(await downloaded.arrayBuffer())).toEqual(tar)
})

test('other types and formats and oversized bodies are rejected', async () => {
  const tar = await packTar([['main.tf', Buffer.from('')]])
  expect((await upload('application/gzip', tar)).status).toBe(400)
  expect((await upload('text/plain', tar)).status).toBe(400)
  const { body } = await upload('application/x-tar', tar)
  expect((await download(body.hash, '?format=rar')).status).toBe(400)
  expect((await download('8a9f5a1e-0000-4000-8000-000000000001')).status).toBe(404)
  expect((await upload('application/x-tar', Buffer.alloc(100 * 1024 * 1024 + 512))).status).toBe(413)
})

test('a member reads only own files, and adds versions only to templates they administer', async () => {
  const { token, user, client } = await server.createUser('member')
  const tar = await packTar([['main.tf', Buffer.from('# of a member')]])
  const { body: others } = await upload('application/x-tar', tar)
  expect((await download(others.hash, '', token)).status).toBe(404)
  const { body: own } = await upload('application/x-tar', tar, token)
  expect(own.hash).not.toBe(others.hash)
  expect((await download(own.hash, '', token)).status).toBe(200)
  const template = await createTemplate(server.client, 'shared', { 'main.tf': '' })
  const push = () =>
    client.call(createTemplateVersion, {
      params: { organization: 'default' },
      body: { storage_method: 'file', file_id: own.hash, provisioner: 'terraform', template_id: template.id },
    })
  await expect(push()).rejects.toMatchObject({ status: 404 })
  await server.client.call(updateTemplateAcl, {
    params: { template: template.id },
    body: { user_perms: { [user.id]: 'admin' } },
  })
  expect((await push()).template_id).toBe(template.id)
})
