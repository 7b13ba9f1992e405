// The marks of a shell carry its nonce, and programs in the terminal cannot read it.

import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, expect, test } from 'vitest'
import { requires } from '../../lib/testing/requirements.ts'
import { nonce, ShellHarness } from './testing/shell-harness.ts'

const open: ShellHarness[] = []
afterEach(async () => {
  for (const shell of open.splice(0)) await shell.close()
})

/** The user's start-up files of each shell, and how to skip a missing shell. */
const startFiles: Readonly<Record<string, { files: readonly string[]; options: ReturnType<typeof requires> }>> = {
  '/bin/bash': { files: ['.bash_profile'], options: {} },
  '/usr/bin/zsh': { files: ['.zshenv', '.zprofile', '.zshrc', '.zlogin'], options: requires('zsh') },
  // fish reads its file before the integration script, so that file may see the nonce.
  '/usr/bin/fish': { files: [], options: requires('fish') },
}

for (const [shell, { files, options }] of Object.entries(startFiles)) {
  test(`marks of ${shell} carry the nonce, and programs cannot read it`, options, async () => {
    const writes = (file: string) => [file, `env > ~/${file.slice(1)}.env\n`] as const
    const harness = new ShellHarness(shell, { files: Object.fromEntries(files.map(writes)) })
    open.push(harness)
    await harness.prompt(1)
    expect(await harness.run('env > later.env')).toMatchObject({ isOwn: true, exit: 0 })
    expect(await harness.run('false')).toMatchObject({ isOwn: true, exit: 1 })
    for (const file of [...files.map((name) => `${name.slice(1)}.env`), 'later.env']) {
      const written = join(harness.home, file)
      expect(existsSync(written), file).toBe(true)
      expect(readFileSync(written, 'utf8'), file).not.toContain(nonce)
    }
  })
}

test('an exported prompt does not contain the nonce', async () => {
  const harness = new ShellHarness('/bin/bash', { files: { '.bash_profile': "export PS1='$ '\n" } })
  open.push(harness)
  await harness.prompt(1)
  await harness.run('env > later.env')
  const written = readFileSync(join(harness.home, 'later.env'), 'utf8')
  expect(written).toContain('133;A')
  expect(written).not.toContain(nonce)
})
