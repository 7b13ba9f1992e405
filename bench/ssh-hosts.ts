// The workspace and a local sshd as hosts of the same SSH client.

import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir, userInfo } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { startSshd } from '../lib/testing/sshd.ts'
import type { Fixture } from './fixture.ts'

/** Names in the configuration of the client. */
export type Host = 'workspace' | 'sshd'

export interface SshHosts {
  /** Arguments of ssh before a host. */
  readonly options: readonly string[]
  readonly env: NodeJS.ProcessEnv
  /** Runs a line of the local shell in which `$SSH` is ssh with its options. @returns ms. @throws Error if it fails */
  time(line: string): Promise<number>
  close(): void
}

export const coderProgram = fileURLToPath(new URL('../dist/cli/coder.js', import.meta.url))

export async function openSshHosts({ deployment }: Fixture): Promise<SshHosts> {
  const folder = mkdtempSync(join(tmpdir(), 'bench-ssh-'))
  const key = join(folder, 'key')
  execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', key])
  const sshd = await startSshd([readFileSync(`${key}.pub`, 'utf8').trim()])
  const config = join(folder, 'config')
  writeFileSync(
    config,
    `Host workspace
  ProxyCommand ${process.execPath} ${coderProgram} ssh --stdio bench
Host sshd
  HostName 127.0.0.1
  Port ${sshd.port}
  User ${userInfo().username}
  IdentityFile ${key}
Host *
  Ciphers aes128-gcm@openssh.com
  StrictHostKeyChecking no
  UserKnownHostsFile /dev/null
  LogLevel ERROR
`,
  )
  const options = ['-F', config]
  const env = { ...deployment.env, CODER_CONFIG_DIR: deployment.dataDir }
  return {
    options,
    env,
    async time(line) {
      const startedAt = performance.now()
      const shell = spawn('/bin/sh', ['-c', line], { env: { ...env, SSH: `ssh -F ${config}` }, stdio: 'ignore' })
      const [status] = await once(shell, 'exit')
      if (status !== 0) throw new Error(`${line} exited with status ${status}`)
      return performance.now() - startedAt
    },
    close() {
      sshd.stop()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}
