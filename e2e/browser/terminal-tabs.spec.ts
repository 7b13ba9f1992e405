// Tabs: their labels, and notices about commands and bells in hidden tabs.

import { writeFileSync } from 'node:fs'
import { expect } from '@playwright/test'
import { updateTerminalPreferences } from '../../api/agents/terminals.ts'
import { terminalTest as test } from '../support/browser-test.ts'
import { activeOf, expectTyping, openTerminals, tabsOf, waitUntilStored } from '../support/terminals.ts'

test('idle shells are labeled with folder and last command, before their panes open and in a narrow window', async ({
  page,
  deployment,
}) => {
  await openTerminals(page, deployment)
  await page.keyboard.type('mkdir -p shop/src api/src && cd shop/src\n')
  for (const folder of ['~/shop/src', '~/api/src', '~/shop/src']) {
    await page.keyboard.press('Alt+Shift+T')
    await expectTyping(page)
    await page.keyboard.type(`cd ${folder}\n`)
    await expect(activeOf(page).locator('header')).toContainText(folder)
  }
  await waitUntilStored(page, async () => {
    await page.keyboard.press('Alt+Shift+T')
    await expectTyping(page)
  })
  await page.keyboard.type('sleep 1000; true a command with a name that takes the room of several tabs\n')
  await expect(tabsOf(page).last()).toContainText('sleep 1000')
  // Without connections the hidden tabs have labels from the stored layout only.
  await page.route('**/pty?*', () => undefined)
  await page.routeWebSocket(/\/pty\?/, () => undefined)
  await page.reload()
  for (const [index, name] of ['shop/src', 'shop/src', 'api/src', 'shop/src', 'sleep 1000'].entries())
    await expect(tabsOf(page).nth(index)).toContainText(name)
  await page.setViewportSize({ width: 640, height: 500 })
  await expect(tabsOf(page).first()).not.toBeInViewport()
  await expect(page.getByRole('tab', { selected: true })).toBeInViewport({ ratio: 1 })
  // A vertical mouse wheel scrolls the tab strip.
  await tabsOf(page).last().hover()
  await page.mouse.wheel(0, -2_000)
  await expect(tabsOf(page).first()).toBeInViewport({ ratio: 1 })

  await page.keyboard.press('Alt+Shift+S')
  await expect(page.getByRole('option', { name: '~/shop/src · after mkdir -p shop/src api/src' })).toBeVisible()
  await expect(page.getByRole('option', { name: '~/api/src · after cd ~/api/src' })).toBeVisible()
})

test('a long command that finishes in a hidden tab shows a notice and appears in the history', async ({
  page,
  deployment,
}) => {
  const { client } = await deployment.signIn()
  await client.call(updateTerminalPreferences, { params: { user: 'me' }, body: { notify_after_seconds: 1 } })
  await openTerminals(page, deployment)
  await page.keyboard.type('sleep 2; false\n')
  await expect(page.getByRole('tab').first()).toContainText('sleep 2')
  await page.keyboard.press('Alt+Shift+T')
  await expectTyping(page)
  const notice = page.getByRole('status').filter({ hasText: 'Failed: sleep 2; false' })
  await expect(notice).toContainText('exit status 1')
  await expect(tabsOf(page).first()).toContainText('Command failed')
  await expect(page).toHaveTitle(/^\(1\) Terminals/)
  await notice.getByRole('button', { name: 'Show' }).click()
  await expect(activeOf(page)).toContainText('first-42')
  await expect(page.getByText('Command failed')).toHaveCount(0)

  // A bell marks the tab without a notice.
  const goAhead = test.info().outputPath('go-ahead')
  await page.keyboard.type(`until [ -e '${goAhead}' ]; do sleep 0.1; done; printf '\\a'\n`)
  await page.keyboard.press('Alt+Shift+.')
  await expect(tabsOf(page).last()).toHaveAttribute('aria-selected', 'true')
  writeFileSync(goAhead, '')
  await expect(tabsOf(page).first()).toContainText('Bell')
  await page.keyboard.press('Alt+Shift+,')
  await expect(tabsOf(page).first()).not.toContainText('Bell')
  await expect(page).toHaveTitle(/^Terminals/)

  await page.keyboard.press('Alt+Shift+H')
  await page.getByPlaceholder('Search commands').fill('false')
  await expect(page.getByRole('dialog').getByRole('listitem')).toHaveCount(1)
  await expect(page.getByRole('dialog')).toContainText('exit status 1')
  await page.keyboard.press('Enter')
  await expectTyping(page)
  // The command is inserted, not run.
  await expect(activeOf(page).locator('.xterm-rows')).toContainText(/sleep 2; false\s*$/)
})
