// Remote provisioners, against a real sshd on this machine.

import { execFileSync, spawn, spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir, userInfo } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { requires } from '../../../lib/testing/requirements.ts'
import { parseTemplate } from '../../engine/template/template.ts'
import { build } from '../../testing/build-fixture.ts'

const sshd = '/usr/sbin/sshd'
const hasSshd = existsSync(sshd) && spawnSync('ssh', ['-V']).status === 0

test('sshd is installed in CI', () => {
  if (process.env.CI) expect(hasSshd, 'Install openssh-server and openssh-client.').toBe(true)
})

// Each connection starts an OpenSSH client, which can be slow on a busy machine.
describe('remote provisioners', { timeout: 120_000, ...requires('sshd', 'ssh') }, () => {
  const dir = mkdtempSync(join(tmpdir(), 'remote-test-'))
  const at = (name: string) => join(dir, name)
  let port = 0
  let stop: () => unknown = () => undefined

  beforeAll(async () => {
    for (const name of ['host', 'user']) execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', at(name)])
    port = await freePort()
    if (process.getuid?.() === 0) mkdirSync('/run/sshd', { recursive: true })
    const settings = [
      `Port ${port}`,
      'ListenAddress 127.0.0.1',
      `HostKey ${at('host')}`,
      `AuthorizedKeysFile ${at('user.pub')}`,
      `PidFile ${at('pid')}`,
      'StrictModes no',
      'UsePAM no',
      'PasswordAuthentication no',
      'PermitRootLogin yes',
      // The session has none of this machine's startup files.
      `SetEnv HOME=${dir}`,
    ]
    writeFileSync(at('sshd_config'), `${settings.join('\n')}\n`)
    const server = spawn(sshd, ['-D', '-e', '-f', at('sshd_config')], { stdio: ['ignore', 'ignore', 'pipe'] })
    stop = () => server.kill()
    await new Promise<void>((resolve) => {
      server.stderr.on('data', (text: Buffer) => text.toString().includes('listening') && resolve())
    })
    mkdirSync(at('folder/inner'), { recursive: true })
    writeFileSync(at('folder/inner/a.txt'), 'in a folder')
    writeFileSync(at('script.sh'), `#!/bin/sh\necho "from a script in $(basename "$0")" > ${at('script.out')}\n`)
  })

  afterAll(() => {
    stop()
    rmSync(dir, { recursive: true })
  })

  const connection = (changes = '') => `
  connection {
    host        = "127.0.0.1"
    port        = ${port}
    user        = "${userInfo().username}"
    private_key = file("user")
    host_key    = trimspace(file("host.pub"))
    timeout     = "20s"
    ${changes}
  }`
  const template = (text: string) => parseTemplate(dir, [{ file: 'main.tf', text }])

  test('commands run in order with self, and their output is logged', async () => {
    const { diagnostics, events } = await build(
      template(`
resource "terraform_data" "a" {
  input = "of the object"
  ${connection()}
  provisioner "remote-exec" {
    inline = ["echo value \${self.input}", "pwd > /dev/null", "echo done >&2"]
  }
}`),
    )
    expect(diagnostics).toEqual([])
    const lines = events.flatMap((event) => (event.kind === 'log' ? [event.message] : []))
    expect(lines).toEqual(expect.arrayContaining(['Connected!', 'value of the object', 'done']))
  })

  test('texts, files, folders and scripts are uploaded', async () => {
    const { diagnostics } = await build(
      template(`
resource "terraform_data" "a" {
  ${connection()}
  provisioner "file" {
    content     = "a text with 'quotes' and \\u00fc"
    destination = "${at('text.out')}"
  }
  provisioner "file" {
    source      = "folder"
    destination = "${at('there')}"
  }
  provisioner "file" {
    source      = "folder/"
    destination = "${at('content')}"
  }
  provisioner "file" {
    source      = "user.pub"
    destination = "${at('there')}/"
  }
  provisioner "remote-exec" {
    script = "script.sh"
  }
}`),
    )
    expect(diagnostics).toEqual([])
    const read = (name: string) => readFileSync(at(name), 'utf8')
    expect(read('text.out')).toBe("a text with 'quotes' and ü")
    expect(read('there/folder/inner/a.txt')).toBe('in a folder')
    expect(read('content/inner/a.txt')).toBe('in a folder')
    expect(read('there/user.pub')).toBe(read('user.pub'))
    expect(read('script.out')).toMatch(/^from a script in terraform_\d+\.sh\n$/)
  })

  test('a failure taints the object unless on_failure is continue, and destroy provisioners run', async () => {
    const failing = (extra: string) => `
resource "terraform_data" "a" {
  ${connection()}
  provisioner "remote-exec" {
    inline = ["exit 3"]
    ${extra}
  }
  provisioner "remote-exec" {
    when   = destroy
    inline = ["echo \${self.id} > ${at('end.out')}"]
  }
}`
    const failed = await build(template(failing('')))
    expect(failed.diagnostics.map(({ severity, detail }) => [severity, detail])).toEqual([
      ['error', 'A script failed with exit status 3.'],
    ])
    expect(failed.state.resources[0]?.instances[0]?.status).toBe('tainted')
    const passed = await build(template(failing('on_failure = continue')))
    expect(passed.diagnostics).toEqual([])
    const destroyed = await build(template(failing('')), { state: passed.state, mode: 'destroy' })
    expect(destroyed.diagnostics).toEqual([])
    const id = passed.state.resources[0]?.instances[0]?.attributes.id
    expect(readFileSync(at('end.out'), 'utf8')).toBe(`${id}\n`)
  })

  test('a wrong host key, an unreachable machine and an unsupported type are errors', async () => {
    const text = (changes: string) => `
resource "terraform_data" "a" {
  ${connection()}
  provisioner "remote-exec" {
    connection {
      ${changes}
    }
    inline = ["true"]
  }
}`
    const otherKey = await build(template(text('host_key = file("user.pub")\n timeout = "0s"')))
    expect(otherKey.diagnostics[0]?.detail).toContain('Host key verification failed')
    const absent = await build(template(text('port = 1\n timeout = "0s"')))
    expect(absent.diagnostics[0]?.detail).toContain('No connection after 0 s')
    const windows = await build(template(text('type = "winrm"')))
    expect(windows.diagnostics[0]?.detail).toContain('"winrm" are not supported')
  })

  test('a connection through a bastion host works', async () => {
    const { diagnostics } = await build(
      template(`
resource "terraform_data" "a" {
  ${connection(`bastion_host = "127.0.0.1"\n bastion_port = ${port}\n bastion_host_key = trimspace(file("host.pub"))`)}
  provisioner "remote-exec" {
    inline = ["true"]
  }
}`),
    )
    expect(diagnostics).toEqual([])
  })
})

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const address = server.address()
      server.close(() => resolve(typeof address === 'object' && address ? address.port : 0))
    })
  })
}
