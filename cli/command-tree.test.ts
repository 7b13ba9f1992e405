// Commands as they are typed, each in a process of its own, against a real coderd.

import { once } from 'node:events'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { createUser } from '../api/account/users.ts'
import { startTestServer, type TestServer } from '../server/testing/start-test-server.ts'
import { type Outcome, runCoder } from './testing/run-coder.ts'

let server: TestServer
let configDir: string
beforeAll(async () => {
  server = await startTestServer()
})
afterAll(() => server.close())
beforeEach(() => {
  configDir = mkdtempSync(join(tmpdir(), 'coder-config-'))
  return () => rmSync(configDir, { recursive: true })
})

const coder = (
  args: readonly string[],
  env: NodeJS.ProcessEnv = { CODER_CONFIG_DIR: server.dataDir },
): Promise<Outcome> => runCoder(args, { cwd: configDir, env })

const elsewhere = () => ({ CODER_CONFIG_DIR: join(configDir, 'nothing') })

test('at the computer of the deployment no login is needed, and one session serves all commands', async () => {
  const first = await coder(['whoami', '-o', 'json'])
  expect(JSON.parse(first.stdout)).toMatchObject([{ url: server.url }])
  const file = join(server.dataDir, 'command-line.json')
  expect(statSync(file).mode & 0o777).toBe(0o600)
  const written = statSync(file).mtimeMs
  expect((await coder(['whoami'])).status).toBe(0)
  expect(statSync(file).mtimeMs).toBe(written)
})

test('a remembered session that was revoked is replaced', async () => {
  writeFileSync(
    join(server.dataDir, 'command-line.json'),
    JSON.stringify({ url: server.url, token: 'aaaaaaaaaa-bbbb' }),
  )
  expect((await coder(['whoami'])).status).toBe(0)
})

test('elsewhere a login is needed, is remembered for its owner alone, and ends with logout', async () => {
  const refused = await coder(['list'], elsewhere())
  expect(refused).toMatchObject({ status: 1, stdout: '' })
  expect(refused.stderr).toContain('hint: `coder login <url>` signs in')

  const body = {
    username: 'ada',
    email: 'ada@example.com',
    password: 'a-long-password-1',
    login_type: 'password' as const,
  }
  await server.client.call(createUser, { body })
  const login = await coder(['login', server.url, '--email', body.email, '--password', body.password], elsewhere())
  expect(login).toMatchObject({ status: 0, stdout: `Signed in to ${server.url} as ada.\n` })
  // The files that editors expect in the folder they name.
  const folder = elsewhere().CODER_CONFIG_DIR
  expect(readFileSync(join(folder, 'url'), 'utf8')).toBe(server.url)
  expect(statSync(join(folder, 'session')).mode & 0o777).toBe(0o600)
  expect((await coder(['whoami'], elsewhere())).stdout).toBe(`ada at ${server.url}\n`)
  expect((await coder(['logout', '--yes'], elsewhere())).status).toBe(0)
  expect((await coder(['whoami'], elsewhere())).status).toBe(1)
})

test('a session that is named is ended; what is remembered of another one stays', async () => {
  const token = async () => (await coder(['tokens', 'create'])).stdout.trim()
  const [kept, ended] = [await token(), await token()]
  await coder(['login', server.url, '--token', kept, '--use-token-as-session'], elsewhere())
  const named = { ...elsewhere(), CODER_SESSION_TOKEN: ended }
  expect((await coder(['logout', '--yes'], named)).status).toBe(0)
  expect((await coder(['whoami'], named)).stderr).toContain('You are signed out')
  expect((await coder(['whoami'], elsewhere())).status).toBe(0)
})

test('flags are taken as Go writes them, and no columns are all', async () => {
  expect(JSON.parse((await coder(['whoami', '-o=json'])).stdout)).toMatchObject([{ url: server.url }])
  expect((await coder(['list', '-a=true', '-o=json'])).status).toBe(0)
  expect((await coder(['users', 'list', '-c', ''])).stdout).toMatch(/^ID +USERNAME +NAME +EMAIL .*STATUS\n/)
})

test('a login whose deployment is gone is forgotten, and that its session goes on is told', async () => {
  const folder = elsewhere().CODER_CONFIG_DIR
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(folder, 'url'), 'http://127.0.0.1:9')
  writeFileSync(join(folder, 'session'), 'aaaaaaaaaa-bbbb')
  expect((await coder(['support', 'bundle', '--yes'], elsewhere())).status).toBe(1)
  const logout = await coder(['logout', '--yes'], elsewhere())
  expect(logout).toMatchObject({
    status: 1,
    stderr: expect.stringContaining('the session remains valid until it expires'),
  })
  expect((await coder(['logout', '--yes'], elsewhere())).stderr).toContain('You are not signed in.')
})

test('an address copied from a page is that of its deployment, and a page is no answer', async () => {
  const token = (await coder(['tokens', 'create'])).stdout.trim()
  const login = await coder(['login', `${server.url}/templates?filter=x`, '--token', token], elsewhere())
  expect(login).toMatchObject({ status: 0 })
  expect(readFileSync(join(elsewhere().CODER_CONFIG_DIR, 'url'), 'utf8')).toBe(server.url)
  const page = createServer((_request, answer) => answer.end('<html>')).listen(0, '127.0.0.1')
  await once(page, 'listening')
  const url = `http://127.0.0.1:${(page.address() as AddressInfo).port}`
  const refused = await coder(['login', url, '--token', token], elsewhere())
  page.close()
  expect(refused).toMatchObject({ status: 1 })
  expect(refused.stderr).toContain('This is not the answer of a deployment.')
})

test('flags win over the environment, and a wrong token is told with the next step', async () => {
  const env = { ...elsewhere(), CODER_URL: 'http://127.0.0.1:9', CODER_SESSION_TOKEN: server.token }
  expect((await coder(['list'], env)).stderr).toContain('The deployment does not answer.')
  expect((await coder(['list', '--url', server.url], env)).status).toBe(0)
  const wrong = await coder(['list', '--url', server.url, '--token', 'aaaaaaaaaa-bbbb'], env)
  expect(wrong.status).toBe(1)
  expect(wrong.stderr).toContain('hint: sign in with `coder login`.')
})

test('from a folder to a template to a workspace and back to nothing', async () => {
  const folder = join(configDir, 'plain')
  mkdirSync(folder)
  writeFileSync(join(folder, 'main.tf'), 'resource "terraform_data" "only" {\n  input = "x"\n}\n')
  const push = await coder(['templates', 'push', 'plain', '-d', folder, '--yes'])
  expect(push, push.stderr).toMatchObject({
    status: 0,
    stdout: expect.stringContaining('The template plain is ready.'),
  })
  expect((await coder(['templates', 'list'])).stdout).toMatch(/^NAME .*\n(.*\n)*plain /)

  const create = await coder(['create', 'otter', '--template', 'plain', '--yes'])
  expect(create, create.stderr).toMatchObject({ status: 0, stdout: 'otter is running.\n' })
  expect(create.stderr).toMatch(/✔ Starting workspace \[\d+ms\]/)
  expect((await coder(['create', 'otter', '--template', 'plain', '--yes'])).stderr).toContain('exists already')
  expect((await coder(['list'])).stdout).toMatch(/\/otter +plain +Started/)

  expect((await coder(['stop', 'otter'])).stderr).toContain('pass --yes.')
  expect((await coder(['stop', 'otter', '--yes'])).stdout).toBe('otter is stopped.\n')
  expect((await coder(['stop', 'otter', '--yes'])).stdout).toBe('otter is stopped already.\n')
  expect((await coder(['start', 'otter'])).stdout).toBe('otter is running.\n')
  expect((await coder(['delete', 'otter', '--yes'])).stdout).toBe('otter is deleted.\n')
  expect(JSON.parse((await coder(['list', '-o', 'json'])).stdout)).toEqual([])
})

test('a template with a mistake is refused with file, line and caret', async () => {
  const folder = join(configDir, 'broken')
  mkdirSync(folder)
  writeFileSync(join(folder, 'main.tf'), 'locals {\n  a = nothing.here\n')
  const { status, stderr } = await coder(['templates', 'push', '-d', folder, '--yes'])
  expect(status).toBe(1)
  expect(stderr).toMatch(/main\.tf:\d+/)
  expect(stderr).toContain('^')
  expect(stderr).toContain('error: The import of the template failed.')
})

test('what does not exist is told with what does', async () => {
  expect((await coder(['create', 'x', '--template', 'nope'])).stderr).toContain('Template nope not found.')
  expect((await coder(['start', 'nope'])).stderr).toContain('Workspace nope not found.')
  expect((await coder(['list', '--column', 'colour'])).stderr).toContain(
    'There is no "colour" among favorite, workspace, organization id',
  )
  expect((await coder(['lsit'])).stderr).toContain('Did you mean')
  expect(await coder(['help', 'lsit'])).toMatchObject({ status: 1, stderr: expect.stringContaining("command 'lsit'") })
  expect((await coder(['help', 'list'])).stdout).toMatch(/^Usage: coder list/)
})

test('the request behind an error is told on request, before or after the command', async () => {
  const told = new RegExp(`\\n  GET ${server.url}/api/v2/users/me/workspace/nope\\S*: 404\\n`)
  expect((await coder(['show', 'nope'])).stderr).not.toMatch(told)
  expect((await coder(['-v', 'show', 'nope'])).stderr).toMatch(told)
  expect((await coder(['show', 'nope', '--verbose'])).stderr).toMatch(told)
})

test('what follows a command that takes nothing of it is ignored where scripts may have it', async () => {
  expect((await coder(['version', 'x'])).status).toBe(0)
  expect((await coder(['list', 'x'])).status).toBe(1)
})

test('a command above others says what there is, as an answer', async () => {
  for (const args of [[], ['templates'], ['users']]) {
    const { status, stdout, stderr } = await coder(args)
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
    expect(stdout).toMatch(/^Usage: coder /)
  }
})

test('the commands below one that leaves --help to another program have help of their own', async () => {
  for (const name of ['create-admin-user', 'postgres-builtin-url', 'postgres-builtin-serve'])
    expect((await coder(['server', name, '--help'])).stdout).toMatch(new RegExp(`^Usage: coder server ${name} `))
})

test('where the values of flags come from can be asked', async () => {
  const env = { CODER_CONFIG_DIR: server.dataDir, CODER_TEMPLATE_NAME: 'plain' }
  const { status, stdout } = await coder(['create', 'x', '--yes', '--debug-options'], env)
  expect(status).toBe(0)
  expect(stdout).toMatch(/^OPTION +VALUE SOURCE\n/)
  expect(stdout).toMatch(/\n"template" +env\n/)
  expect(stdout).toMatch(/\n"yes" +flag\n/)
  expect(stdout).toMatch(/\n"automatic-updates" +default\n/)
})

test('login-link prints a link and nothing else', async () => {
  const { stdout, stderr } = await coder(['login-link'])
  expect(stdout).toMatch(new RegExp(`^${server.url}/#code=\\S+\\n$`))
  expect(stderr).toBe('')
})

test('what needs a network of its own is refused with what to use instead, in whatever way it is called', async () => {
  for (const args of [['ssh', '--stdio', 'otter'], ['port-forward', 'otter', '--tcp', '8080'], ['netcheck']])
    expect(await coder(args)).toMatchObject({
      status: 1,
      stderr: expect.stringContaining(`\`coder ${args[0]}\` is not there yet.`),
    })
  expect((await coder(['ssh', 'otter'])).stderr).toContain('hint: `coder terminal <workspace>` opens a terminal')
})

test('the version is told in words and, with the version of Coder that clients compare, in JSON', async () => {
  expect((await coder(['--version'])).stdout).toBe((await coder(['version'])).stdout)
  expect((await coder(['version'])).stdout).toMatch(/^Coder Local \d+\.\d+\.\d+, compatible with Coder v2\./)
  expect(JSON.parse((await coder(['version', '--output', 'json'])).stdout)).toMatchObject({
    version: expect.stringMatching(/^v2\./),
  })
})
