// `coder gitssh`: the GIT_SSH_COMMAND of a workspace. Runs ssh with the Git SSH key of the workspace's owner in addition to
// the keys that ssh finds itself.

import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { getOwnGitSshKey } from '../../../api/agents/agent-measurements.ts'
import { type AgentOptions, connectAsAgent } from '../../connection/agent-connection.ts'
import { CommandError } from '../../output/errors.ts'
import { note } from '../../output/print.ts'

export async function gitssh(args: readonly string[], options: AgentOptions): Promise<void> {
  const { private_key, public_key } = await connectAsAgent(options).call(getOwnGitSshKey)
  // ssh requires a private file; it exists only while the command runs.
  const folder = mkdtempSync(join(tmpdir(), 'coder-gitssh-'))
  try {
    const key = join(folder, 'key')
    writeFileSync(key, private_key, { mode: 0o600 })
    const code = await runSsh(['-i', key, ...args])
    if (code !== 0)
      note(`If the Git server rejected the key of your workspaces, register it there:\n${public_key.trim()}`)
    process.exitCode = code
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

function runSsh(args: readonly string[]): Promise<number> {
  return new Promise((resolve, reject) => {
    const child = spawn('ssh', args, { stdio: 'inherit' })
    child.on('error', (error) => reject(new CommandError('Could not run ssh.', { detail: error.message })))
    child.on('exit', (code) => resolve(code ?? 255))
  })
}
