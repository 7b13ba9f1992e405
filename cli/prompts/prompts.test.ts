// Questions as they are asked on a terminal, of whoever sits at it.

import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { createToken } from '../../api/account/api-keys.ts'
import { createUser, getUser } from '../../api/account/users.ts'
import { getBuildParameters } from '../../api/workspaces/builds.ts'
import { listWorkspaces } from '../../api/workspaces/workspaces.ts'
import { createTemplate } from '../../server/testing/scenes.ts'
import { startTestServer, type TestServer } from '../../server/testing/start-test-server.ts'
import { sitDown } from '../testing/run-coder.ts'
import { Watched } from '../testing/watched.ts'

const down = '\x1b[B'
const person = sitDown()
let server: TestServer
beforeAll(async () => {
  server = await startTestServer()
})
afterAll(async () => {
  await server.close()
  person.leave()
})

const open: Watched[] = []
afterEach(() => {
  for (const one of open.splice(0)) one.close()
})

function watch(args: readonly string[], folder = server.dataDir): Watched {
  const watched = new Watched(args, { cwd: person.home, env: { CODER_CONFIG_DIR: folder, NO_COLOR: '1' } })
  open.push(watched)
  return watched
}

const read = (username: string) => server.client.call(getUser, { params: { user: username } })

test('what is typed wrongly is asked again', async () => {
  const create = watch(['users', 'create', '--full-name', 'Grace', '--password', 'a-long-password-1'])
  await create.answer('Username', 'no name\r')
  await create.answer('"no name" cannot be the name of a user', 'grace\r')
  await create.answer('Email', 'grace\r')
  await create.answer('"grace" is not an email address', 'grace@example.com\r')
  expect(await create.end()).toMatchObject({ code: 0 })
  expect(await read('grace')).toMatchObject({ email: 'grace@example.com', name: 'Grace' })
})

test.each([
  ['Ctrl-C', '\x03', 'alan'],
  ['Ctrl-D', '\x04', 'barbara'],
  ['a no', 'no\r', 'donald'],
])('by %s nothing is done', async (_what, typed, name) => {
  const { user } = await server.createUser(name)
  const suspend = watch(['users', 'suspend', user.username])
  await suspend.answer('(yes/no)', typed)
  expect(await suspend.end()).toMatchObject({ code: 1 })
  expect(suspend.text).not.toContain('error:')
  expect((await read(user.username)).status).not.toBe('suspended')
})

test('Enter alone does what is usual, and what is not is not done by it', async () => {
  const { user } = await server.createUser('linus')
  const suspend = watch(['users', 'suspend', user.username])
  await suspend.answer('(yes/no)', '\r')
  expect(await suspend.end()).toMatchObject({ code: 0 })
  expect(await read(user.username)).toMatchObject({ status: 'suspended' })

  await createTemplate(server.client, 'kept', { 'main.tf': '' })
  const remove = watch(['templates', 'delete', 'kept'])
  await remove.answer('(yes/no)', '\r')
  expect(await remove.end()).toMatchObject({ code: 1 })
})

test('roles are ticked in a list', async () => {
  const { user } = await server.createUser('ada')
  const edit = watch(['users', 'edit-roles', user.username])
  await edit.answer('[ ] user-admin', `${down} `)
  await edit.answer('[x] template-admin', '\r')
  expect(await edit.end()).toMatchObject({ code: 0 })
  expect((await read(user.username)).roles).toMatchObject([{ name: 'template-admin' }])
})

test('a password shows as stars, and a token that is none is asked for again', async () => {
  const folder = join(person.home, 'elsewhere')
  const { key } = await server.client.call(createToken, { params: { user: 'me' }, body: {} })
  const login = watch(['login', server.url], folder)
  await login.answer('Token', 'nonsense-token\r')
  // Not before it asks again: what is typed between two questions is shown.
  await login.until(() => /does not know this token[\s\S]*Token/.test(login.text), 'the question again')
  login.type(`${key}\r`)
  expect(await login.end()).toMatchObject({ code: 0 })
  expect(login.text).toContain('*'.repeat(key.length))
  expect(login.text).not.toContain(key)
  expect(readFileSync(join(folder, 'url'), 'utf8')).toBe(server.url)
})

test('a wrong password is asked for again', async () => {
  const body = { username: 'edsger', email: 'edsger@example.com', password: 'a-long-password-2' }
  await server.client.call(createUser, { body: { ...body, login_type: 'password' } })
  const login = watch(['login', server.url, '--email', body.email], join(person.home, 'there'))
  await login.answer('Password', 'wrong\r')
  await login.answer('Incorrect email or password.', `${body.password}\r`)
  expect(await login.end()).toMatchObject({ code: 0 })
  const wrong = ['login', server.url, '--email', body.email, '--password', 'wrong']
  const { status, stderr } = await person.coder(wrong, { CODER_CONFIG_DIR: join(person.home, 'nowhere') })
  expect({ status, stderr }).toEqual({ status: 1, stderr: 'error: Incorrect email or password.\n' })
})

test('the template, its preset and the choices of its parameters are chosen from lists', async () => {
  const folder = join(person.home, 'sized')
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
  await person.coder(['templates', 'push', 'sized', '-d', folder, '--yes'], { CODER_CONFIG_DIR: server.dataDir })
  const create = watch(['create', 'otter'])
  await create.answer('? Template', 'siz\r')
  await create.answer('? Preset', down)
  await create.answer('> none', '\r')
  await create.answer('Small one', `${down}\r`)
  await create.answer('[ ] Editor', `${down} \r`)
  expect(await create.end(), create.text).toMatchObject({ code: 0 })
  const pulled = await person.coder(['state', 'pull', 'otter'], { CODER_CONFIG_DIR: server.dataDir })
  expect(JSON.parse(pulled.stdout).outputs.it.value).toBe('l ["zsh"]')
  // As in Coder, a preset has the last word.
  const given = ['--preset', 'Much of it', '--parameter', 'size=s', '--parameter', 'tools=[]']
  const { stderr } = await person.coder(['create', 'stork', '-t', 'sized', ...given], {
    CODER_CONFIG_DIR: server.dataDir,
  })
  expect(stderr).toContain('Preset Much of it: size = l\n')
  expect(await valuesOf('stork')).toEqual({ size: 'l', tools: '[]' })
})

/** Its parameters are text, of one line each. */
async function push(name: string, ...parameters: string[]): Promise<void> {
  const folder = join(person.home, name)
  mkdirSync(folder, { recursive: true })
  const blocks = parameters.map(
    (text, index) => `data "coder_parameter" "p${index}" {\n  ${text.replaceAll(', ', '\n  ')}\n}\n`,
  )
  writeFileSync(join(folder, 'main.tf'), blocks.join(''))
  const pushed = await person.coder(['templates', 'push', name, '-d', folder, '--yes'], {
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

test('every parameter of a new workspace is asked for, and again when the template refuses the answer', async () => {
  await push('asking', size, place, 'name = "title"')
  const create = watch(['create', 'finch', '-t', 'asking', '--yes'])
  await create.answer('> place (here)', 'there\r')
  await create.answer('> size (3)', 'many\r')
  await create.until(() => /must be a number[\s\S]*> size/.test(create.text), 'the question again')
  create.type('5\r')
  await create.answer('> title', '\r')
  await create.answer('A value is needed.', 'Mine\r')
  expect(await create.end(), create.text).toMatchObject({ code: 0 })
  expect(await valuesOf('finch')).toEqual({ place: 'there', size: '5', title: 'Mine' })
})

test('an update asks for what is new and either needed or for good', async () => {
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
  await update.answer('> kind (plain)', 'fancy\r')
  await update.answer('> motto', 'On\r')
  expect(await update.end(), update.text).toMatchObject({ code: 0 })
  expect(update.text).not.toContain('> later')
  expect(await valuesOf('finch')).toMatchObject({ size: '5', kind: 'fancy', motto: 'On', later: 'default' })
})

test('answers that are piped in are taken line by line, defaults where they are empty or have ended', async () => {
  await push('asking', size, place, 'name = "title", default = "Untitled"')
  const env = { CODER_CONFIG_DIR: server.dataDir }
  expect(await person.coder(['create', 'heron', '-t', 'asking'], env, '\n7\n')).toMatchObject({ status: 0 })
  expect(await valuesOf('heron')).toEqual({ place: 'here', size: '7', title: 'Untitled' })
})

test('a workspace is renamed by whoever types its name', async () => {
  const rename = watch(['rename', 'otter', 'badger'])
  await rename.answer('Type "otter"', 'yes\r')
  await rename.answer('"yes" is not "otter"', 'otter\r')
  expect(await rename.end()).toMatchObject({ code: 0 })
  const typed = await person.coder(['rename', 'badger', 'otter'], { CODER_CONFIG_DIR: server.dataDir }, 'badger\n')
  expect(typed).toMatchObject({ status: 0 })
})
