// The road of somebody who opens Coder Local for the first time, in a real browser: link, welcome, one press, a prompt,
// and the same prompt again after everything a browser does to a page.

import { type Browser, expect, test } from '@playwright/test'
import { chromiumArguments } from '../scripts/test-browsers.mjs'
import { type Deployment, startDeployment } from './support/deployment.ts'
import {
  collectComplaints,
  drawInDom,
  pressThisComputer,
  signInPage,
  terminalOf,
  typeInTerminal,
} from './support/pages.ts'

// Text that is drawn with WebGL cannot be read from the page; pages.spec.ts sees that it is drawn.
test.use({
  launchOptions: async ({ launchOptions }, use) => use({ ...launchOptions, args: [...chromiumArguments, drawInDom] }),
})

let deployment: Deployment
test.beforeEach(async () => {
  deployment = await startDeployment()
})
test.afterEach(() => deployment.close())

test('from a one-time link to a prompt that answers, and finds again what was on its screen', async ({
  page,
  browser,
}) => {
  const complaints = collectComplaints(page)
  const link = await deployment.link()
  await page.goto(link)
  await expect(page.getByRole('heading', { name: 'What do you want to work on?' })).toBeVisible()
  expect(page.url()).not.toContain('code=')
  await expect(page.getByText('it is not a sandbox')).toBeVisible()
  await pressThisComputer(page)
  await typeInTerminal(page, 'mark=$((40+2)); echo first-$mark\n')
  await expect(terminalOf(page)).toContainText('first-42')

  await page.reload()
  await expect(terminalOf(page)).toContainText('first-42')
  await typeInTerminal(page, 'echo second-$mark\n')
  await expect(terminalOf(page)).toContainText('second-42')

  await expectInAnotherBrowser(browser, page.url())
  await expect(terminalOf(page)).toContainText('other-42')
  expect(complaints).toEqual([])
})

/** Somebody signs in elsewhere and opens the same address: both see the same session. */
async function expectInAnotherBrowser(browser: Browser, address: string): Promise<void> {
  const context = await browser.newContext()
  const other = await context.newPage()
  await signInPage(other, deployment)
  await other.goto(address)
  await expect(terminalOf(other)).toContainText('second-42')
  await typeInTerminal(other, 'echo other-$mark\n')
  await expect(terminalOf(other)).toContainText('other-42')
  await context.close()
}

test('an open page lives through kill -9 of coderd: it says so, and goes on where it was', async ({ page }) => {
  await signInPage(page, deployment)
  await pressThisComputer(page)
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

test('a link that was used says so, and how to get another', async ({ page, browser }) => {
  const link = await deployment.link()
  await page.goto(link)
  await expect(page.getByRole('heading', { name: 'What do you want to work on?' })).toBeVisible()
  const context = await browser.newContext()
  const late = await context.newPage()
  await late.goto(link)
  await expect(late.getByText('login-link').first()).toBeVisible()
  await context.close()
})
