// The SSH server with OpenSSH's client: programs, terminals, signals, forwarding.

import { createHash, randomBytes } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { requires } from '../../../lib/testing/requirements.ts'
import { collect, type SshFixture, startSshFixture } from './testing/ssh-fixture.ts'

let fixture: SshFixture
beforeAll(async () => {
  fixture = await startSshFixture()
})
afterAll(() => fixture.close())

/** A loaded machine takes seconds. */
const waiting = { timeout: 10_000 }

const sha = (data: string | Buffer) => createHash('sha256').update(data).digest('hex')

describe('a session', requires('ssh'), () => {
  test('runs a command with its output, errors and exit status', async () => {
    const outcome = await fixture.ssh('ws', 'echo out; echo err >&2; pwd; exit 7')
    expect(outcome).toEqual({ code: 7, stdout: `out\n${fixture.folder}\n`, stderr: 'err\n' })
  })

  test('copies input and output of several megabytes unchanged', async () => {
    const input = randomBytes(5_000_000)
    const outcome = await fixture.run('ssh', ['-F', fixture.config, 'ws', 'cat'], input)
    expect(outcome.stdout.length).toBe(input.length)
    expect(sha(Buffer.from(outcome.stdout, 'latin1'))).toBe(sha(input))
  })

  test('sends stdout and stderr completely when both exceed the window', async () => {
    const script = 'for i in 1 2 3 4 5 6; do head -c 1000000 /dev/zero & head -c 1000000 /dev/zero >&2 & wait; done'
    const { code, stdout, stderr } = await fixture.ssh('ws', script)
    expect({ code, out: stdout.length, err: stderr.length }).toEqual({ code: 0, out: 6_000_000, err: 6_000_000 })
  })

  test('has the variables of the workspace and those that the client sends', async () => {
    const { stdout } = await fixture.ssh(
      '-o',
      'SetEnv=GREETING="hello you"',
      'ws',
      'echo $FROM_WORKSPACE $GREETING $SSH_CONNECTION',
    )
    expect(stdout).toBe('yes hello you 0.0.0.0 0 0.0.0.0 0\n')
  })

  test('runs a shell that reads commands from stdin', async () => {
    const { code, stdout } = await fixture.run(
      'ssh',
      ['-F', fixture.config, '-T', 'ws'],
      'echo shell $((6*7))\nexit 3\n',
    )
    expect({ code, stdout }).toEqual({ code: 3, stdout: 'shell 42\n' })
  })

  test('reports the signal that ended a program', async () => {
    const { code, stderr } = await fixture.ssh('ws', 'kill -KILL $$')
    expect(code).toBe(255)
    expect(stderr).toBe('')
  })

  test('passes on the end of input, also to a program that does not read', async () => {
    expect(await fixture.run('ssh', ['-F', fixture.config, 'ws', 'wc -c'], 'abc')).toMatchObject({ stdout: '3\n' })
    expect(await fixture.run('ssh', ['-F', fixture.config, 'ws', 'true'], Buffer.alloc(4_000_000))).toMatchObject({
      code: 0,
    })
  })

  test('has a terminal with the size and the type of the client', async () => {
    const { stdout } = await fixture.run('ssh', ['-F', fixture.config, '-tt', 'ws', 'stty size; echo $TERM; tty'], '')
    expect(stdout).toMatch(/^\d+ \d+\r\n[\w-]+\r\n\/dev\/pts\/\d+\r\n$/)
  })

  test('counts sessions by the kind of the client until they end', async () => {
    const child = fixture.start('ssh', [
      '-F',
      fixture.config,
      '-o',
      'SetEnv=CODER_SSH_SESSION_TYPE=vscode',
      'ws',
      'echo "kind:$CODER_SSH_SESSION_TYPE"; cat',
    ])
    await new Promise((resolve) => child.stdout.once('data', resolve))
    expect(fixture.counts.read()).toEqual({ ssh: 0, vscode: 1, jetbrains: 0, connections: 1 })
    const { code } = await collect(child)
    expect(code).toBe(0)
    await expect.poll(() => fixture.counts.read(), waiting).toEqual({ ssh: 0, vscode: 0, jetbrains: 0, connections: 0 })
  })

  test('hangs up the program when the client disconnects', async () => {
    const marker = join(fixture.folder, 'hung-up')
    const child = fixture.start('ssh', [
      '-F',
      fixture.config,
      'ws',
      `trap 'echo > ${marker}; exit' HUP; echo ready; while :; do sleep 0.05; done`,
    ])
    await new Promise((resolve) => child.stdout.once('data', resolve))
    child.kill('SIGKILL')
    await expect.poll(() => existsSync(marker), waiting).toBe(true)
  })

  test('shares one connection with ControlMaster', async () => {
    const control = ['-o', `ControlPath=${fixture.folder}/control`]
    const master = fixture.start('ssh', ['-F', fixture.config, ...control, '-M', 'ws', 'echo ready; cat'])
    await new Promise((resolve) => master.stdout.once('data', resolve))
    const outcomes = await Promise.all([1, 2, 3].map((number) => fixture.ssh(...control, 'ws', `echo ${number}`)))
    expect(outcomes.map(({ stdout }) => stdout)).toEqual(['1\n', '2\n', '3\n'])
    expect(fixture.counts.read()).toMatchObject({ ssh: 1, connections: 1 })
    await collect(master)
  })

  test('ends 200 short sessions without leaving connections, sessions or processes', async () => {
    const control = ['-o', `ControlPath=${fixture.folder}/many`]
    const master = fixture.start('ssh', ['-F', fixture.config, ...control, '-M', 'ws', 'echo ready; cat'])
    await new Promise((resolve) => master.stdout.once('data', resolve))
    const loop = `for i in $(seq 200); do ssh -F ${fixture.config} -o ControlPath=${fixture.folder}/many ws true || exit 1; done`
    expect(await fixture.run('sh', ['-c', loop])).toMatchObject({ code: 0 })
    await collect(master)
    await expect.poll(() => fixture.counts.read(), waiting).toEqual({ ssh: 0, vscode: 0, jetbrains: 0, connections: 0 })
  })
})

describe('forwarding', requires('ssh', 'ssh-agent'), () => {
  let echo: ReturnType<typeof createServer>
  let port: number
  beforeAll(async () => {
    // Answers after the client's end of input: needs half-open connections.
    echo = createServer({ allowHalfOpen: true }, (socket) => {
      const chunks: Buffer[] = []
      socket.on('data', (chunk: Buffer) => chunks.push(chunk))
      socket.on('end', () => socket.end(Buffer.concat([Buffer.from('echo:'), ...chunks])))
    })
    await new Promise<void>((resolve) => echo.listen(0, '127.0.0.1', resolve))
    port = (echo.address() as AddressInfo).port
  })
  afterAll(() => echo.close())

  /** Runs ssh with forwards until `work` is done. */
  async function withForward(
    args: readonly string[],
    work: () => Promise<void>,
    env: NodeJS.ProcessEnv = {},
  ): Promise<void> {
    const child = fixture.start(
      'ssh',
      ['-F', fixture.config, '-o', 'ExitOnForwardFailure=yes', ...args, 'ws', 'echo ready; cat'],
      env,
    )
    await new Promise((resolve) => child.stdout.once('data', resolve))
    try {
      await work()
    } finally {
      await collect(child)
    }
  }

  const exchange = (socket: Socket, text: string) =>
    new Promise<string>((resolve, reject) => {
      let received = ''
      socket.on('data', (chunk) => (received += chunk))
      socket.on('end', () => resolve(received))
      socket.on('error', reject)
      socket.end(text)
    })

  const freePort = async () => {
    const server = createServer()
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const { port: free } = server.address() as AddressInfo
    await new Promise((resolve) => server.close(resolve))
    return free
  }

  test('of a local port, a Unix socket and standard input reaches the workspace', async () => {
    const local = await freePort()
    const unix = join(fixture.folder, 'echo.sock')
    const listener = createServer({ allowHalfOpen: true }, (socket) =>
      socket.on('data', (data) => socket.end(`unix:${data}`)),
    )
    await new Promise<void>((resolve) => listener.listen(unix, resolve))
    const localUnix = join(fixture.folder, 'local.sock')
    await withForward(['-L', `${local}:127.0.0.1:${port}`, '-L', `${localUnix}:${unix}`], async () => {
      expect(await exchange(connect({ port: local, host: '127.0.0.1', allowHalfOpen: true }), 'hi')).toBe('echo:hi')
      expect(await exchange(connect({ path: localUnix, allowHalfOpen: true }), 'hi')).toBe('unix:hi')
    })
    listener.close()
    const { stdout } = await fixture.run('ssh', ['-F', fixture.config, '-W', `127.0.0.1:${port}`, 'ws'], 'direct')
    expect(stdout).toBe('echo:direct')
  })

  test('of a remote port and a remote Unix socket reaches the client', async () => {
    const remote = await freePort()
    const remoteUnix = join(fixture.folder, 'deep/remote.sock')
    await withForward(['-R', `${remote}:127.0.0.1:${port}`, '-R', `${remoteUnix}:127.0.0.1:${port}`], async () => {
      expect(await exchange(connect({ port: remote, host: '127.0.0.1', allowHalfOpen: true }), 'back')).toBe(
        'echo:back',
      )
      expect(await exchange(connect({ path: remoteUnix, allowHalfOpen: true }), 'back')).toBe('echo:back')
    })
    await expect.poll(() => existsSync(remoteUnix), waiting).toBe(false)
  })

  test('of a dynamic port is a SOCKS proxy', requires('curl'), async () => {
    const socks = await freePort()
    const web = createServer((socket) =>
      socket.once('data', () => socket.end('HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nweb!')),
    )
    await new Promise<void>((resolve) => web.listen(0, '127.0.0.1', resolve))
    const { port: webPort } = web.address() as AddressInfo
    await withForward(['-D', String(socks)], async () => {
      const { stdout } = await fixture.run('curl', [
        '-s',
        '--socks5',
        `127.0.0.1:${socks}`,
        `http://127.0.0.1:${webPort}/`,
      ])
      expect(stdout).toBe('web!')
    })
    web.close()
  })

  test('to a port where nothing listens fails', async () => {
    const { code, stderr } = await fixture.ssh('-W', `127.0.0.1:${await freePort()}`, 'ws')
    expect(code).not.toBe(0)
    expect(stderr).toContain('stdio forwarding failed')
  })

  test('of the SSH agent lets programs in the workspace use its keys', async () => {
    const agentSocket = join(fixture.folder, 'agent.sock')
    const agent = fixture.start('ssh-agent', ['-D', '-a', agentSocket])
    await new Promise((resolve) => agent.stdout.once('data', resolve))
    const key = join(fixture.folder, 'id')
    await fixture.run('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', 'forwarded-key', '-f', key])
    const env = { SSH_AUTH_SOCK: agentSocket }
    await collect(fixture.start('ssh-add', ['-q', key], env))
    const list = () =>
      collect(
        fixture.start('ssh', ['-F', fixture.config, '-A', 'ws', 'ssh-add -l; ssh-add -l; echo $SSH_AUTH_SOCK'], env),
      )
    const { stdout } = await list()
    agent.kill()
    expect(stdout.match(/forwarded-key/g)?.length).toBe(2)
    const [, path = ''] = /(\/\S+agent\.\d+)/.exec(stdout) ?? []
    await expect.poll(() => existsSync(path), waiting).toBe(false)
  })

  test('of X11 connects programs to the display of the client', async () => {
    const display = createServer()
    await new Promise<void>((resolve) => display.listen(0, '127.0.0.1', resolve))
    const number = (display.address() as AddressInfo).port - 6000
    const setUp = new Promise<Buffer>((resolve) => display.once('connection', (socket) => socket.once('data', resolve)))
    const script = `
      node -e '
        const [host, display] = process.env.DISPLAY.split(":")
        const file = require("fs").readFileSync(process.env.XAUTHORITY)
        const cookie = file.subarray(-16)
        const name = Buffer.from("MIT-MAGIC-COOKIE-1")
        const head = Buffer.from([0x6c, 0, 11, 0, 0, 0, name.length, 0, 16, 0, 0, 0])
        const socket = require("net").connect(6000 + parseInt(display), "127.0.0.1")
        socket.write(Buffer.concat([head, name, Buffer.alloc(2), cookie]))
        socket.on("close", () => process.exit()).on("error", () => process.exit())
      '`
    const env = { DISPLAY: `127.0.0.1:${number}` }
    const child = fixture.start('ssh', ['-F', fixture.config, '-Y', 'ws', script], env)
    const ended = collect(child)
    expect((await setUp).subarray(12, 30).toString()).toBe('MIT-MAGIC-COOKIE-1')
    child.kill()
    display.close()
    await ended
  })
})

describe('files', requires('ssh', 'scp', 'sftp', 'rsync', 'git'), () => {
  const content = randomBytes(3_000_000)
  let source: string
  beforeAll(() => {
    source = join(fixture.folder, 'source')
    mkdirSync(join(source, 'sub'), { recursive: true })
    writeFileSync(join(source, 'big'), content)
    writeFileSync(join(source, 'head'), content.subarray(0, 1000))
    writeFileSync(join(source, 'sub/ü name'), 'text', { mode: 0o640 })
  })
  const target = (name: string) => join(fixture.folder, name)

  test.each([
    ['SFTP', []],
    ['the legacy protocol', ['-O']],
  ])('are copied by scp in both directions with %s', async (name, flags) => {
    const [up, down] = [target(`up ${name}`), target(`down ${name}`)]
    const scp = (...args: string[]) => fixture.run('scp', ['-F', fixture.config, '-q', '-p', ...flags, ...args])
    const quoted = flags.length > 0 ? `ws:"${up}"` : `ws:${up}`
    expect(await scp('-r', source, quoted)).toEqual({ code: 0, stdout: '', stderr: '' })
    expect(await scp('-r', quoted, down)).toEqual({ code: 0, stdout: '', stderr: '' })
    expect(readFileSync(join(down, 'big')).equals(content)).toBe(true)
    expect(readFileSync(join(down, 'sub/ü name'), 'utf8')).toBe('text')
  })

  test('are synchronized by rsync', async () => {
    const args = ['-a', '-e', `ssh -F ${fixture.config}`, `${source}/`, `ws:${target('synced')}/`]
    expect(await fixture.run('rsync', args)).toEqual({ code: 0, stdout: '', stderr: '' })
    expect(readFileSync(target('synced/big')).equals(content)).toBe(true)
  })

  test('are managed by sftp', async () => {
    const batch = [
      `mkdir ${target('batch')}`,
      `cd ${target('batch')}`,
      `put ${source}/big first`,
      'rename first second',
      'chmod 600 second',
      'symlink second link',
      'ln second hard',
      'ls -la',
      `get second ${target('fetched')}`,
      `put ${source}/head partial`,
      `reput ${source}/big partial`,
      'df -h',
      'rm hard',
      'mkdir folder',
      'rmdir folder',
      '-rm missing',
      'pwd',
    ].join('\n')
    const { code, stdout } = await fixture.run('sftp', ['-F', fixture.config, '-b', '-', 'ws'], `${batch}\n`)
    expect(code).toBe(0)
    expect(stdout).toMatch(/-rw-------\s+2 \S+\s+\S+\s+3000000 .* hard/)
    expect(stdout).toMatch(/lrwxrwxrwx.* link/)
    expect(stdout).toContain(`Remote working directory: ${target('batch')}`)
    expect(readFileSync(target('fetched')).equals(content)).toBe(true)
    expect(readFileSync(target('batch/partial')).equals(content)).toBe(true)
  })

  test('of a folder with many entries are all listed', async () => {
    mkdirSync(target('many files'))
    for (let number = 0; number < 450; number++) writeFileSync(join(target('many files'), `file-${number}`), '')
    const { stdout } = await fixture.run(
      'sftp',
      ['-F', fixture.config, '-b', '-', 'ws'],
      `ls -1 "${target('many files')}"\n`,
    )
    expect(stdout.match(/file-\d+/g)?.length).toBe(450)
  })

  test('are cloned and pushed by git', async () => {
    const env = { GIT_SSH_COMMAND: `ssh -F ${fixture.config}`, GIT_CONFIG_GLOBAL: '/dev/null' }
    const script = `set -e
      git init -q --bare repo.git
      git clone -q ws:${fixture.folder}/repo.git clone
      cd clone
      head -c 2000000 /dev/urandom > data
      git add data
      git -c user.name=n -c user.email=e@example.com commit -q -m first
      git push -q origin HEAD
      git -C ../repo.git log --oneline --all | wc -l`
    const { code, stdout } = await collect(fixture.start('sh', ['-c', script], env))
    expect({ code, stdout: stdout.trim() }).toEqual({ code: 0, stdout: '1' })
  })

  test('are not transferred when the workspace blocks it', async () => {
    const blocking = await startSshFixture({ blocksFileTransfer: true })
    try {
      const sftp = await blocking.run('sftp', ['-F', blocking.config, '-b', '-', 'ws'], 'pwd\n')
      expect(sftp.code).not.toBe(0)
      expect(sftp.stderr).toContain('File transfer has been disabled.')
      const scp = await blocking.ssh('ws', 'scp -t /tmp')
      expect(scp).toEqual({ code: 65, stdout: '', stderr: 'File transfer has been disabled.\n' })
      expect(await blocking.ssh('ws', 'echo allowed')).toMatchObject({ code: 0, stdout: 'allowed\n' })
    } finally {
      await blocking.close()
    }
  })
})

test('malformed packets end their connection only', requires('ssh'), async () => {
  const seed = createHash('sha256').update('fuzz')
  const bytes = (length: number) =>
    Buffer.from(
      seed
        .copy()
        .update(String(length))
        .digest('hex')
        .repeat(Math.ceil(length / 64))
        .slice(0, length),
      'latin1',
    )
  const send = (data: Buffer) =>
    new Promise<void>((resolve) => {
      const socket = connect(fixture.port, '127.0.0.1')
      socket.on('error', () => undefined)
      socket.on('close', () => resolve())
      socket.resume()
      socket.end(data)
    })
  const identification = Buffer.from('SSH-2.0-OpenSSH_9.2\r\n')
  for (let length = 1; length <= 200; length++) {
    const packet = Buffer.alloc(4 + length)
    packet.writeUInt32BE(length % 3 === 0 ? 0xffffffff : length)
    bytes(length).copy(packet, 4)
    packet[5] = length
    await send(length % 5 === 0 ? bytes(length) : Buffer.concat([identification, packet]))
  }
  expect(await fixture.ssh('ws', 'echo alive')).toMatchObject({ code: 0, stdout: 'alive\n' })
  await expect.poll(() => fixture.counts.read().connections, waiting).toBe(0)
})
