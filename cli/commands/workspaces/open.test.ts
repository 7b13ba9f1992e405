// `coder open` for editors. A program on the PATH stands for the opener of the system and records its arguments.

import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { requires } from '../../../lib/testing/requirements.ts'
import { templateWithAgent } from '../../../server/testing/agent-templates.ts'
import { startTestServer, type TestServer } from '../../../server/testing/start-test-server.ts'
import { createTemplate, createWorkspace, waitForBuild } from '../../../server/testing/workspace-fixtures.ts'
import { createCliUser } from '../../testing/run-coder.ts'

const user = createCliUser()
const bin = join(user.home, 'bin')
let server: TestServer
let owner: string
beforeAll(async () => {
  server = await startTestServer()
  const { id } = await createTemplate(server.client, 'opened', { 'main.tf': templateWithAgent() })
  const workspace = await createWorkspace(server.client, id, 'dev')
  owner = workspace.owner_name
  await waitForBuild(server.client, workspace.latest_build.id)
  mkdirSync(bin)
})
afterAll(async () => {
  await server.close()
  user.remove()
})

const opener = process.platform === 'darwin' ? 'open' : 'xdg-open'
const install = (program: string, script: string) =>
  writeFileSync(join(bin, program), `#!/bin/sh\n${script}\n`, { mode: 0o755 })
const record = `printf '%s\\n' "$0" "$@" > ${join(user.home, 'opened')}`

const open = (args: readonly string[], path = `${bin}:${process.env.PATH}`) =>
  user.coder(['open', ...args], { CODER_CONFIG_DIR: server.dataDir, PATH: path })

/** The recorded program and URL. */
async function opened(...args: readonly string[]): Promise<{ program: string; url: URL }> {
  const { status, stderr } = await open(args)
  expect({ status, stderr }).toEqual({ status: 0, stderr: expect.stringMatching(/^Opened in /) })
  const [program = '', ...rest] = readFileSync(join(user.home, 'opened'), 'utf8').trim().split('\n')
  return { program: program.slice(bin.length + 1), url: new URL(rest.at(-1) ?? '') }
}

test.each(['vscode', 'cursor', 'windsurf'])('%s opens the folder by its extension', async (editor) => {
  install(opener, record)
  const { url } = await opened(editor, 'dev', '/srv/a b', '--generate-token')
  expect(url.href).toMatch(new RegExp(`^${editor}://coder\\.coder-remote/open\\?`))
  const { token, ...fields } = Object.fromEntries(url.searchParams)
  expect(fields).toEqual({ owner, workspace: 'dev', agent: 'main', folder: '/srv/a b', url: server.url })
  expect(token).toMatch(/^\w{10}-\w+$/)
})

test('JetBrains Toolbox opens the agent, and the browser its terminal', async () => {
  install(opener, record)
  const { url } = await opened('jetbrains', 'dev', '/srv')
  expect(url.href).toMatch(/^jetbrains:\/\/gateway\/coder\?/)
  const fields = { url: server.url, workspace: 'dev', owner, agent_name: 'main', folder: '/srv' }
  expect(Object.fromEntries(url.searchParams)).toEqual(fields)
  expect((await opened('terminal', 'dev')).url.href).toBe(`${server.url}/@${owner}/dev.main/terminal`)
})

test('Zed needs the configuration of SSH', requires('ssh'), async () => {
  install(opener, record)
  install('ssh', 'echo hostname "$2"')
  expect(await open(['zed', 'dev', '/srv/a b'])).toMatchObject({
    status: 1,
    stderr: expect.stringContaining('coder config-ssh'),
  })
  install('ssh', 'echo "proxycommand /usr/bin/coder ssh --stdio %h"')
  expect((await opened('zed', 'dev', '/srv/a b')).url.href).toBe(`zed://ssh/main.dev.${owner}.coder/srv/a%20b`)
})

test('the program of the editor opens a URL that the system does not know; otherwise it is printed', async () => {
  install(opener, 'exit 3')
  const failed = await open(['cursor', 'dev', '/srv'], bin)
  expect(failed).toMatchObject({ status: 0, stdout: expect.stringMatching(/^cursor:\/\/\S+\n$/) })
  expect(failed.stderr).toContain('install Cursor')
  install('cursor', record)
  expect((await opened('cursor', 'dev', '/srv')).program).toBe('cursor')
})
