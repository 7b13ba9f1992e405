// Terminals in the desktop window: the keys that a browser would keep, windows of their own beside it, and what is there
// again when the shell was quit.

import { expect, test } from '@playwright/test'
import { type Deployment, prepareDeployment } from './support/deployment.ts'
import { pressThisComputer } from './support/pages.ts'
import { expectDashboard, openShell, pressMenu, type Shell } from './support/shell.ts'
import { activeOf, expectTyping, panesOf, say } from './support/terminals.ts'

let deployment: Deployment
let shell: Shell | undefined
test.beforeEach(async () => {
  deployment = await prepareDeployment()
})
test.afterEach(async () => {
  await shell?.quit()
  shell = undefined
  await deployment.close()
})

test('tabs and splits by the keys of the window, there again when the shell was quit', async () => {
  shell = await openShell(deployment)
  await expectDashboard(shell)
  const { page } = shell
  await pressThisComputer(page)
  await pressMenu(shell, 'Terminals')
  await expectTyping(page)
  await say(page, 'first')
  await page.keyboard.press('Control+Shift+D')
  await expect(panesOf(page)).toHaveCount(2)
  await expectTyping(page)
  await say(page, 'right')
  await page.keyboard.press('Control+Shift+T')
  await expect(page.getByRole('tab')).toHaveCount(2)
  await expectTyping(page)
  await say(page, 'tab')
  await page.keyboard.press('Control+Tab')
  await expect(activeOf(page)).toContainText('right-42')
  const kept = page.waitForResponse(
    (answer) => /terminal-layouts$/.test(answer.url()) && answer.request().method() === 'PUT',
  )
  await page.keyboard.press('Control+Shift+ArrowLeft')
  await expect(activeOf(page)).toContainText('first-42')
  await kept

  await shell.quit()
  shell = await openShell(deployment)
  await expectDashboard(shell)
  await pressMenu(shell, 'Terminals')
  await expect(shell.page.getByRole('tab')).toHaveCount(2)
  await expect(panesOf(shell.page)).toHaveCount(2)
  await expect(activeOf(shell.page)).toContainText('first-42')
  await expectTyping(shell.page)
  await say(shell.page, 'again')
})

test('a pane moves to a window of its own, which may do what the first one may and closes with it', async () => {
  shell = await openShell(deployment)
  await expectDashboard(shell)
  const { app, page } = shell
  await pressThisComputer(page)
  await pressMenu(shell, 'Terminals')
  await expectTyping(page)
  await say(page, 'first')
  await page.keyboard.press('Control+Shift+D')
  await expect(panesOf(page)).toHaveCount(2)
  await expectTyping(page)
  await say(page, 'right')
  const opening = app.waitForEvent('window')
  await activeOf(page)
    .getByRole('button', { name: /^More for/ })
    .click()
  await page.getByRole('menuitem', { name: 'Move to a new window' }).click()
  const other = await opening
  await expect(activeOf(other)).toContainText('right-42')
  await expect(panesOf(page)).toHaveCount(1)
  await expectTyping(other)
  await say(other, 'moved')
  const answer = await other.evaluate(() =>
    window.coderDesktop?.openExternal('file:///etc/passwd').catch((error: Error) => error.message),
  )
  expect(answer).toContain('Only http and https links')

  await app.evaluate(({ BrowserWindow }) => {
    const first = BrowserWindow.getAllWindows().sort((a, b) => a.id - b.id)[0]
    setImmediate(() => first?.close())
  })
  await app.waitForEvent('close')
  shell = undefined
})
