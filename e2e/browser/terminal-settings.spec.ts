// The terminal settings page, and the effect of the settings on open terminals.

import { expect } from '@playwright/test'
import { terminalTest as test } from '../support/browser-test.ts'
import { collectConsoleMessages, signInPage, startOnThisComputer } from '../support/pages.ts'
import { activeOf, expectTyping, panesOf } from '../support/terminals.ts'

const iterm = `<?xml version="1.0"?><plist version="1.0"><dict>${Array.from(
  { length: 16 },
  (_, index) =>
    `<key>Ansi ${index} Color</key><dict><key>Red Component</key><real>0.5</real><key>Green Component</key><real>0.2</real><key>Blue Component</key><real>0.1</real></dict>`,
).join('')}</dict></plist>`

test('themes, shortcuts and profiles take effect in terminals, and an imported theme can be removed', async ({
  page,
  deployment,
}) => {
  const consoleMessages = collectConsoleMessages(page)
  await signInPage(page, deployment)
  await startOnThisComputer(page)
  await page.goto(`${deployment.url}/settings/terminals`)
  await page.getByRole('radio', { name: 'Dracula' }).click()
  await expect(page.getByRole('radio', { name: 'Dracula' })).toBeChecked()
  await page.getByLabel('Theme files').setInputFiles([
    { name: 'sepia.itermcolors', mimeType: 'text/xml', buffer: Buffer.from(iterm) },
    { name: 'notes.json', mimeType: 'application/json', buffer: Buffer.from('{"colors": {}}') },
  ])
  await expect(page.getByRole('alert')).toContainText('Could not import notes.json')
  await expect(page.getByRole('radio', { name: 'sepia' })).toBeChecked()
  await page.getByRole('button', { name: 'Remove sepia' }).click()
  await page.getByRole('radio', { name: 'Dracula' }).click()

  await page.getByLabel('Search settings').fill('split right')
  await page.getByLabel('Split right').click()
  await page.keyboard.press('Alt+Shift+Y')
  await expect(page.getByLabel('Split right')).toHaveText('Alt+Shift+Y')

  await page.getByLabel('Search settings').fill('terminal profiles')
  await page.getByRole('button', { name: 'New profile' }).click()
  await page.getByLabel('Name').fill('Greeting')
  await page.getByLabel('Variables').fill('GREETING=hello\nnonsense')
  await expect(page.getByText('“nonsense” is not in the form NAME=value.')).toBeVisible()
  await page.getByLabel('Variables').fill('GREETING=hello')
  await page.getByRole('dialog').getByLabel('Theme').selectOption('Solarized Dark')
  await page.getByRole('button', { name: 'Save profile' }).click()
  await expect(page.getByText('1 variable · Solarized Dark')).toBeVisible()

  await page.goto(`${deployment.url}/terminals`)
  await expectTyping(page)
  await page.keyboard.press('Alt+Shift+Y')
  await expect(panesOf(page)).toHaveCount(2)
  // Dracula's background.
  await expect(activeOf(page).locator('[style*="rgb(40, 42, 54)"]').first()).toBeVisible()
  const opened = page.waitForRequest(/terminal-layouts/)
  await page.getByRole('button', { name: 'New terminal in' }).click()
  await page.getByRole('menuitem', { name: 'Greeting' }).click()
  await opened
  await expect(page.getByRole('tab')).toHaveCount(2)
  await expectTyping(page)
  await page.keyboard.type('echo it-says-$GREETING\n')
  await expect(activeOf(page)).toContainText('it-says-hello')
  expect(consoleMessages).toEqual([])
})

test('a theme chosen in one window applies to terminals in another', async ({ page, context, deployment }) => {
  await signInPage(page, deployment)
  await startOnThisComputer(page)
  const other = await context.newPage()
  await other.goto(`${deployment.url}/settings/terminals`)
  await other.getByRole('radio', { name: 'Dracula' }).click()
  await expect(page.locator('.xterm-scrollable-element')).toHaveCSS('background-color', 'rgb(40, 42, 54)')
})
