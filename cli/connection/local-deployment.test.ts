import { join } from 'node:path'
import { expect, test } from 'vitest'
import { identifyProcess } from '../../lib/process-identity.ts'
import { writeRunFile } from '../../lib/run-file.ts'
import { sitDown } from '../testing/run-coder.ts'

test('a deployment that runs and does not answer is not called missing', async () => {
  const person = sitDown()
  try {
    const missing = await person.coder(['list'], { CODER_CONFIG_DIR: join(person.home, 'none') })
    expect(missing.stderr).toContain('no deployment runs on this computer')

    const { pid, startedAt, bootId } = identifyProcess(process.pid) ?? { pid: 0, startedAt: '', bootId: '' }
    const url = 'http://127.0.0.1:1'
    writeRunFile(person.home, { pid, started_at: startedAt, boot_id: bootId, url, secret: 'x', version: '0' })
    for (const command of ['list', 'login-link']) {
      const { status, stderr } = await person.coder([command], { CODER_CONFIG_DIR: person.home })
      expect(status).toBe(1)
      expect(stderr).toContain(`runs, and does not answer.\n  coderd is process ${pid}, at ${url}.`)
    }
  } finally {
    person.leave()
  }
})
