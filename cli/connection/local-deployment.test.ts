import { join } from 'node:path'
import { expect, test } from 'vitest'
import { identifyProcess } from '../../lib/process-identity.ts'
import { writeRunFile } from '../../lib/run-file.ts'
import { createCliUser } from '../testing/run-coder.ts'

test('a deployment that is running but does not respond is not reported as missing', async () => {
  const cliUser = createCliUser()
  try {
    const missing = await cliUser.coder(['list'], { CODER_CONFIG_DIR: join(cliUser.home, 'none') })
    expect(missing.stderr).toContain('no deployment is running on this computer')

    const { pid, startedAt, bootId } = identifyProcess(process.pid) ?? { pid: 0, startedAt: '', bootId: '' }
    const url = 'http://127.0.0.1:1'
    writeRunFile(cliUser.home, { pid, started_at: startedAt, boot_id: bootId, url, secret: 'x', version: '0' })
    for (const command of ['list', 'login-link']) {
      const { status, stderr } = await cliUser.coder([command], { CODER_CONFIG_DIR: cliUser.home })
      expect(status).toBe(1)
      expect(stderr).toContain(`is running but does not respond.\n  coderd is process ${pid}, at ${url}.`)
    }
  } finally {
    cliUser.remove()
  }
})
