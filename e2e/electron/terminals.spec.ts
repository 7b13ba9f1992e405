// Terminals in the desktop window: shortcuts that browsers reserve, additional windows, desktop notifications, and
// layouts after a restart of the application.

import { expect } from '@playwright/test'
import { updateTerminalPreferences } from '../../api/agents/terminals.ts'
import { startOnThisComputer } from '../support/pages.ts'
import { expectDashboard, pressMenu, type Shell, test } from '../support/shell.ts'
import { activeOf, echoMark, expectTyping, panesOf, waitUntilStored } from '../support/terminals.ts'

/** Opens the Terminals page with two panes that show `first-42` and `right-42`; the second one is active. */
async function openTwoPanes(shell: Shell): Promise<void> {
  const { page } = shell
  await startOnThisComputer(page)
  await pressMenu(shell, 'Terminals')
  await expectTyping(page)
  await echoMark(page, 'first')
  await page.keyboard.press('Control+Shift+D')
  await expect(panesOf(page)).toHaveCount(2)
  await expectTyping(page)
  await echoMark(page, 'right')
}

test('tabs and splits opened by shortcuts return after the application was quit', async ({ open }) => {
  let shell = await open()
  await expectDashboard(shell)
  const { page } = shell
  await openTwoPanes(shell)
  await page.keyboard.press('Control+Shift+T')
  await expect(page.getByRole('tab')).toHaveCount(2)
  await expectTyping(page)
  await echoMark(page, 'tab')
  await page.keyboard.press('Control+Tab')
  await expect(activeOf(page)).toContainText('right-42')
  await waitUntilStored(page, async () => {
    await page.keyboard.press('Control+Shift+ArrowLeft')
    await expect(activeOf(page)).toContainText('first-42')
  })

  await shell.quit()
  shell = await open()
  await expectDashboard(shell)
  await pressMenu(shell, 'Terminals')
  await expect(shell.page.getByRole('tab')).toHaveCount(2)
  await expect(panesOf(shell.page)).toHaveCount(2)
  await expect(activeOf(shell.page)).toContainText('first-42')
  await expectTyping(shell.page)
  await echoMark(shell.page, 'again')
})

test('a long command that finishes while the window is hidden shows a notification, which opens the window', async ({
  deployment,
  open,
}) => {
  const shell = await open()
  await expectDashboard(shell)
  const { app, page } = shell
  const { client } = await deployment.signIn()
  await client.call(updateTerminalPreferences, { params: { user: 'me' }, body: { notify_after_seconds: 1 } })
  await page.reload()
  await startOnThisComputer(page)
  await pressMenu(shell, 'Terminals')
  await expectTyping(page)
  // Playwright emulates focus in its pages.
  const debugging = await page.context().newCDPSession(page)
  await debugging.send('Emulation.setFocusEmulationEnabled', { enabled: false })
  // The permission is real; the notification is a stub, because the test cannot click one drawn by the system.
  expect(await page.evaluate(() => Notification.permission)).toBe('granted')
  await page.evaluate(() => {
    class NotificationStub {
      static readonly permission = 'granted'
      readonly text: string
      readonly close = () => undefined
      constructor(title: string, { body }: { body: string }) {
        this.text = `${title} · ${body}`
        Object.assign(window, { lastNotification: this })
      }
    }
    Object.assign(window, { Notification: NotificationStub })
  })
  await page.keyboard.type('sleep 2; false\n')
  await expect(page.getByRole('tab').first()).toContainText('sleep 2')
  await app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.hide())
  const notificationText = () =>
    page.evaluate(() => (window as unknown as { lastNotification?: { text: string } }).lastNotification?.text)
  await expect.poll(notificationText).toMatch(/^Failed: sleep 2; false · \S+ · .* · exit status 1$/)
  await page.evaluate(() => (window as unknown as { lastNotification: { onclick(): void } }).lastNotification.onclick())
  await expect.poll(() => app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.isVisible())).toBe(true)
})

test('a pane moves to a new window, which has the same restrictions and closes with the first one', async ({
  open,
}) => {
  const shell = await open()
  await expectDashboard(shell)
  const { app, page } = shell
  await openTwoPanes(shell)
  const opening = app.waitForEvent('window')
  await activeOf(page)
    .getByRole('button', { name: /^More actions for/ })
    .click()
  await page.getByRole('menuitem', { name: 'Move to new window' }).click()
  const other = await opening
  await expect(activeOf(other)).toContainText('right-42')
  await expect(panesOf(page)).toHaveCount(1)
  await expectTyping(other)
  await echoMark(other, 'moved')
  const answer = await other.evaluate(() =>
    window.coderDesktop?.openExternal('file:///etc/passwd').catch((error: Error) => error.message),
  )
  expect(answer).toContain('Only http and https links')

  await app.evaluate(({ BrowserWindow }) => {
    const first = BrowserWindow.getAllWindows().sort((a, b) => a.id - b.id)[0]
    setImmediate(() => first?.close())
  })
  await app.waitForEvent('close')
})
