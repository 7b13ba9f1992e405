// Prompts on a real terminal and with piped input.

import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { createToken } from '../../api/account/api-keys.ts'
import { createUser, getUser } from '../../api/account/users.ts'
import { getBuildParameters } from '../../api/workspaces/builds.ts'
import { listWorkspaces } from '../../api/workspaces/workspaces.ts'
import { startTestServer, type TestServer } from '../../server/testing/start-test-server.ts'
import { createTemplate } from '../../server/testing/workspace-fixtures.ts'
import { PtyProcess } from '../testing/pty-process.ts'
import { createCliUser } from '../testing/run-coder.ts'

const down = '\x1b[B'
const cliUser = createCliUser()
let server: TestServer
beforeAll(async () => {
  server = await startTestServer()
})
afterAll(async () => {
  await server.close()
  cliUser.remove()
})

const open: PtyProcess[] = []
afterEach(() => {
  for (const child of open.splice(0)) child.close()
})

function watch(args: readonly string[], folder = server.dataDir): PtyProcess {
  const child = new PtyProcess(args, { cwd: cliUser.home, env: { CODER_CONFIG_DIR: folder, NO_COLOR: '1' } })
  open.push(child)
  return child
}

const read = (username: string) => server.client.call(getUser, { params: { user: username } })

test('an invalid answer is prompted for again', async () => {
  const create = watch(['users', 'create', '--full-name', 'Grace', '--password', 'a-long-password-1'])
  await create.answerPrompt('Username', 'no name\r')
  await create.answerPrompt('"no name" cannot be the name of a user', 'grace\r')
  await create.answerPrompt('Email', 'grace\r')
  await create.answerPrompt('"grace" is not an email address', 'grace@example.com\r')
  expect(await create.waitForExit()).toMatchObject({ code: 0 })
  expect(await read('grace')).toMatchObject({ email: 'grace@example.com', name: 'Grace' })
})

test.each([
  ['Ctrl-C', '\x03', 'alan'],
  ['Ctrl-D', '\x04', 'barbara'],
  ['a no', 'no\r', 'donald'],
])('%s cancels the command', async (_what, typed, name) => {
  const { user } = await server.createUser(name)
  const suspend = watch(['users', 'suspend', user.username])
  await suspend.answerPrompt('(yes/no)', typed)
  expect(await suspend.waitForExit()).toMatchObject({ code: 1 })
  expect(suspend.text).not.toContain('error:')
  expect((await read(user.username)).status).not.toBe('suspended')
})

test('Enter alone confirms a routine action but not a deletion', async () => {
  const { user } = await server.createUser('linus')
  const suspend = watch(['users', 'suspend', user.username])
  await suspend.answerPrompt('(yes/no)', '\r')
  expect(await suspend.waitForExit()).toMatchObject({ code: 0 })
  expect(await read(user.username)).toMatchObject({ status: 'suspended' })

  await createTemplate(server.client, 'kept', { 'main.tf': '' })
  const remove = watch(['templates', 'delete', 'kept'])
  await remove.answerPrompt('(yes/no)', '\r')
  expect(await remove.waitForExit()).toMatchObject({ code: 1 })
})

test('roles are selected from a list of checkboxes', async () => {
  const { user } = await server.createUser('ada')
  const edit = watch(['users', 'edit-roles', user.username])
  await edit.answerPrompt('[ ] user-admin', `${down} `)
  await edit.answerPrompt('[x] template-admin', '\r')
  expect(await edit.waitForExit()).toMatchObject({ code: 0 })
  expect((await read(user.username)).roles).toMatchObject([{ name: 'template-admin' }])
})

test('a token is echoed as asterisks, and an invalid one is prompted for again', async () => {
  const folder = join(cliUser.home, 'elsewhere')
  const { key } = await server.client.call(createToken, { params: { user: 'me' }, body: {} })
  const login = watch(['login', server.url], folder)
  await login.answerPrompt('Token', 'nonsense-token\r')
  // Between two prompts the terminal echoes what is typed.
  await login.waitUntil(() => /Invalid token\.[\s\S]*Token/.test(login.text), 'the second prompt')
  login.type(`${key}\r`)
  expect(await login.waitForExit()).toMatchObject({ code: 0 })
  expect(login.text).toContain('*'.repeat(key.length))
  expect(login.text).not.toContain(key)
  expect(readFileSync(join(folder, 'url'), 'utf8')).toBe(server.url)
})

test('a wrong password is prompted for again', async () => {
  const body = { username: 'edsger', email: 'edsger@example.com', password: 'a-long-password-2' }
  await server.client.call(createUser, { body: { ...body, login_type: 'password' } })
  const login = watch(['login', server.url, '--email', body.email], join(cliUser.home, 'there'))
  await login.answerPrompt('Password', 'wrong\r')
  await login.answerPrompt('Incorrect email or password.', `${body.password}\r`)
  expect(await login.waitForExit()).toMatchObject({ code: 0 })
  const wrong = ['login', server.url, '--email', body.email, '--password', 'wrong']
  const { status, stderr } = await cliUser.coder(wrong, { CODER_CONFIG_DIR: join(cliUser.home, 'nowhere') })
  expect({ status, stderr }).toEqual({ status: 1, stderr: 'error: Incorrect email or password.\n' })
})

test('the template, its preset and parameter options are selected from lists', async () => {
  const folder = join(cliUser.home, 'sized')
  mkdirSync(folder)
  writeFileSync(
    join(folder, 'main.tf'),
    `data "coder_parameter" "size" {
       name = "size"
       type = "string"
       option {
         name  = "Small one"
         value = "s"
       }
       option {
         name  = "Large one"
         value = "l"
       }
     }
     data "coder_parameter" "tools" {
       name      = "tools"
       type      = "list(string)"
       form_type = "multi-select"
       option {
         name  = "Editor"
         value = "vim"
       }
       option {
         name  = "Shell"
         value = "zsh"
       }
     }
     data "coder_workspace_preset" "large" {
       name       = "Much of it"
       parameters = { size = "l" }
     }
     output "it" {
       value = "\${data.coder_parameter.size.value} \${data.coder_parameter.tools.value}"
     }`,
  )
  await cliUser.coder(['templates', 'push', 'sized', '-d', folder, '--yes'], { CODER_CONFIG_DIR: server.dataDir })
  const create = watch(['create', 'otter'])
  await create.answerPrompt('? Template', 'siz\r')
  await create.answerPrompt('? Preset', down)
  await create.answerPrompt('> none', '\r')
  await create.answerPrompt('Small one', `${down}\r`)
  await create.answerPrompt('[ ] Editor', `${down} \r`)
  expect(await create.waitForExit(), create.text).toMatchObject({ code: 0 })
  const pulled = await cliUser.coder(['state', 'pull', 'otter'], { CODER_CONFIG_DIR: server.dataDir })
  expect(JSON.parse(pulled.stdout).outputs.it.value).toBe('l ["zsh"]')
  // As in Coder, the preset takes precedence.
  const given = ['--preset', 'Much of it', '--parameter', 'size=s', '--parameter', 'tools=[]']
  const { stderr } = await cliUser.coder(['create', 'stork', '-t', 'sized', ...given], {
    CODER_CONFIG_DIR: server.dataDir,
  })
  expect(stderr).toContain('Preset Much of it: size = l\n')
  expect(await valuesOf('stork')).toEqual({ size: 'l', tools: '[]' })
})

/** @param parameters the body of each `coder_parameter`, on one line. */
async function push(name: string, ...parameters: string[]): Promise<void> {
  const folder = join(cliUser.home, name)
  mkdirSync(folder, { recursive: true })
  const blocks = parameters.map(
    (text, index) => `data "coder_parameter" "p${index}" {\n  ${text.replaceAll(', ', '\n  ')}\n}\n`,
  )
  writeFileSync(join(folder, 'main.tf'), blocks.join(''))
  const pushed = await cliUser.coder(['templates', 'push', name, '-d', folder, '--yes'], {
    CODER_CONFIG_DIR: server.dataDir,
  })
  expect(pushed, pushed.stderr).toMatchObject({ status: 0 })
}

async function valuesOf(name: string): Promise<Record<string, string>> {
  const { workspaces } = await server.client.call(listWorkspaces, { query: { q: `name:${name}` } })
  const params = { workspacebuild: workspaces[0]?.latest_build.id ?? '' }
  const values = await server.client.call(getBuildParameters, { params })
  return Object.fromEntries(values.map(({ name, value }) => [name, value]))
}

const size = 'name = "size", type = "number", default = 3, mutable = true'
const place = 'name = "place", default = "here"'

test('a new workspace prompts for every parameter, and again when the template rejects the answer', async () => {
  await push('asking', size, place, 'name = "title"')
  const create = watch(['create', 'finch', '-t', 'asking', '--yes'])
  await create.answerPrompt('> place (here)', 'there\r')
  await create.answerPrompt('> size (3)', 'many\r')
  await create.waitUntil(() => /must be a number[\s\S]*> size/.test(create.text), 'the second prompt')
  create.type('5\r')
  await create.answerPrompt('> title', '\r')
  await create.answerPrompt('A value is required.', 'Mine\r')
  expect(await create.waitForExit(), create.text).toMatchObject({ code: 0 })
  expect(await valuesOf('finch')).toEqual({ place: 'there', size: '5', title: 'Mine' })
})

test('an update prompts for new parameters that are required or immutable', async () => {
  const later = 'name = "later", default = "default", mutable = true'
  await push(
    'asking',
    size,
    place,
    'name = "title"',
    later,
    'name = "kind", default = "plain"',
    'name = "motto", mutable = true',
  )
  const update = watch(['update', 'finch'])
  await update.answerPrompt('> kind (plain)', 'fancy\r')
  await update.answerPrompt('> motto', 'On\r')
  expect(await update.waitForExit(), update.text).toMatchObject({ code: 0 })
  expect(update.text).not.toContain('> later')
  expect(await valuesOf('finch')).toMatchObject({ size: '5', kind: 'fancy', motto: 'On', later: 'default' })
})

test('piped answers are read line by line; empty and missing lines mean the default', async () => {
  await push('asking', size, place, 'name = "title", default = "Untitled"')
  const env = { CODER_CONFIG_DIR: server.dataDir }
  expect(await cliUser.coder(['create', 'heron', '-t', 'asking'], env, '\n7\n')).toMatchObject({ status: 0 })
  expect(await valuesOf('heron')).toEqual({ place: 'here', size: '7', title: 'Untitled' })
})

test('renaming a workspace requires typing its name', async () => {
  const rename = watch(['rename', 'otter', 'badger'])
  await rename.answerPrompt('Type "otter"', 'yes\r')
  await rename.answerPrompt('"yes" is not "otter"', 'otter\r')
  expect(await rename.waitForExit()).toMatchObject({ code: 0 })
  const typed = await cliUser.coder(['rename', 'badger', 'otter'], { CODER_CONFIG_DIR: server.dataDir }, 'badger\n')
  expect(typed).toMatchObject({ status: 0 })
})
