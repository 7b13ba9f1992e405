import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, describe, expect, test } from 'vitest'
import { requires } from '../../lib/testing/requirements.ts'
import { nonce, ShellHarness } from './testing/shell-harness.ts'

const open: ShellHarness[] = []
afterEach(async () => {
  for (const shell of open.splice(0)) await shell.close()
})

async function start(zshrc = "PS1='$ '\n", files: Record<string, string> = {}, env: Record<string, string> = {}) {
  const shell = new ShellHarness('/usr/bin/zsh', { files: { '.zshrc': zshrc, ...files }, env })
  open.push(shell)
  await shell.prompt(1)
  return shell
}

describe('zsh marks', requires('zsh'), () => {
  test('a command is marked with its line, output, exit code and times', async () => {
    const shell = await start()
    const before = Date.now()
    const done = await shell.run('echo one; sleep 0.2; (exit 3)')
    expect(done).toMatchObject({ command: 'echo one; sleep 0.2; (exit 3)', exit: 3 })
    expect(done.output.trim()).toMatch(/^one/)
    const { startMs = 0, endMs = 0 } = done
    expect(startMs).toBeGreaterThanOrEqual(before)
    expect(endMs - startMs).toBeGreaterThanOrEqual(200)
    expect(endMs).toBeLessThanOrEqual(Date.now())
  })

  test('command lines are unchanged', async () => {
    const shell = await start()
    expect((await shell.run("printf '%s;\\\\n' 日本語 '🙂 é'")).command).toBe("printf '%s;\\\\n' 日本語 '🙂 é'")
    expect((await shell.run('for i in 1 2\rdo\recho $i\rdone')).command).toBe('for i in 1 2\ndo\necho $i\ndone')
    expect((await shell.run('cat <<X\ra;b \\ c\rX')).command).toBe('cat <<X\na;b \\ c\nX')
    expect((await shell.run("echo 'a\x16\tb'")).command).toBe("echo 'a\tb'")
    expect(await shell.run('false')).toMatchObject({ command: 'false', exit: 1 })
    expect(await shell.run('false')).toMatchObject({ command: 'false', exit: 1 })
    expect(await shell.run('f() { return 4 }; true | f')).toMatchObject({ exit: 4 })
  })

  test('empty and interrupted lines are not marked', async () => {
    const shell = await start()
    shell.type('\r')
    await shell.prompt(2)
    shell.type('half a line')
    await shell.until(() => shell.text.includes('half a line'), 'its echo')
    await shell.interrupt(() => shell.prompts >= 3)
    expect(shell.commands).toEqual([])
    shell.type('sleep 60\r')
    await shell.until(() => shell.raw.includes('133;C'), 'the beginning')
    await shell.interrupt(() => shell.commands.length > 0)
    expect(shell.commands).toMatchObject([{ command: 'sleep 60', exit: 130 }])
  })

  test('a line with a leading blank keeps the blank, which excludes it from the history', async () => {
    const shell = await start("PS1='$ '; setopt hist_ignore_space\n")
    expect(await shell.run(' echo secret')).toMatchObject({ command: ' echo secret', exit: 0 })
  })

  test('a command that replaces the shell ends immediately', async () => {
    const shell = await start("alias reload='exec sh'; PS1='$ '\n")
    expect(await shell.run('exec 3>&2')).toMatchObject({ exit: 0 })
    expect(await shell.run('exec {other}>&2')).toMatchObject({ exit: 0 })
    expect(shell.raw).not.toContain('133;D;;')
    shell.type('reload\r')
    await shell.until(() => shell.commands.at(-1)?.command === 'reload', 'its end')
    expect(shell.raw).toContain(`133;D;;nonce=${nonce}`)
    shell.type('echo "still $((40 + 2))"\r')
    await shell.until(() => shell.text.includes('still 42'), 'the other shell')
    expect(shell.commands.at(-1)).toMatchObject({ command: 'reload', isOwn: true, output: '' })
  })

  test('the folder is reported for any name', async () => {
    const shell = await start()
    expect(shell.cwd).toBe(shell.home)
    await shell.run("mkdir 'a b;% é' && cd 'a b;% é'")
    expect(shell.cwd).toBe(join(shell.home, 'a b;% é'))
  })
})

describe('zsh behaves as without integration', requires('zsh'), () => {
  const printName = (name: string) => `print read ${name}\n`

  test('it reads all its files in order, and our variables are unset', async () => {
    const files = Object.fromEntries(['.zshenv', '.zprofile', '.zlogin'].map((name) => [name, printName(name)]))
    const shell = await start(`${printName('.zshrc')}PS1='$ '\n`, files)
    const order = [...shell.text.matchAll(/read (\S+)/g)].map(([, name]) => name)
    expect(order).toEqual(['.zshenv', '.zprofile', '.zshrc', '.zlogin'])
    expect((await shell.run('env | grep -ci -e zdotdir -e coder_; [[ -o login ]] && echo login')).output).toContain(
      '0\r\nlogin\r\n',
    )
  })

  test('ZDOTDIR from the environment or from .zshenv is used', async () => {
    const shell = await start('', { 'dot/.zshrc': `${printName('dot')}PS1='$ '\n`, '.zshenv': 'ZDOTDIR=$HOME/dot\n' })
    expect(shell.text).toContain('read dot')
    const folder = join(shell.home, 'zdotdir')
    mkdirSync(folder)
    const other = new ShellHarness('/usr/bin/zsh', { files: {}, env: { ZDOTDIR: folder } })
    open.push(other)
    // Without start-up files zsh offers to create some; `q` declines.
    await other.until(() => other.prompts > 0 || other.text.includes('--- Type'), 'a prompt or the question')
    if (other.prompts === 0) other.type('q')
    await other.prompt(1)
    expect((await other.run('echo $ZDOTDIR')).output).toContain(`${folder}\r\n`)
  })

  test('a theme that rebuilds the first prompt after the integration keeps working', async () => {
    const zshrc = "autoload -Uz add-zsh-hook; theme() { PROMPT='<%?> ' }; add-zsh-hook precmd theme\n"
    const shell = new ShellHarness('/usr/bin/zsh', { files: { '.zshrc': zshrc } })
    open.push(shell)
    await shell.until(() => shell.text.includes('<0> '), 'a prompt')
    expect(shell.raw.slice(0, shell.raw.indexOf('<0>'))).toContain('133;A')
    expect(await shell.run('(exit 7)')).toMatchObject({ command: '(exit 7)', exit: 7 })
    expect(shell.prompts).toBe(1)
  })

  test('a framework that rebuilds the prompt still reads the last exit code', async () => {
    const zshrc = `
      setopt prompt_subst
      look() { local code=$?; PROMPT="<$code> " }
      precmd_functions=(look)
      preexec() { seen=$1 }
      alias print='echo wrong' local='echo wrong'
    `
    const shell = new ShellHarness('/usr/bin/zsh', { files: { '.zshrc': zshrc } })
    open.push(shell)
    await shell.until(() => shell.text.includes('<0> '), 'a prompt')
    expect(await shell.run('(exit 7)')).toMatchObject({ exit: 7 })
    expect(shell.text).toContain('<7> ')
    shell.type('later() { look }; precmd_functions+=(later)\r')
    await shell.until(() => shell.commands.length === 2, 'its end')
    expect(await shell.run('(exit 4)')).toMatchObject({ exit: 4 })
    expect(await shell.run('(exit 5)')).toMatchObject({ exit: 5 })
    expect((await shell.run('echo "<$seen>"')).output).toContain('<echo "<$seen>">')
    expect(shell.text).not.toContain('wrong')
    // All prompts except the two that a function after the integration's own rebuilt.
    expect(shell.prompts).toBe(4)
  })

  test.each([
    'set -u',
    'setopt no_clobber err_return',
    'setopt sh_word_split ksh_arrays',
    'setopt no_prompt_percent',
    'IFS=0123456789',
  ])('commands are marked with %s', async (setting) => {
    const shell = await start()
    shell.type(`${setting}\r`)
    await shell.until(() => shell.commands.length === 1, 'its end')
    const line = 'echo "a  b"'
    shell.type(`${line}\r`)
    await shell.until(() => shell.commands.length === 2, 'its end')
    expect(shell.commands[1]).toMatchObject({ command: line, exit: 0, output: expect.stringContaining('a  b') })
    expect(shell.text).not.toMatch(/not set|not found|%\{/)
  })

  test('another shell starts normally, and a variable disables the integration', async () => {
    const shell = await start()
    shell.type('exec bash --norc\r')
    await shell.until(() => /bash-[\d.]+[$#] $/.test(shell.text), 'the other prompt')
    const plain = new ShellHarness('/usr/bin/zsh', {
      files: { '.zshrc': "PS1='ready> '\n" },
      env: { CODER_SHELL_INTEGRATION: '0' },
    })
    open.push(plain)
    await plain.until(() => plain.text.includes('ready> '), 'a prompt')
    expect(plain.raw).not.toContain('\x1b]133')
  })
})
