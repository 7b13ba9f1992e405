import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { afterEach, expect, test } from 'vitest'
import { MarkedShell } from './testing/marked-shell.ts'

const found = spawnSync('which', ['pwsh'], { encoding: 'utf8' }).stdout.trim()
const open: MarkedShell[] = []
afterEach(async () => {
  for (const shell of open.splice(0)) await shell.close()
})

test.skipIf(found === '')(
  `PowerShell marks a command with its line, its exit and its time${found ? '' : ' (missing: pwsh, PowerShell 7)'}`,
  async () => {
    const profile = 'function prompt { "<$?> " }'
    const shell = new MarkedShell(found, { files: { '.config/powershell/profile.ps1': profile } })
    open.push(shell)
    await shell.prompt(1)
    const before = Date.now()
    const done = await shell.run("Write-Output 'a;b'; sh -c 'exit 3'")
    expect(done).toMatchObject({ command: "Write-Output 'a;b'; sh -c 'exit 3'", exit: 3 })
    expect(done.startMs).toBeGreaterThanOrEqual(before)
    expect(done.endMs).toBeGreaterThanOrEqual(done.startMs ?? Number.POSITIVE_INFINITY)
    expect(shell.text).toContain('<False> ')
    expect(await shell.run('$null')).toMatchObject({ command: '$null', exit: 0 })
    await shell.run("mkdir 'a b' > $null; cd 'a b'")
    expect(shell.cwd).toBe(join(shell.home, 'a b'))
  },
)
