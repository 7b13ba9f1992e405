// `coder gitssh`: the GIT_SSH_COMMAND of a workspace. Runs ssh with the Git SSH key of the workspace's owner in addition to
// the keys that ssh finds itself.

import { spawn, spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { homedir, tmpdir } from 'node:os'
import { join } from 'node:path'
import { getOwnGitSshKey } from '../../../api/agents/agent-measurements.ts'
import type { ResponseOf } from '../../../api/endpoint.ts'
import { ApiError } from '../../../api/errors.ts'
import { type AgentOptions, connectAsAgent } from '../../connection/agent-connection.ts'
import { CommandError } from '../../output/errors.ts'
import { note } from '../../output/print.ts'

export async function gitssh(args: readonly string[], options: AgentOptions): Promise<void> {
  // Git asks ssh only for its configuration, to detect OpenSSH.
  if (args[0] === '-G') {
    process.exitCode = await runSsh(args)
    return
  }
  const ownKey = await readOwnKey(options)
  if (!ownKey) {
    process.exitCode = await runSsh(args)
    return
  }
  // ssh requires a private file; it exists only while the command runs.
  const folder = mkdtempSync(join(tmpdir(), 'coder-gitssh-'))
  try {
    const key = join(folder, 'key')
    writeFileSync(key, ownKey.private_key, { mode: 0o600 })
    // With -i, ssh does not try the keys that it finds itself.
    const keys = [...findIdentityFiles(args), key].flatMap((file) => ['-i', file])
    const code = await runSsh([...keys, ...args])
    if (code !== 0)
      note(`If the Git server rejected the key of your workspaces, register it there:\n${ownKey.public_key.trim()}`)
    process.exitCode = code
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** @returns undefined while the deployment cannot be reached. @throws ApiError if it rejects the request */
async function readOwnKey(options: AgentOptions): Promise<ResponseOf<typeof getOwnGitSshKey> | undefined> {
  try {
    return await connectAsAgent(options).call(getOwnGitSshKey)
  } catch (error) {
    if (!(error instanceof ApiError) || error.status !== 0) throw error
    note('Could not read the Git SSH key of your workspaces: the deployment does not answer. Trying other keys.')
    return undefined
  }
}

/** The keys of the user for the host, from the configuration of ssh and its defaults. */
function findIdentityFiles(args: readonly string[]): string[] {
  const { stdout = '' } = spawnSync('ssh', ['-G', ...args], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] })
  const files = stdout.split('\n').flatMap((line) => /^identityfile (.+)$/.exec(line)?.[1] ?? [])
  return files.map((file) => file.replace(/^~(?=\/)/, homedir())).filter((file) => existsSync(file))
}

function runSsh(args: readonly string[]): Promise<number> {
  return new Promise((resolve, reject) => {
    const child = spawn('ssh', args, { stdio: 'inherit' })
    child.on('error', (error) => reject(new CommandError('Could not run ssh.', { detail: error.message })))
    child.on('exit', (code) => resolve(code ?? 255))
  })
}
