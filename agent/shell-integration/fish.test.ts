import { join } from 'node:path'
import { afterEach, describe, expect, test } from 'vitest'
import { requires } from '../../lib/testing/requirements.ts'
import { nonce, ShellHarness } from './testing/shell-harness.ts'

const open: ShellHarness[] = []
afterEach(async () => {
  for (const shell of open.splice(0)) await shell.close()
})

const plainPrompt = 'function fish_prompt; echo -n "<$status> "; end\nset -g fish_greeting\n'

async function start(config = plainPrompt, env: Record<string, string> = {}) {
  const shell = new ShellHarness('/usr/bin/fish', { files: { '.config/fish/config.fish': config }, env })
  open.push(shell)
  await shell.prompt(1)
  return shell
}

describe('fish marks', requires('fish'), () => {
  test('a command is marked with its line, output and exit code', async () => {
    const shell = await start()
    const done = await shell.run("echo one; sh -c 'exit 3'")
    expect(done).toMatchObject({ command: "echo one; sh -c 'exit 3'", exit: 3 })
    expect(done.output).toContain('one')
    expect(await shell.run('false')).toMatchObject({ command: 'false', exit: 1 })
    expect(await shell.run('false')).toMatchObject({ command: 'false', exit: 1 })
    expect(await shell.run('true')).toMatchObject({ command: 'true', exit: 0 })
  })

  test('command lines are unchanged', async () => {
    const shell = await start()
    expect((await shell.run("printf '%s;\\\\n' 日本語 '🙂 é'")).command).toBe("printf '%s;\\\\n' 日本語 '🙂 é'")
    const loop = await shell.run('for i in 1 2\recho $i\rend')
    expect(loop.command?.split('\n').map((line) => line.trim())).toEqual(['for i in 1 2', 'echo $i', 'end'])
  })

  test('empty and interrupted lines are not marked', async () => {
    const shell = await start()
    shell.type('\r')
    await shell.until(() => shell.prompts >= 2, 'another prompt')
    shell.type('half a line')
    await shell.until(() => shell.text.includes('line'), 'its echo')
    const { prompts } = shell
    await shell.interrupt(() => shell.prompts > prompts)
    expect(shell.commands).toEqual([])
    shell.type('sleep 60\r')
    await shell.until(() => shell.raw.includes('133;C'), 'the beginning')
    await shell.interrupt(() => shell.commands.length > 0)
    expect(shell.commands).toMatchObject([{ command: 'sleep 60', exit: 130 }])
  })

  test('a command that replaces the shell ends immediately', async () => {
    const shell = await start()
    shell.type('exec sh\r')
    await shell.until(() => shell.commands.at(-1)?.command === 'exec sh', 'its end')
    expect(shell.raw).toContain(`133;D;;nonce=${nonce}`)
    shell.type('echo "still $((40 + 2))"\r')
    await shell.until(() => shell.text.includes('still 42'), 'the other shell')
    expect(shell.commands.at(-1)).toMatchObject({ command: 'exec sh', isOwn: true, output: '' })
  })

  test('the folder is reported for any name', async () => {
    const shell = await start()
    expect(shell.cwd).toBe(shell.home)
    await shell.run("mkdir 'a b;% é'; and cd 'a b;% é'")
    await shell.until(() => shell.cwd !== shell.home, 'the folder')
    expect(shell.cwd).toBe(join(shell.home, 'a b;% é'))
  })
})

describe('fish behaves as without integration', requires('fish'), () => {
  test("the user's prompts, including redefined ones, still see the last exit code", async () => {
    const shell = await start()
    await shell.run("sh -c 'exit 7'")
    expect(shell.text).toContain('<7> ')
    await shell.run('function fish_prompt; echo -n "new $status> "; end')
    expect(await shell.run("sh -c 'exit 4'")).toMatchObject({ exit: 4 })
    expect(shell.text).toContain('new 4> ')
    expect(await shell.run('echo $fish_function_path | wc -l; status is-login; and echo login')).toMatchObject({
      output: expect.stringContaining('login'),
    })
  })

  test('a variable disables the integration', async () => {
    const shell = new ShellHarness('/usr/bin/fish', {
      files: { '.config/fish/config.fish': plainPrompt },
      env: { CODER_SHELL_INTEGRATION: '0' },
    })
    open.push(shell)
    await shell.until(() => shell.text.includes('<0> '), 'a prompt')
    expect(shell.raw).not.toContain('\x1b]133')
  })
})
