// What one terminal on a page does beside showing its bytes, in a real browser and with a real shell.

import { readFileSync } from 'node:fs'
import { expect, type Page, test } from '@playwright/test'
import { toTerminal } from '../api/agents/agent-protocol.ts'
import { updateTerminalPreferences, updateTerminalRetention } from '../api/agents/terminals.ts'
import { listWorkspaces, type Workspace } from '../api/workspaces/workspaces.ts'
import { chromiumArguments } from '../scripts/test-browsers.mjs'
import { build } from '../server/testing/scenes.ts'
import { type Deployment, startDeployment } from './support/deployment.ts'
import {
  collectComplaints,
  drawInDom,
  pressThisComputer,
  signInPage,
  terminalOf,
  typeInTerminal,
} from './support/pages.ts'

// Text that is drawn with WebGL cannot be read from the page; webgl.spec.ts looks at that.
test.use({
  launchOptions: async ({ launchOptions }, use) => use({ ...launchOptions, args: [...chromiumArguments, drawInDom] }),
  permissions: ['clipboard-read', 'clipboard-write'],
})

let deployment: Deployment
test.beforeEach(async ({ page }) => {
  deployment = await startDeployment({ database: 'shared' })
  await signInPage(page, deployment)
})
test.afterEach(() => deployment.close())

const clipboard = (page: Page) => page.evaluate(() => navigator.clipboard.readText())
const copyElsewhere = (page: Page, text: string) =>
  page.evaluate((copied) => navigator.clipboard.writeText(copied), text)

test('the connection that comes back after kill -9 of coderd goes on where it was, and nothing blinks', async ({
  page,
}) => {
  const frames: number[] = []
  const addresses: string[] = []
  page.on('websocket', (socket) => {
    if (!socket.url().includes('/pty')) return
    addresses.push(socket.url())
    socket.on('framereceived', ({ payload }) => frames.push(Number(payload[0])))
  })
  await pressThisComputer(page)
  await typeInTerminal(page, 'mark=$((40+2)); echo before-$mark\n')
  await expect(terminalOf(page)).toContainText('before-42')
  await page.evaluate(() => {
    const seen = { blinks: 0 }
    Object.assign(window, { seen })
    const look = () => {
      if (!document.querySelector('.xterm')?.textContent?.includes('before-42')) seen.blinks++
      requestAnimationFrame(look)
    }
    look()
  })
  frames.length = 0
  await deployment.killServer()
  await expect(page.locator('[data-terminal-state=reconnecting]')).toBeVisible()
  await expect(page.getByText('Your programs keep running; what you type is sent after reconnecting.')).toBeVisible()
  await typeInTerminal(page, 'echo typed-$mark\n')
  await deployment.start()
  await expect(page.locator('[data-terminal-state=live]')).toBeVisible()
  await expect(terminalOf(page)).toContainText('typed-42')
  expect(addresses.at(-1)).toMatch(/[?&]resume=[0-9a-f-]+%3A\d+/)
  expect(frames).not.toContain(toTerminal.snapshot)
  expect(await page.evaluate(() => (window as unknown as { seen: { blinks: number } }).seen.blinks)).toBe(0)
})

test('what is found is counted, and the search says when there is nothing', async ({ page }) => {
  await pressThisComputer(page)
  await typeInTerminal(page, 'clear; for i in 1 2 3 4 5; do echo "needle-$i"; done\n')
  await expect(terminalOf(page)).toContainText('needle-5')
  await page.keyboard.press('Control+Shift+F')
  const search = page.getByRole('search')
  await search.getByRole('textbox').fill('needle-[0-9]')
  await expect(search.getByRole('status')).toHaveText('No results')
  await search.getByRole('button', { name: 'Regular expression' }).click()
  await expect(search.getByRole('status')).toHaveText('5 of 5')
  await search.getByRole('button', { name: 'Previous match' }).click()
  await expect(search.getByRole('status')).toHaveText('4 of 5')
  await search.getByRole('textbox').fill('needle-[')
  await expect(search.getByRole('status')).toHaveText('Invalid pattern')
  await page.keyboard.press('Escape')
  await typeInTerminal(page, 'echo back-$((1+1))\n')
  await expect(terminalOf(page)).toContainText('back-2')
})

test('several lines are asked about before a program that runs each of them gets them', async ({ page }) => {
  await pressThisComputer(page)
  await typeInTerminal(page, 'clear; echo ready-$((40+2)); cat\n')
  // Until then the shell has the terminal, which would be given all lines at once.
  await expect(terminalOf(page)).toContainText('ready-42')
  await copyElsewhere(page, 'one\ntwo\n')
  await page.locator('.xterm-helper-textarea').focus()
  await page.keyboard.press('Control+Shift+V')
  const question = page.getByRole('alertdialog')
  await expect(question).toContainText('Paste 2 lines?')
  await page.keyboard.press('Escape')
  await expect(question).toBeHidden()
  await page.keyboard.press('Control+Shift+V')
  await question.getByRole('button', { name: 'Paste as one line' }).click()
  await expect(terminalOf(page)).toContainText('one two')
  await expect(terminalOf(page)).not.toContainText('onetwo')
  await page.keyboard.press('Enter')
  await copyElsewhere(page, 'a\x1b[201~b')
  await page.keyboard.press('Control+Shift+V')
  await expect(terminalOf(page)).toContainText('a[201~b')
})

test('what is selected is copied, by key or as soon as it is, and a program asks before it copies', async ({
  page,
}) => {
  const { client } = await deployment.signIn()
  await client.call(updateTerminalPreferences, { params: { user: 'me' }, body: { copy_on_select: true } })
  // The page may have read its settings already.
  await page.reload()
  await pressThisComputer(page)
  await typeInTerminal(page, 'clear; echo pick-$((40+2))\n')
  await expect(terminalOf(page)).toContainText('pick-42')
  // The text itself gets no clicks: xterm's screen over it does.
  await page.getByText('pick-42').dblclick({ position: { x: 20, y: 8 }, force: true })
  await expect.poll(() => clipboard(page)).toContain('pick')
  await page.keyboard.press('Alt+Shift+A')
  await page.keyboard.press('Control+Shift+C')
  await expect.poll(() => clipboard(page)).toContain('pick-42\n')
  await typeInTerminal(page, `printf '\\e]52;c;%s\\a' "$(printf from-program | base64)"\n`)
  const question = page.getByRole('alertdialog')
  await expect(question).toContainText('from-program')
  await question.getByRole('button', { name: 'Allow' }).click()
  await expect.poll(() => clipboard(page)).toBe('from-program')
})

test('signs are joined to one where the person wants ligatures, and only there', async ({ page }) => {
  const { client } = await deployment.signIn()
  const look = (ligatures: boolean) =>
    // Cells of this size are whole pixels wide, so that the browser spaces no letters.
    client.call(updateTerminalPreferences, { params: { user: 'me' }, body: { font_size: 20, ligatures } })
  await look(false)
  // The page may have read its settings already.
  await page.reload()
  await pressThisComputer(page)
  await typeInTerminal(page, `clear; printf '=>\\n= \\n'\n`)
  await expect(terminalOf(page)).toContainText(/^=>\s*=\s/)
  const isJoined = async () => {
    const rows = terminalOf(page).locator('> div')
    const [first, second] = await Promise.all(
      [0, 1].map(async (row) => {
        const { x = 0, y = 0, height = 0 } = (await rows.nth(row).boundingBox()) ?? {}
        return page.screenshot({ clip: { x, y, width: 12, height } })
      }),
    )
    return !first?.equals(second ?? Buffer.of())
  }
  await expect.poll(isJoined).toBe(false)
  await look(true)
  await page.reload()
  await expect(terminalOf(page)).toContainText(/^=>\s*=\s/)
  await expect.poll(isJoined).toBe(true)
})

test('what a program may always copy is asked about where the browser does not let it', async ({ page, context }) => {
  const { client } = await deployment.signIn()
  await client.call(updateTerminalPreferences, { params: { user: 'me' }, body: { clipboard_writes: 'always' } })
  // The page may have read its settings already.
  await page.reload()
  await pressThisComputer(page)
  // Firefox and Safari do not without a press of the person just before; Chromium where it has been told not to.
  const browser = await context.newCDPSession(page)
  const { browserContextId } = (await browser.send('Target.getTargetInfo')).targetInfo
  const setPermission = (setting: 'denied' | 'granted') =>
    browser.send('Browser.setPermission', {
      permission: { name: 'clipboard-write' },
      setting,
      origin: deployment.url,
      ...(browserContextId ? { browserContextId } : {}),
    })
  await setPermission('denied')
  await typeInTerminal(page, `printf '\\e]52;c;%s\\a' "$(printf from-program | base64)"\n`)
  const question = page.getByRole('alertdialog')
  await expect(question).toContainText('from-program')
  await setPermission('granted')
  await question.getByRole('button', { name: 'Allow' }).click()
  await expect.poll(() => clipboard(page)).toBe('from-program')
  await typeInTerminal(page, `printf '\\e]52;c;%s\\a' "$(printf another | base64)"\n`)
  await expect.poll(() => clipboard(page)).toBe('another')
  await expect(question).toBeHidden()
})

test('a program that asks gets no answer from keys that were meant for the shell, and no other pane loses them', async ({
  page,
}) => {
  await pressThisComputer(page)
  const ask = `printf '\\e]52;c;%s\\a' "$(printf from-program | base64)"`
  await typeInTerminal(page, `${ask}\n`)
  const question = page.getByRole('alertdialog')
  await expect(question).toContainText('from-program')
  await copyElsewhere(page, 'mine')
  await page.keyboard.press('Space')
  await page.keyboard.press('Enter')
  await expect(question).toBeVisible()
  await page.keyboard.press('Tab')
  await expect(question.getByRole('button', { name: 'Deny' })).toBeFocused()
  await page.keyboard.press('Enter')
  await expect(question).toBeHidden()
  expect(await clipboard(page)).toBe('mine')
  await expect(page.locator('.xterm-helper-textarea')).toBeFocused()

  await page.keyboard.type(`until [ -e asked ]; do sleep 0.1; done; ${ask}\n`)
  await page.keyboard.press('Alt+Shift+E')
  await expect(page.locator('[data-pane][data-active] [data-terminal-state=live]')).toBeVisible()
  const second = page.locator('[data-pane][data-active] .xterm-helper-textarea')
  await expect(second).toBeFocused()
  await page.keyboard.type('touch asked\n')
  await expect(question).toBeVisible()
  await expect(second).toBeFocused()
})

test('the bell is seen on the terminal, whatever its ground', async ({ page }) => {
  await pressThisComputer(page)
  const seen = page.waitForFunction(() => {
    const flash = document.querySelector('[data-bell]')
    return flash && !/, 0\)$|transparent/.test(getComputedStyle(flash).backgroundColor)
  })
  await typeInTerminal(page, "printf '\\a'\n")
  await seen
})

test('what a small pane asks can be answered in it', async ({ page }) => {
  await page.setViewportSize({ width: 700, height: 420 })
  await pressThisComputer(page)
  await typeInTerminal(page, 'clear; cat\n')
  await copyElsewhere(page, Array.from({ length: 20 }, (_, line) => `line ${line}`).join('\n'))
  await page.keyboard.press('Control+Shift+V')
  const question = page.getByRole('alertdialog')
  await expect(question).toContainText('Paste 20 lines?')
  await expect(question.getByRole('button', { name: 'Paste', exact: true })).toBeInViewport({ ratio: 1 })
})

test('a link says where it leads, opens with Ctrl and a click, and can be selected; a place in a file is copied', async ({
  page,
  context,
}) => {
  await pressThisComputer(page)
  const { origin, host } = new URL(deployment.url)
  const marked = `\\e]8;;${origin}/terminals/replay\\aelsewhere\\e]8;;\\a`
  await typeInTerminal(
    page,
    `clear; printf '${marked}\\n${host.replace('127.0.0.1', 'localhost')}/swagger\\nsrc/a.ts:7:2\\n'\n`,
  )
  await expect(terminalOf(page)).toContainText('src/a.ts')
  const screen = page.locator('.xterm-screen')
  const rowHeight = await terminalOf(page)
    .locator('> div')
    .first()
    .evaluate((row) => row.clientHeight)
  const pressRow = async (row: number, modifiers: 'Control'[] = ['Control']) => {
    const position = { x: 20, y: rowHeight * (row + 0.5) }
    await screen.hover({ position })
    await expect(page.locator('.xterm-cursor-pointer')).toBeVisible()
    await screen.click({ position, modifiers })
  }
  const opened = async (row: number) => {
    const opening = context.waitForEvent('page')
    await pressRow(row)
    const other = await opening
    await other.close()
    return other.url()
  }
  await screen.hover({ position: { x: 20, y: rowHeight / 2 } })
  await expect(page.getByText(`${origin}/terminals/replay`)).toBeVisible()
  expect(await opened(0)).toBe(`${origin}/terminals/replay`)
  expect(await opened(1)).toBe(`${origin.replace('127.0.0.1', 'localhost')}/swagger`)
  await pressRow(2)
  await expect.poll(() => clipboard(page)).toBe('src/a.ts:7:2')
  await pressRow(0, [])
  await screen.dblclick({ position: { x: 20, y: rowHeight * 1.5 } })
  await page.keyboard.press('Control+Shift+C')
  await expect.poll(() => clipboard(page)).toContain('localhost')
  expect(context.pages()).toHaveLength(1)
})

test('commands are marked by how they went, run again, and copied with their output', async ({ page }) => {
  await pressThisComputer(page)
  await typeInTerminal(page, 'echo out-$((40+2))\n')
  await expect(terminalOf(page)).toContainText('out-42')
  await typeInTerminal(page, '(exit 3)\n')
  const good = page.locator('[data-command-exit="0"]').last()
  const bad = page.locator('[data-command-exit="3"]')
  await expect(bad).toBeVisible()
  await expect(bad).toHaveAccessibleName(/^\(exit 3\): failed 3/)
  await bad.click()
  await expect(page.getByRole('menu')).toContainText('failed 3')
  await page.keyboard.press('Escape')
  await expect(page.locator('.xterm-helper-textarea')).toBeFocused()
  await good.click()
  await page.getByRole('menuitem', { name: 'Copy output' }).click()
  await expect.poll(() => clipboard(page)).toBe('out-42')
  await typeInTerminal(page, 'clear\n')
  await expect(terminalOf(page)).not.toContainText('out-42')
  await typeInTerminal(page, 'echo "again $((40+2))"\n')
  await expect(page.locator('[data-command-exit="0"]').last()).toHaveAccessibleName(/^echo "again/)
  await page.keyboard.press('Alt+Shift+R')
  await expect(terminalOf(page)).toContainText(/again 42[\s\S]*again 42/)
})

test('the command line stays in sight while its output is scrolled, and leads back to it', async ({ page }) => {
  await pressThisComputer(page)
  await typeInTerminal(page, 'seq 1 500\n')
  await expect(terminalOf(page)).toContainText('500')
  await page.locator('.xterm-screen').hover()
  await page.mouse.wheel(0, -600)
  const sticky = page.getByRole('button', { name: 'seq 1 500' }).filter({ hasText: 'done' })
  await expect(sticky).toBeVisible()
  await sticky.click()
  await expect(sticky).toBeHidden()
  await expect(terminalOf(page)).toContainText('seq 1 500')
})

test('what was recorded is saved, and played on a page of its own', async ({ page }) => {
  await pressThisComputer(page)
  await page.locator('.xterm-screen').click({ button: 'right' })
  await page.getByRole('menuitem', { name: 'Start recording' }).click()
  await expect(page.getByText('recording', { exact: true })).toBeVisible()
  await typeInTerminal(page, 'echo recorded-$((40+2))\n')
  await expect(terminalOf(page)).toContainText('recorded-42')
  await page.locator('.xterm-screen').click({ button: 'right' })
  const saved = page.waitForEvent('download')
  await page.getByRole('menuitem', { name: 'Stop and save recording' }).click()
  const file = await (await saved).path()
  await page.goto(`${deployment.url}/terminals/replay`)
  await page.getByLabel('Recording').setInputFiles({ name: 'a.cast', mimeType: '', buffer: readFileSync(file) })
  await expect(terminalOf(page)).toContainText('recorded-42')
  await expect(page.getByRole('button', { name: 'Play' })).toBeVisible()
  await page.getByRole('slider', { name: 'Position' }).fill('0')
  await expect(terminalOf(page)).not.toContainText('recorded-42')
  await page.setViewportSize({ width: 390, height: 844 })
  const { width = 0 } = (await page.getByRole('slider', { name: 'Position' }).boundingBox()) ?? {}
  expect(width).toBeGreaterThan(200)
  await page.getByLabel('Recording').setInputFiles({ name: 'b.cast', mimeType: '', buffer: Buffer.from('{}') })
  await expect(page.getByRole('alert')).toContainText('no asciicast')
})

test('a terminal whose workspace was built anew shows what was on it, says so, and has a prompt below', async ({
  page,
}) => {
  await pressThisComputer(page)
  await typeInTerminal(page, 'cd /tmp; echo before-$((40+2))\n')
  await expect(terminalOf(page)).toContainText('before-42')
  const { client } = await deployment.signIn()
  const { workspaces } = await client.call(listWorkspaces, { query: {} })
  const [workspace] = workspaces as [Workspace]
  await build(client, workspace.id, 'stop')
  await expect(page.getByRole('button', { name: 'Start workspace' }).first()).toBeVisible()
  await expect(page.locator('[data-pane] header [role=status]', { hasText: 'live' })).toHaveCount(0)
  await build(client, workspace.id, 'start')
  await expect(page.locator('[data-terminal-state=live]')).toBeVisible()
  await expect(terminalOf(page)).toContainText('before-42')
  await expect(page.getByText('restored', { exact: true })).toBeVisible()
  await typeInTerminal(page, 'echo "in $PWD"\n')
  await expect(terminalOf(page)).toContainText('in /tmp')
  await expect(page.getByText('restored', { exact: true })).toBeHidden()
  await page.reload()
  await expect(terminalOf(page)).toContainText('in /tmp')
  await expect(page.locator('[data-pane] header [role=status]')).toHaveText('live')
  await typeInTerminal(page, 'exit 3\n')
  await expect(page.locator('[data-pane] header [role=status]')).toHaveText('ended 3')
  // The command that ended the shell has ended with it.
  await expect(page.getByRole('button', { name: /^exit 3: failed 3/ })).toBeVisible()
  await page.keyboard.press('Enter')
  await expect(page.locator('[data-terminal-state=live]')).toBeVisible()
  await typeInTerminal(page, 'kill -9 $$\n')
  await expect(page.getByRole('button', { name: /^kill -9 \$\$: failed 137/ })).toBeVisible()
})

test('a session that has ended is so after a reload, too; where nothing is left of one, the new one says so', async ({
  page,
}) => {
  await pressThisComputer(page)
  await typeInTerminal(page, 'echo before-$((40+2)); exit 3\n')
  const badge = page.locator('[data-pane] header [role=status]')
  for (let time = 0; time < 2; time++) {
    await expect(badge).toHaveText('ended 3')
    await expect(terminalOf(page)).toContainText('before-42')
    await page.reload()
  }
  await expect(badge).toHaveText('ended 3')
  await page.getByRole('button', { name: 'Start new session' }).click()
  await expect(badge).toHaveText('live')
  await expect(page.getByText('The previous session has ended.')).toBeHidden()
  const { client } = await deployment.signIn()
  const { workspaces } = await client.call(listWorkspaces, { query: {} })
  const [workspace] = workspaces as [Workspace]
  const body = { kept_lines: 0, kept_days: 7 }
  await client.call(updateTerminalRetention, { params: { workspace: workspace.id }, body })
  await build(client, workspace.id, 'stop')
  await build(client, workspace.id, 'start')
  await expect(badge).toHaveText('live')
  await expect(page.getByText('The previous session has ended. This is a new session.')).toBeVisible()
  await typeInTerminal(page, 'echo here-$((40+2))\n')
  await expect(terminalOf(page)).toContainText('here-42')
  await expect(page.getByText('The previous session has ended.')).toBeHidden()
})

test('lines that were scrolled away are there after a reload, and so are their commands', async ({ page }) => {
  await pressThisComputer(page)
  await typeInTerminal(page, 'seq 1 5000; echo last-$((40+2))\n')
  await expect(terminalOf(page)).toContainText('last-42')
  await page.reload()
  await expect(terminalOf(page)).toContainText('last-42')
  // The lines come after the screen, and with them the command that wrote them.
  await expect(async () => {
    await page.keyboard.press('Alt+Shift+PageUp')
    await expect(terminalOf(page)).toContainText(/seq 1 5000.*\D1234567891011/, { timeout: 500 })
  }).toPass()
  await page.keyboard.press('Alt+Shift+End')
  await expect(terminalOf(page)).toContainText('last-42')
})

test("another's size is followed, and said, until somebody types here or the other leaves; who only looks types nothing", async ({
  page,
  browser,
}) => {
  await pressThisComputer(page)
  const context = await browser.newContext({ viewport: { width: 700, height: 500 } })
  const other = await context.newPage()
  await signInPage(other, deployment)
  await other.goto(page.url())
  await expect(other.locator('[data-terminal-state=live]')).toBeVisible()
  const note = page.getByText(/set by another client/)
  const otherNote = other.getByText(/set by another client/)
  await expect(otherNote).toContainText('type to use your size')
  await expect(note).toBeHidden()
  await typeInTerminal(other, 'stty size\n')
  await expect(otherNote).toBeHidden()
  await expect(note).toBeVisible()
  await typeInTerminal(page, 'stty size\n')
  await expect(note).toBeHidden()
  await expect(otherNote).toBeVisible()

  await other.locator('.xterm-screen').click({ button: 'right' })
  await other.getByRole('menuitem', { name: 'Make read-only' }).click()
  await expect(other.getByText('read only', { exact: true })).toBeVisible()
  await expect(terminalOf(other)).toContainText('stty size')
  await typeInTerminal(other, 'echo not-$((40+2))\n')
  await typeInTerminal(page, 'echo seen-$((40+2))\n')
  await expect(terminalOf(other)).toContainText('seen-42')
  expect(await terminalOf(page).textContent()).not.toContain('not-42')

  const third = await context.newPage()
  await third.goto(page.url())
  await third.getByRole('button', { name: 'use your size' }).click()
  await expect(note).toBeVisible()
  await expect(third.locator('.xterm-helper-textarea')).toBeFocused()
  await context.close()
  await expect(note).toBeHidden()
})

test('the colours and letters that a person chose are those of terminals, and each is zoomed by itself', async ({
  page,
}) => {
  await pressThisComputer(page)
  const { client } = await deployment.signIn()
  const params = { user: 'me' }
  const rowHeight = () =>
    page
      .locator('.xterm-rows > div')
      .first()
      .evaluate((row) => row.clientHeight)
  const before = await rowHeight()
  await client.call(updateTerminalPreferences, { params, body: { theme: 'solarized-light', font_size: 20 } })
  await page.reload()
  await expect(page.locator('.xterm-scrollable-element')).toHaveCSS('background-color', 'rgb(253, 246, 227)')
  await expect.poll(rowHeight).toBeGreaterThan(before)
  await page.locator('.xterm-helper-textarea').focus()
  const larger = await rowHeight()
  await page.keyboard.press('Alt+Shift+-')
  await expect.poll(rowHeight).toBeLessThan(larger)
})

test('a picture in the output is drawn, there again after a reload, and nothing is complained about', async ({
  page,
}) => {
  const complaints = collectComplaints(page)
  await pressThisComputer(page)
  // Not a whole number of cells in either direction.
  const sixel = String.raw`\ePq#0;2;100;0;0#0${'!300~-'.repeat(9)}\e\\`
  await typeInTerminal(page, `clear; printf '${sixel}\\n'; echo drawn-$((40+2))\n`)
  await expect(terminalOf(page)).toContainText('drawn-42')
  const picture = page.locator('.xterm-image-layer')
  await expect(picture).toBeVisible()
  /** Of its rows the shortest and the longest: how much of them is red. */
  const redInRows = () =>
    picture.evaluate((canvas: HTMLCanvasElement) => {
      const { width, height } = canvas
      const data = canvas.getContext('2d')?.getImageData(0, 0, width, height).data ?? []
      const redIn = (row: number) =>
        Array.from({ length: width }, (_, col) => data[(row * width + col) * 4]).filter((red) => red === 255).length
      const red = Array.from({ length: height }, (_, row) => redIn(row)).filter((count) => count > 0)
      return { shortest: Math.min(...red), longest: Math.max(...red), rows: red.length }
    })
  const isBox = async () => {
    const { shortest, longest } = await redInRows()
    return longest > 250 && longest < 330 && shortest > longest - 3
  }
  await expect.poll(isBox).toBe(true)

  await page.reload()
  await expect(terminalOf(page)).toContainText('drawn-42')
  await expect(picture).toBeVisible()
  await expect.poll(isBox).toBe(true)
  // Programs are told of the cells that pictures are laid out by.
  await typeInTerminal(page, 'printf \'\\e[16t\'; read -rs -d t cell; echo "cell ${cell:2}"\n')
  await expect(terminalOf(page)).toContainText('cell 6;20;8')
  // Looking at the picture often is complained about as well.
  expect(complaints).toEqual([])

  // A file of which nobody says the size, as programs need not; 16 × 16 pixels.
  const file =
    'iVBORw0KGgoAAAANSUhEUgAAABAAAAAQCAIAAACQkWg2AAAAF0lEQVR4nGP4z8BAEiJN9aiGUQ1DSgMAkPn/Afnh+ngAAAAASUVORK5CYII='
  await typeInTerminal(page, `clear; printf '\\e]1337;File=inline=1;width=10:${file}\\a\\n'; echo file-$((40+2))\n`)
  await expect(terminalOf(page)).toContainText('file-42')
  await expect.poll(async () => (await redInRows()).longest).toBeGreaterThan(60)
  // Higher lines leave room below a picture, and stretch it no further than one hardly sees.
  const { client } = await deployment.signIn()
  await client.call(updateTerminalPreferences, { params: { user: 'me' }, body: { line_height: 2.5 } })
  await page.reload()
  await expect(terminalOf(page)).toContainText('file-42')
  const shape = async () => {
    const { longest, rows } = await redInRows()
    return rows / longest
  }
  await expect.poll(shape).toBeGreaterThan(1)
  await expect.poll(shape).toBeLessThan(1.35)
})
