import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, describe, expect, test } from 'vitest'
import { nonce, ShellHarness } from './testing/shell-harness.ts'

const open: ShellHarness[] = []
afterEach(async () => {
  for (const shell of open.splice(0)) await shell.close()
})

/** @param profile its ~/.bash_profile */
async function start(profile = "PS1='$ '\n", files: Record<string, string> = {}, env: Record<string, string> = {}) {
  const shell = new ShellHarness('/bin/bash', { files: { '.bash_profile': profile, ...files }, env })
  open.push(shell)
  await shell.prompt(1)
  return shell
}

describe('bash marks', () => {
  test('a command is marked with its line, output, exit code and times', async () => {
    const shell = await start()
    const before = Date.now()
    const done = await shell.run('echo one; sleep 0.2; (exit 3)')
    expect(done).toMatchObject({ command: 'echo one; sleep 0.2; (exit 3)', exit: 3, isRepeated: false, isOwn: true })
    expect(done.output.trim()).toBe('one')
    const { startMs = 0, endMs = 0 } = done
    expect(startMs).toBeGreaterThanOrEqual(before)
    expect(endMs - startMs).toBeGreaterThanOrEqual(200)
    expect(endMs).toBeLessThanOrEqual(Date.now())
  })

  test('command lines are unchanged: semicolons, backslashes, tabs, other scripts, several lines, here-documents', async () => {
    const shell = await start()
    expect((await shell.run("printf '%s;\\\\n' 日本語 '🙂 é'")).command).toBe("printf '%s;\\\\n' 日本語 '🙂 é'")
    expect((await shell.run('for i in 1 2\rdo\recho $i\rdone')).command).toBe('for i in 1 2; do echo $i; done')
    expect((await shell.run('cat <<X\ra;b \\ c\rX')).command).toBe('cat <<X\na;b \\ c\nX')
    expect((await shell.run("echo 'a\x16\tb'")).command).toBe("echo 'a\tb'")
    expect((await shell.run('(true)')).command).toBe('(true)')
    expect((await shell.run('f() { return 4; }')).command).toBe('f() { return 4; }')
    expect(await shell.run('true | f')).toMatchObject({ command: 'true | f', exit: 4 })
  })

  test('empty, blank and interrupted lines are not marked', async () => {
    const shell = await start()
    shell.type('\r')
    await shell.prompt(2)
    shell.type('   \r')
    await shell.prompt(3)
    shell.type('half a line')
    await shell.until(() => shell.text.includes('half a line'), 'its echo')
    await shell.interrupt(() => shell.prompts >= 4)
    expect(shell.commands).toEqual([])
    expect(await shell.run('echo after')).toMatchObject({ command: 'echo after', exit: 0 })
  })

  test('interrupted commands and background jobs are marked', async () => {
    const shell = await start()
    shell.type('sleep 60\r')
    await shell.until(() => shell.raw.includes('133;C'), 'the beginning')
    await shell.interrupt(() => shell.commands.length > 0)
    expect(shell.commands.at(-1)).toMatchObject({ command: 'sleep 60', exit: 130 })
    await shell.prompt(2)
    expect(await shell.run('sleep 0.1 & true')).toMatchObject({ command: 'sleep 0.1 & true', exit: 0 })
    expect(await shell.run('wait')).toMatchObject({ command: 'wait', exit: 0 })
  })

  test('lines that bash excludes from its history are not reported', async () => {
    const shell = await start("PS1='$ '; HISTCONTROL=ignorespace\n")
    await shell.run('echo one')
    expect(await shell.run(' echo secret')).toMatchObject({ command: undefined, exit: 0 })
    expect(await shell.run('echo one')).toMatchObject({ command: 'echo one', isRepeated: false })
  })

  test('a repeated line is flagged, because the history does not distinguish it from an excluded one', async () => {
    const shell = await start("PS1='$ '; HISTCONTROL=ignoreboth:erasedups\n")
    await shell.run('false')
    expect(await shell.run('false')).toMatchObject({ command: 'false', exit: 1, isRepeated: true })
    expect(await shell.run(' secret')).toMatchObject({ command: 'false', isRepeated: true })
    await shell.run('true')
    expect(await shell.run('false')).toMatchObject({ command: 'false', exit: 1 })
    expect(await shell.run('set +o history')).toMatchObject({ exit: 0 })
    expect((await shell.run('echo unrecorded')).command).toBeUndefined()
  })

  test('lines are reported with a full history', async () => {
    const shell = await start("PS1='$ '; HISTSIZE=2\n")
    for (const line of ['echo 1', 'echo 2', 'echo 3', 'echo 4']) {
      expect(await shell.run(line)).toMatchObject({ command: line, isRepeated: false })
    }
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

  test('a command line of a megabyte is truncated', async () => {
    const shell = await start()
    const file = join(shell.home, 'long')
    writeFileSync(file, `: ${'x\\;'.repeat(350_000)}\n`)
    // Inserted by the line editor: typing a megabyte would take minutes.
    await shell.run(`bind -x '"\\C-g": READLINE_LINE=$(<${file})'`)
    const before = shell.commands.length
    shell.type('\x07')
    shell.type('\r')
    await shell.until(() => shell.commands.length > before, 'the end of the long line')
    expect(shell.commands.at(-1)?.command).toHaveLength(4000)
    expect(shell.commands.at(-1)?.exit).toBe(0)
  })
})

describe('bash behaves as without integration', () => {
  test('a login shell reads /etc/profile, the first of three profiles, and ~/.bash_logout', async () => {
    const shell = await start("echo read profile; . ~/.bashrc; PS1='$ '\n", {
      '.profile': 'echo read the wrong one\n',
      '.bashrc': 'echo read bashrc\n',
      '.bash_logout': 'echo bye >~/left\n',
    })
    expect(shell.text).toContain('read profile\r\nread bashrc')
    expect(shell.text).not.toContain('wrong one')
    shell.type('logout 5\r')
    await shell.until(() => shell.exit !== undefined, 'its end')
    expect(shell.exit).toEqual({ code: 5, signal: 0 })
    expect(readFileSync(join(shell.home, 'left'), 'utf8')).toBe('bye\n')
  })

  test('a prompt that is rebuilt each time still reads the last exit code', async () => {
    const profile = `
      look() { local code=$? all="\${PIPESTATUS[*]}"; PS1="<$code:$all> "; }
      PROMPT_COMMAND=look
    `
    const shell = await start(profile)
    await shell.run('false | (exit 7)')
    expect(shell.text).toContain('<7:1 7> ')
    expect(await shell.run('true')).toMatchObject({ exit: 0 })
    expect(shell.text.trimEnd().endsWith('<0:0>')).toBe(true)
    // The prompt is marked although it changes each time.
    expect(shell.prompts).toBe(3)
    await shell.run('PROMPT_COMMAND=\'PS1="new> "\'')
    expect(await shell.run('(exit 4)')).toMatchObject({ exit: 4 })
    expect(await shell.run('(exit 5)')).toMatchObject({ exit: 5 })
    expect(shell.text).toContain('new> (exit 5)')
  })

  test('frameworks with PS0, a PROMPT_COMMAND list and timers keep working', async () => {
    const profile = `
      PS0='\${STARTED:$((STARTED=SECONDS,0)):STARTED}'
      STARTED=
      framework() { local code=$?; PS1="\\[\\e[1;32m\\]~ $code \${#STARTED} \\n❯\\[\\e[0m\\] "; }
      PROMPT_COMMAND=(framework 'history -a')
    `
    const shell = await start(profile, {}, { HISTFILE: '' })
    await shell.run('(exit 9)')
    expect(shell.text).toContain('~ 9 1')
    expect(await shell.run('echo ok')).toMatchObject({ command: 'echo ok', exit: 0 })
    const { output } = await shell.run('declare -p PROMPT_COMMAND')
    expect(output).toContain('[1]="framework" [2]="history -a" [3]="{ __coder_after; } 2>/dev/null"')
  })

  test.each([
    'set -u',
    'set -e',
    'set -o noclobber',
    'shopt -s extglob nullglob nocasematch',
    'IFS=0123456789',
    'set -f',
  ])('commands are marked with %s', async (setting) => {
    const shell = await start()
    await shell.run(setting)
    expect(await shell.run('echo "a  b"; ! true || true')).toMatchObject({
      command: 'echo "a  b"; ! true || true',
      exit: 0,
    })
    expect(await shell.run('echo "a  b"')).toMatchObject({ exit: 0, output: expect.stringContaining('a  b') })
    expect(shell.text).not.toMatch(/unbound|command not found|cannot overwrite/)
    expect(shell.exit).toBeUndefined()
  })

  test('set -x does not trace the integration', async () => {
    const shell = await start()
    await shell.run('set -x')
    expect(await shell.run('echo a')).toMatchObject({ command: 'echo a', exit: 0 })
    const at = shell.text.length
    await shell.run('echo b')
    expect(shell.text.slice(at)).toBe('echo b\r\n\r+ echo b\r\nb\r\n$ ')
  })

  test('a DEBUG trap of the user still runs', async () => {
    const shell = await start("PS1='$ '; trap 'seen=$BASH_COMMAND' DEBUG\n")
    await shell.run('echo first')
    expect((await shell.run('echo "<$seen>"')).output).toContain('<echo "<$seen>">')
    expect((await shell.run('trap -p DEBUG')).output).toContain("trap -- 'seen=$BASH_COMMAND' DEBUG")
  })

  test('a DEBUG trap that prints in functions and substitutions does not disturb the marks', async () => {
    const shell = await start(`trap 'printf "\\e]0;%s\\a" "$BASH_COMMAND"' DEBUG; shopt -s extdebug; PS1='$ '\n`)
    expect(await shell.run('echo "a  b"')).toMatchObject({ command: 'echo "a  b"', isOwn: true, exit: 0 })
    expect(await shell.run('(exit 7)')).toMatchObject({ command: '(exit 7)', isOwn: true, exit: 7 })
  })

  test('with a read-only PROMPT_COMMAND nothing is marked, without an error', async () => {
    const shell = new ShellHarness('/bin/bash', {
      files: { '.bash_profile': `PS1='here '; PROMPT_COMMAND='audit=$?'; readonly PROMPT_COMMAND\n` },
    })
    open.push(shell)
    await shell.until(() => shell.text.includes('here '), 'the prompt')
    shell.type('false\r')
    await shell.until(() => /here false\s+here $/.test(shell.text), 'the next prompt')
    shell.type('echo "<$audit>"\r')
    await shell.until(() => shell.text.includes('<1>'), 'the saved exit code')
    expect(shell.text).not.toContain('readonly')
  })

  test('aliases and functions that shadow builtins do not affect the integration', async () => {
    const profile =
      "printf() { echo wrong; }\ntrap() { echo wrong; }\nalias printf='echo wrong' local='echo wrong' builtin='echo wrong'\nPS1='$ '\n"
    const shell = await start(profile)
    expect(await shell.run('echo right')).toMatchObject({ command: 'echo right', exit: 0 })
    expect((await shell.run('alias local')).output).toContain("alias local='echo wrong'")
    expect(shell.text).not.toMatch(/^wrong/m)
  })

  test('nested shells contain no trace of the integration', async () => {
    const shell = await start("PS1='$ '; export PS1 PROMPT_COMMAND='true'\n")
    const inner = "bash --norc -ic 'declare -F; env' 2>&1 | grep -ci coder_"
    expect((await shell.run(inner)).output.trim()).toBe('0')
    shell.type('bash --norc -i\r')
    await shell.until(() => shell.prompts >= 2, 'the inner prompt')
    shell.type('echo inner; exit\r')
    await shell.until(() => shell.commands.length >= 2, 'the end of the inner shell')
    expect(shell.text).not.toContain('not found')
    expect(shell.commands.at(-1)).toMatchObject({ command: 'bash --norc -i', exit: 0 })
  })

  test('another shell and a login shell with a new environment start normally', async () => {
    const shell = await start()
    const nested = await shell.run('env -i HOME=/ bash --login -c "echo as it was"')
    expect(nested.output.trim()).toBe('as it was')
    shell.type('exec sh\r')
    await shell.until(() => /exec sh\s+[#$] $/.test(shell.text), 'the other prompt')
    shell.type('echo still $((40 + 2))\r')
    await shell.until(() => shell.text.includes('still 42'), 'its answer')
  })

  test('a variable of the workspace or in the files of the user disables the integration', async () => {
    const shell = new ShellHarness('/bin/bash', {
      files: { '.bash_profile': "PS1='ready> '" },
      env: { CODER_SHELL_INTEGRATION: '0' },
    })
    open.push(shell)
    await shell.until(() => shell.text.includes('ready> '), 'a prompt')
    shell.type('shopt login_shell; exit\r')
    await shell.until(() => shell.exit !== undefined, 'its end')
    expect(shell.text).toMatch(/login_shell\s+on/)
    const other = new ShellHarness('/bin/bash', {
      files: { '.bash_profile': "PS1='ready> '; CODER_SHELL_INTEGRATION=0" },
    })
    open.push(other)
    await other.until(() => other.text.includes('ready> '), 'a prompt')
    for (const { raw } of [shell, other]) expect(raw).not.toContain('\x1b]133')
  })
})
