// The command line as a process, with a real coderd: logins, global options, errors, help.

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

test('on the computer of the deployment, no login is needed, and all commands share one session', async () => {
  const first = await coder(['whoami', '-o', 'json'])
  expect(JSON.parse(first.stdout)).toMatchObject([{ url: server.url }])
  const file = join(server.dataDir, 'command-line.json')
  expect(statSync(file).mode & 0o777).toBe(0o600)
  const written = statSync(file).mtimeMs
  expect((await coder(['whoami'])).status).toBe(0)
  expect(statSync(file).mtimeMs).toBe(written)
})

test('a stored session that was revoked is replaced', async () => {
  writeFileSync(
    join(server.dataDir, 'command-line.json'),
    JSON.stringify({ url: server.url, token: 'aaaaaaaaaa-bbbb' }),
  )
  expect((await coder(['whoami'])).status).toBe(0)
})

test('on another computer, a login is needed, is stored privately, and ends with logout', async () => {
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
  // The files that editors expect in the folder of --global-config.
  const folder = elsewhere().CODER_CONFIG_DIR
  expect(readFileSync(join(folder, 'url'), 'utf8')).toBe(server.url)
  expect(statSync(join(folder, 'session')).mode & 0o777).toBe(0o600)
  expect((await coder(['whoami'], elsewhere())).stdout).toBe(`ada at ${server.url}\n`)
  expect((await coder(['logout', '--yes'], elsewhere())).status).toBe(0)
  expect((await coder(['whoami'], elsewhere())).status).toBe(1)
})

test('logout ends the given session and keeps a different stored one', async () => {
  const token = async () => (await coder(['tokens', 'create'])).stdout.trim()
  const [stored, ended] = [await token(), await token()]
  await coder(['login', server.url, '--token', stored, '--use-token-as-session'], elsewhere())
  const named = { ...elsewhere(), CODER_SESSION_TOKEN: ended }
  expect((await coder(['logout', '--yes'], named)).status).toBe(0)
  expect((await coder(['whoami'], named)).stderr).toContain('You are signed out')
  expect((await coder(['whoami'], elsewhere())).status).toBe(0)
})

test("flags may have Go's notation, and an empty column list selects all columns", async () => {
  expect(JSON.parse((await coder(['whoami', '-o=json'])).stdout)).toMatchObject([{ url: server.url }])
  expect((await coder(['list', '-a=true', '-o=json'])).status).toBe(0)
  expect((await coder(['users', 'list', '-c', ''])).stdout).toMatch(/^ID +USERNAME +NAME +EMAIL .*STATUS\n/)
})

test('logout deletes a login whose deployment is unreachable, and reports the remaining session', async () => {
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

test('login accepts the address of a page, and rejects a server that is not a deployment', async () => {
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
  expect(refused.stderr).toContain('The response is not from a Coder deployment.')
})

test('flags take precedence over the environment, and an invalid token comes with the next step', async () => {
  const env = { ...elsewhere(), CODER_URL: 'http://127.0.0.1:9', CODER_SESSION_TOKEN: server.token }
  expect((await coder(['list'], env)).stderr).toContain('Could not reach the deployment.')
  expect((await coder(['list', '--url', server.url], env)).status).toBe(0)
  const wrong = await coder(['list', '--url', server.url, '--token', 'aaaaaaaaaa-bbbb'], env)
  expect(wrong.status).toBe(1)
  expect(wrong.stderr).toContain('hint: sign in with `coder login`.')
})

test('a template is pushed, and a workspace created, stopped, started and deleted', async () => {
  const folder = join(configDir, 'plain')
  mkdirSync(folder)
  writeFileSync(join(folder, 'main.tf'), 'resource "terraform_data" "only" {\n  input = "x"\n}\n')
  const push = await coder(['templates', 'push', 'plain', '-d', folder, '--yes'])
  expect(push, push.stderr).toMatchObject({
    status: 0,
    stdout: expect.stringContaining('Template plain is ready.'),
  })
  expect((await coder(['templates', 'list'])).stdout).toMatch(/^NAME .*\n(.*\n)*plain /)

  const create = await coder(['create', 'otter', '--template', 'plain', '--yes'])
  expect(create, create.stderr).toMatchObject({ status: 0, stdout: 'otter is running.\n' })
  expect(create.stderr).toMatch(/✔ Starting workspace \[\d+ms\]/)
  expect((await coder(['create', 'otter', '--template', 'plain', '--yes'])).stderr).toContain('already exists')
  expect((await coder(['list'])).stdout).toMatch(/\/otter +plain +Started/)

  expect((await coder(['stop', 'otter'])).stderr).toContain('pass --yes.')
  expect((await coder(['stop', 'otter', '--yes'])).stdout).toBe('otter is stopped.\n')
  expect((await coder(['stop', 'otter', '--yes'])).stdout).toBe('otter is already stopped.\n')
  expect((await coder(['start', 'otter'])).stdout).toBe('otter is running.\n')
  expect((await coder(['delete', 'otter', '--yes'])).stdout).toBe('otter was deleted.\n')
  expect(JSON.parse((await coder(['list', '-o', 'json'])).stdout)).toEqual([])
})

test('an invalid template is rejected with file, line and caret', async () => {
  const folder = join(configDir, 'broken')
  mkdirSync(folder)
  writeFileSync(join(folder, 'main.tf'), 'locals {\n  a = nothing.here\n')
  const { status, stderr } = await coder(['templates', 'push', '-d', folder, '--yes'])
  expect(status).toBe(1)
  expect(stderr).toMatch(/main\.tf:\d+/)
  expect(stderr).toContain('^')
  expect(stderr).toContain('error: The import of the template failed.')
})

test('unknown names and commands are rejected', async () => {
  expect((await coder(['create', 'x', '--template', 'nope'])).stderr).toContain('Template nope not found.')
  expect((await coder(['start', 'nope'])).stderr).toContain('Workspace nope not found.')
  expect((await coder(['list', '--column', 'color'])).stderr).toContain(
    '"color" is not one of favorite, workspace, organization id',
  )
  expect((await coder(['lsit'])).stderr).toContain('Did you mean')
  expect(await coder(['help', 'lsit'])).toMatchObject({ status: 1, stderr: expect.stringContaining("command 'lsit'") })
  expect((await coder(['help', 'list'])).stdout).toMatch(/^Usage: coder list/)
})

test('--verbose prints the failed request, before or after the command', async () => {
  const trace = new RegExp(`\\n  GET ${server.url}/api/v2/users/me/workspace/nope\\S*: 404\\n`)
  expect((await coder(['show', 'nope'])).stderr).not.toMatch(trace)
  expect((await coder(['-v', 'show', 'nope'])).stderr).toMatch(trace)
  expect((await coder(['show', 'nope', '--verbose'])).stderr).toMatch(trace)
})

test('excess arguments are ignored only by commands that scripts call with them', async () => {
  expect((await coder(['version', 'x'])).status).toBe(0)
  expect((await coder(['list', 'x'])).status).toBe(1)
})

test('a command group without a subcommand prints help with exit status 0', async () => {
  for (const args of [[], ['templates'], ['users']]) {
    const { status, stdout, stderr } = await coder(args)
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
    expect(stdout).toMatch(/^Usage: coder /)
  }
})

test('subcommands of `server` have regular help', async () => {
  for (const name of ['create-admin-user', 'postgres-builtin-url', 'postgres-builtin-serve'])
    expect((await coder(['server', name, '--help'])).stdout).toMatch(new RegExp(`^Usage: coder server ${name} `))
})

test('--debug-options prints the sources of option values', async () => {
  const env = { CODER_CONFIG_DIR: server.dataDir, CODER_TEMPLATE_NAME: 'plain' }
  const { status, stdout } = await coder(['create', 'x', '--yes', '--debug-options'], env)
  expect(status).toBe(0)
  expect(stdout).toMatch(/^OPTION +VALUE SOURCE\n/)
  expect(stdout).toMatch(/\n"template" +env\n/)
  expect(stdout).toMatch(/\n"yes" +flag\n/)
  expect(stdout).toMatch(/\n"automatic-updates" +default\n/)
})

test('login-link prints only a link', async () => {
  const { stdout, stderr } = await coder(['login-link'])
  expect(stdout).toMatch(new RegExp(`^${server.url}/#code=\\S+\\n$`))
  expect(stderr).toBe('')
})

test('the version is printed as text and, with the compatible Coder version, as JSON', async () => {
  expect((await coder(['--version'])).stdout).toBe((await coder(['version'])).stdout)
  expect((await coder(['version'])).stdout).toMatch(/^Coder Local \d+\.\d+\.\d+, compatible with Coder v2\./)
  expect(JSON.parse((await coder(['version', '--output', 'json'])).stdout)).toMatchObject({
    version: expect.stringMatching(/^v2\./),
  })
})
