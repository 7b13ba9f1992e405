// Archives over REST: stored once for each content and user, given back as tar and as zip, refused by name.

import { afterAll, beforeAll, expect, test } from 'vitest'
import { createTemplateVersion } from '../../../api/templates/template-versions.ts'
import { updateTemplateAcl } from '../../../api/templates/templates.ts'
import { packTar } from '../../archives/archive.ts'
import { readZip } from '../../archives/zip.ts'
import { createTemplate } from '../../testing/workspace-fixtures.ts'
import { startTestServer, type TestServer } from '../../testing/start-test-server.ts'

let server: TestServer
beforeAll(async () => {
  server = await startTestServer()
})
afterAll(() => server.close())

async function send(type: string, data: Buffer, token = server.token) {
  const headers = { 'coder-session-token': token, 'content-type': type }
  const reply = await fetch(`${server.url}/api/v2/files`, { method: 'POST', headers, body: new Uint8Array(data) })
  return { status: reply.status, body: (await reply.json()) as { hash: string; message?: string; detail?: string } }
}

const read = (id: string, query = '', token = server.token) =>
  fetch(`${server.url}/api/v2/files/${id}${query}`, { headers: { 'coder-session-token': token } })

test('the same archive again is the same file, and so is the same content as zip', async () => {
  const tar = await packTar([['main.tf', Buffer.from('# here')]])
  const first = await send('application/x-tar', tar)
  expect(first.status).toBe(201)
  expect(await send('application/x-tar', tar)).toEqual({ status: 200, body: first.body })
  const zip = Buffer.from(await (await read(first.body.hash, '?format=zip')).arrayBuffer())
  expect((await readZip(zip)).map(({ path, content }) => [path, content.toString()])).toEqual([['main.tf', '# here']])
  for (const type of ['application/zip', 'application/x-zip-compressed'])
    expect(await send(type, zip)).toEqual({ status: 200, body: first.body })
  const back = await read(first.body.hash)
  expect(back.headers.get('content-type')).toBe('application/x-tar')
  expect(Buffer.from(await back.arrayBuffer())).toEqual(tar)
})

test('other types and formats are refused, and so is what is too large before it is read', async () => {
  const tar = await packTar([['main.tf', Buffer.from('')]])
  expect((await send('application/gzip', tar)).status).toBe(400)
  expect((await send('text/plain', tar)).status).toBe(400)
  const { body } = await send('application/x-tar', tar)
  expect((await read(body.hash, '?format=rar')).status).toBe(400)
  expect((await read('8a9f5a1e-0000-4000-8000-000000000001')).status).toBe(404)
  expect((await send('application/x-tar', Buffer.alloc(100 * 1024 * 1024 + 512))).status).toBe(413)
})

test('a member reads nobody else’s files, and gives versions to no template but those shared for that', async () => {
  const { token, user, client } = await server.createUser('member')
  const tar = await packTar([['main.tf', Buffer.from('# of a member')]])
  const { body: others } = await send('application/x-tar', tar)
  expect((await read(others.hash, '', token)).status).toBe(404)
  const { body: own } = await send('application/x-tar', tar, token)
  expect(own.hash).not.toBe(others.hash)
  expect((await read(own.hash, '', token)).status).toBe(200)
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
