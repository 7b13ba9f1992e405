import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, expect, test } from 'vitest'
import { integrate } from './integrate.ts'
import { ShellHarness } from './testing/shell-harness.ts'

const found = spawnSync('which', ['pwsh'], { encoding: 'utf8' }).stdout.trim()
const open: ShellHarness[] = []
afterEach(async () => {
  for (const shell of open.splice(0)) await shell.close()
})

test('PowerShell starts as a login shell that continues after the integration script', () => {
  const start = integrate('/opt/microsoft/powershell/7/pwsh', {})
  expect(start?.args.slice(0, 3)).toEqual(['-Login', '-NoExit', '-Command'])
  const script = /^\. '(.+)'$/.exec(start?.args[3] ?? '')?.[1] ?? ''
  expect(readFileSync(script, 'utf8')).toContain('133;')
})

if (found === '') {
  console.warn('pwsh (PowerShell 7) is not installed: its shell integration is not tested.')
} else {
  test('PowerShell marks a command with its line, exit code and times', async () => {
    const profile = 'function prompt { "<$?> " }'
    const shell = new ShellHarness(found, { files: { '.config/powershell/profile.ps1': profile } })
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
  })
}
