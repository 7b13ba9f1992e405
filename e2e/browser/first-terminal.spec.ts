// The first use of Coder Local in a browser: one-time link, welcome page, first terminal, and its return after a reload.

import { type Browser, expect } from '@playwright/test'
import { terminalTest as test } from '../support/browser-test.ts'
import type { Deployment } from '../support/deployment.ts'
import {
  collectConsoleMessages,
  signInPage,
  startOnThisComputer,
  terminalOf,
  typeInTerminal,
} from '../support/pages.ts'

test.use({ hasOwnPostgres: true })

test('a one-time link leads to a working prompt, whose screen returns after a reload and in another browser', async ({
  page,
  browser,
  deployment,
}) => {
  const consoleMessages = collectConsoleMessages(page)
  const link = await deployment.link()
  await page.goto(link)
  await expect(page.getByRole('heading', { name: 'What do you want to work on?' })).toBeVisible()
  expect(page.url()).not.toContain('code=')
  await expect(page.getByText('This is not a sandbox')).toBeVisible()
  await startOnThisComputer(page)
  await typeInTerminal(page, 'mark=$((40+2)); echo first-$mark\n')
  await expect(terminalOf(page)).toContainText('first-42')

  await page.reload()
  await expect(terminalOf(page)).toContainText('first-42')
  await typeInTerminal(page, 'echo second-$mark\n')
  await expect(terminalOf(page)).toContainText('second-42')

  await expectInAnotherBrowser(browser, deployment, page.url())
  await expect(terminalOf(page)).toContainText('other-42')
  expect(consoleMessages).toEqual([])
})

/** Opens the address in another browser context, which attaches to the same session. */
async function expectInAnotherBrowser(browser: Browser, deployment: Deployment, address: string): Promise<void> {
  const context = await browser.newContext()
  const other = await context.newPage()
  await signInPage(other, deployment)
  await other.goto(address)
  await expect(terminalOf(other)).toContainText('second-42')
  await typeInTerminal(other, 'echo other-$mark\n')
  await expect(terminalOf(other)).toContainText('other-42')
  await context.close()
}

test('an open page reports kill -9 of coderd and continues after the restart', async ({ page, deployment }) => {
  await signInPage(page, deployment)
  await startOnThisComputer(page)
  await typeInTerminal(page, 'mark=$((40+2)); echo before-$mark\n')
  await expect(terminalOf(page)).toContainText('before-42')
  await deployment.killServer()
  await expect(page.locator('[data-terminal-state=reconnecting]')).toBeVisible()
  await deployment.start()
  await expect(page.locator('[data-terminal-state=live]')).toBeVisible()
  await expect(terminalOf(page)).toContainText('before-42')
  await typeInTerminal(page, 'echo after-$mark\n')
  await expect(terminalOf(page)).toContainText('after-42')
})

test('a used link is reported as used, with the way to get another', async ({ page, browser, deployment }) => {
  const link = await deployment.link()
  await page.goto(link)
  await expect(page.getByRole('heading', { name: 'What do you want to work on?' })).toBeVisible()
  const context = await browser.newContext()
  const late = await context.newPage()
  await late.goto(link)
  await expect(late.getByText('login-link').first()).toBeVisible()
  await context.close()
})
