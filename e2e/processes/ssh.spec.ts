// The built programs as a path for SSH: the CLI, the relay, the agent, and the machine's own ssh.

import { execFile } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, test } from '@playwright/test'
import { explainMissing, findProgram } from '../../scripts/system-packages.mjs'
import { closeDeployments, deployWithWorkspace } from '../support/deployment-fixture.ts'

test.afterEach(closeDeployments)

test('commands, ciphers and files reach a workspace over SSH', async () => {
  test.skip(!findProgram('ssh'), explainMissing('ssh'))
  const { deployment } = await deployWithWorkspace()
  const { coder, home, env } = deployment
  const ssh = async (...args: string[]) => (await promisify(execFile)('ssh', args, { env })).stdout
  expect(await coder('ssh', 'here', 'echo "$CODER_WORKSPACE_NAME $GIT_SSH_COMMAND"; exit 3')).toMatchObject({
    status: 3,
    output: expect.stringMatching(/^here '.*\/coder' gitssh --$/m),
  })
  const config = join(home, 'ssh_config')
  expect(await coder('config-ssh', '--yes', '--ssh-config-file', config)).toMatchObject({ status: 0 })
  for (const cipher of ['aes128-gcm@openssh.com', 'chacha20-poly1305@openssh.com', 'aes256-ctr'])
    expect(await ssh('-F', config, '-c', cipher, 'coder.here', `echo through ${cipher}`)).toBe(`through ${cipher}\n`)
  const bytes = randomBytes(2_000_000)
  writeFileSync(join(home, 'sent'), bytes)
  expect(await coder('cp', join(home, 'sent'), `here:${home}/received`)).toMatchObject({ status: 0 })
  expect(readFileSync(join(home, 'received')).equals(bytes)).toBe(true)
})
