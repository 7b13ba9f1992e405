// `coder gitssh`: what a workspace gives Git as its ssh: ssh itself, with the key of the workspace's owner beside those
// that are there anyway.

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
  // The key must be a file of one's own; it goes with the command.
  const folder = mkdtempSync(join(tmpdir(), 'coder-gitssh-'))
  try {
    const key = join(folder, 'key')
    writeFileSync(key, private_key, { mode: 0o600 })
    const code = await runSsh(['-i', key, ...args])
    if (code !== 0) note(`The key of your workspaces is:\n${public_key.trim()}\nIs it known to the Git server?`)
    process.exitCode = code
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

function runSsh(args: readonly string[]): Promise<number> {
  return new Promise((resolve, reject) => {
    const child = spawn('ssh', args, { stdio: 'inherit' })
    child.on('error', (error) => reject(new CommandError('ssh cannot be run.', { detail: error.message })))
    child.on('exit', (code) => resolve(code ?? 255))
  })
}
