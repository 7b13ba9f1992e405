// An SSH server of a workspace on a local TCP port, and OpenSSH's programs as its clients.

import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { type AddressInfo, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Manifest } from '../../../manifest.ts'
import { prepareShell } from '../../../shell.ts'
import { deriveHostKey } from '../host-key.ts'
import { SessionCounts } from '../session-counts.ts'
import { createSshServer, type SshServerOptions } from '../ssh-server.ts'

export interface Outcome {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

export interface SshFixture {
  readonly port: number
  /** A temporary folder: the workspace's. */
  readonly folder: string
  readonly counts: SessionCounts
  /** Configuration for `-F`, with the host `ws`. */
  readonly config: string
  run(program: string, args: readonly string[], input?: string | Buffer): Promise<Outcome>
  /** `ssh ws …` */
  ssh(...args: readonly string[]): Promise<Outcome>
  start(program: string, args: readonly string[], env?: NodeJS.ProcessEnv): ChildProcessWithoutNullStreams
  close(): Promise<void>
}

const manifest = {
  workspace_id: 'w',
  agent_id: 'a',
  agent_name: 'main',
  motd_file: '',
  environment: { FROM_WORKSPACE: 'yes' },
}

export async function startSshFixture(options: Partial<SshServerOptions> = {}): Promise<SshFixture> {
  const folder = mkdtempSync(join(tmpdir(), 'ssh-server-'))
  const counts = new SessionCounts()
  const server = createSshServer({
    hostKey: deriveHostKey(manifest),
    prepare: async (command) => {
      const agentEnv = { PATH: process.env.PATH, HOME: folder, SHELL: '/bin/bash' }
      return prepareShell({ ...manifest, directory: folder } as unknown as Manifest, agentEnv, { command })
    },
    blocksFileTransfer: false,
    counts,
    ...options,
  })
  const listener = createServer((socket) => server.accept(socket))
  await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve))
  const { port } = listener.address() as AddressInfo
  const config = join(folder, 'ssh_config')
  writeFileSync(
    config,
    `Host ws
  HostName 127.0.0.1
  Port ${port}
  User anybody
  StrictHostKeyChecking no
  UserKnownHostsFile /dev/null
  LogLevel ERROR
  IdentityFile none
`,
  )
  const start: SshFixture['start'] = (program, args, env = {}) =>
    spawn(program, args, { cwd: folder, env: { PATH: process.env.PATH, HOME: folder, ...env }, stdio: 'pipe' })
  const run: SshFixture['run'] = (program, args, input = '') => collect(start(program, args), input)
  return {
    port,
    folder,
    counts,
    config,
    start,
    run,
    ssh: (...args) => run('ssh', ['-F', config, ...args]),
    async close() {
      await new Promise((resolve) => listener.close(resolve))
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

export async function collect(child: ChildProcessWithoutNullStreams, input: string | Buffer = ''): Promise<Outcome> {
  const output = { stdout: '', stderr: '' }
  for (const name of ['stdout', 'stderr'] as const)
    child[name].setEncoding('latin1').on('data', (text: string) => (output[name] += text))
  child.stdin.on('error', () => undefined)
  child.stdin.end(input)
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject)
    child.once('close', resolve)
  })
  return { code, ...output }
}
