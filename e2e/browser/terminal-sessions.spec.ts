// Terminal sessions on a page: reconnection, restored and ended sessions, scrollback, and several clients.

import { expect } from '@playwright/test'
import { toTerminal } from '../../api/agents/agent-protocol.ts'
import { updateTerminalRetention } from '../../api/agents/terminals.ts'
import { listWorkspaces, type Workspace } from '../../api/workspaces/workspaces.ts'
import { build } from '../../server/testing/workspace-fixtures.ts'
import { terminalTest as test } from '../support/browser-test.ts'
import { signInPage, startOnThisComputer, terminalOf, typeInTerminal } from '../support/pages.ts'

test.beforeEach(({ page, deployment }) => signInPage(page, deployment))

test('a connection resumes after kill -9 of coderd without a redraw', async ({ page, deployment }) => {
  const frames: number[] = []
  const addresses: string[] = []
  page.on('websocket', (socket) => {
    if (!socket.url().includes('/pty')) return
    addresses.push(socket.url())
    socket.on('framereceived', ({ payload }) => frames.push(Number(payload[0])))
  })
  await startOnThisComputer(page)
  await typeInTerminal(page, 'mark=$((40+2)); echo before-$mark\n')
  await expect(terminalOf(page)).toContainText('before-42')
  await page.evaluate(() => {
    const seen = { blinks: 0 }
    Object.assign(window, { seen })
    const countBlinks = () => {
      if (!document.querySelector('.xterm')?.textContent?.includes('before-42')) seen.blinks++
      requestAnimationFrame(countBlinks)
    }
    countBlinks()
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

test('a terminal of a rebuilt workspace shows its earlier screen, a restored badge and a new prompt', async ({
  page,
  deployment,
}) => {
  await startOnThisComputer(page)
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
  // The command that ended the shell is marked as finished.
  await expect(page.getByRole('button', { name: /^exit 3: failed 3/ })).toBeVisible()
  await page.keyboard.press('Enter')
  await expect(page.locator('[data-terminal-state=live]')).toBeVisible()
  await typeInTerminal(page, 'kill -9 $$\n')
  await expect(page.getByRole('button', { name: /^kill -9 \$\$: failed 137/ })).toBeVisible()
})

test('an ended session stays ended after a reload, and a session without stored output is reported as new', async ({
  page,
  deployment,
}) => {
  await startOnThisComputer(page)
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

test('scrollback and its command marks return after a reload', async ({ page }) => {
  await startOnThisComputer(page)
  await typeInTerminal(page, 'seq 1 5000; echo last-$((40+2))\n')
  await expect(terminalOf(page)).toContainText('last-42')
  await page.reload()
  await expect(terminalOf(page)).toContainText('last-42')
  // The scrollback and its command marks arrive after the screen.
  await expect(async () => {
    await page.keyboard.press('Alt+Shift+PageUp')
    await expect(terminalOf(page)).toContainText(/seq 1 5000.*\D1234567891011/, { timeout: 500 })
  }).toPass()
  await page.keyboard.press('Alt+Shift+End')
  await expect(terminalOf(page)).toContainText('last-42')
})

test('a terminal follows the size of another client until its user types or the client leaves, and a read-only client sends no input', async ({
  page,
  browser,
  deployment,
}) => {
  await startOnThisComputer(page)
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
