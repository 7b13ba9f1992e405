// Terminal layouts: their persistence across reloads, restarts of coderd and browsers, saved layouts, and the drawer.

import { expect } from '@playwright/test'
import { createUser } from '../../api/account/users.ts'
import { terminalTest as test } from '../support/browser-test.ts'
import { collectConsoleMessages, signInPage } from '../support/pages.ts'
import {
  activeOf,
  boxOf,
  echoMark,
  expectTyping,
  live,
  openTerminals,
  panesOf,
  paneWith,
  split,
  tabsOf,
  waitUntilStored,
} from '../support/terminals.ts'

test('splits and tabs return with their sessions after a reload and after kill -9 of coderd', async ({
  page,
  deployment,
}) => {
  const consoleMessages = collectConsoleMessages(page)
  await openTerminals(page, deployment)
  await split(page, 'D')
  await echoMark(page, 'right')
  await split(page, 'E')
  await echoMark(page, 'below')
  await waitUntilStored(page, () => page.keyboard.press('Alt+Shift+T'))
  await expect(tabsOf(page)).toHaveCount(2)
  await expectTyping(page)
  await echoMark(page, 'tab')
  expect(consoleMessages).toEqual([])

  await page.reload()
  await expect(tabsOf(page)).toHaveCount(2)
  await expect(activeOf(page)).toContainText('tab-42')
  await page.keyboard.press('Alt+Shift+,')
  await expect(panesOf(page)).toHaveCount(3)
  await expect(paneWith(page, 'first-42')).toHaveCount(1)
  // Panes without the focus also show their cursor.
  await expect(panesOf(page).locator('.xterm-cursor')).toHaveCount(3)
  const [first, right, below] = await Promise.all(
    ['first-42', 'right-42', 'below-42'].map((text) => boxOf(paneWith(page, text))),
  )
  expect(first?.width).toBeCloseTo(right?.width ?? 0, -1)
  expect(right?.x).toBeGreaterThan((first?.x ?? 0) + 100)
  expect(below?.x).toBe(right?.x)
  expect(below?.y).toBeGreaterThan(right?.y ?? 0)

  await deployment.killServer()
  await expect(page.locator('[data-terminal-state=reconnecting]').filter({ visible: true }).first()).toBeVisible()
  // A layout changed while coderd is down is stored after its restart.
  await page.getByRole('button', { name: 'More actions for terminals' }).click()
  await page.getByRole('menuitem', { name: 'Arrange as grid' }).click()
  await waitUntilStored(page, () => deployment.start())
  await expect(live(paneWith(page, 'below-42'))).toBeVisible()
  await page.reload()
  await expect(panesOf(page)).toHaveCount(3)
  await expect(live(paneWith(page, 'first-42'))).toBeVisible()
  const wide = await boxOf(paneWith(page, 'below-42'))
  expect(wide.width).toBeGreaterThan((await boxOf(paneWith(page, 'right-42'))).width * 1.5)
})

test('another browser starts with a copy of the layout and then stores its own', async ({
  page,
  browser,
  deployment,
}) => {
  await openTerminals(page, deployment)
  await split(page, 'D')
  await waitUntilStored(page, () => echoMark(page, 'right').then(() => page.keyboard.press('Alt+Shift+ArrowLeft')))

  const context = await browser.newContext()
  const elsewhere = await context.newPage()
  await signInPage(elsewhere, deployment)
  await elsewhere.goto(`${deployment.url}/terminals`)
  await expect(panesOf(elsewhere)).toHaveCount(2)
  await expect(paneWith(elsewhere, 'right-42')).toBeVisible()
  await elsewhere.reload()
  await expect(paneWith(elsewhere, 'right-42')).toBeVisible()
  await waitUntilStored(elsewhere, () => elsewhere.keyboard.press('Alt+Shift+T'))
  await expect(tabsOf(elsewhere)).toHaveCount(2)

  await page.reload()
  await expect(panesOf(page)).toHaveCount(2)
  await expect(tabsOf(page)).toHaveCount(1)
  await elsewhere.reload()
  await expect(tabsOf(elsewhere)).toHaveCount(2)
  await context.close()
})

test('a saved layout opens again with its running sessions', async ({ page, deployment }) => {
  await openTerminals(page, deployment)
  await split(page, 'E')
  await echoMark(page, 'below')
  await page.getByRole('button', { name: 'More actions for terminals' }).click()
  await page.getByRole('menuitem', { name: 'Save layout' }).click()
  await page.getByLabel('Name').fill('shop')
  await waitUntilStored(page, () => page.keyboard.press('Enter'))
  await activeOf(page)
    .getByRole('button', { name: /^More actions for/ })
    .click()
  await page.getByRole('menuitem', { name: 'Close and keep running' }).click()
  await expect(panesOf(page)).toHaveCount(1)

  await page.getByRole('button', { name: 'More actions for terminals' }).click()
  await page.getByRole('menuitem', { name: 'shop' }).click()
  await expect(panesOf(page)).toHaveCount(2)
  await expect(tabsOf(page)).toHaveCount(1)
  await expect(live(paneWith(page, 'below-42'))).toBeVisible()
  await expect(live(paneWith(page, 'first-42'))).toBeVisible()
})

test('a user who signs in after another user does not get their layout', async ({ page, deployment }) => {
  const { client } = await deployment.signIn()
  const password = 'correct horse battery'
  await client.call(createUser, { body: { username: 'ada', email: 'ada@example.com', password } })
  await openTerminals(page, deployment)
  await page.getByRole('button', { name: /^Account of/ }).click()
  await page.getByRole('menuitem', { name: 'Sign out' }).click()
  await page.getByLabel('Email').fill('ada@example.com')
  await page.getByLabel('Password').fill(password)
  await page.getByRole('button', { name: 'Sign in' }).click()
  await page.getByRole('link', { name: 'Terminals' }).click()
  await expect(page.getByText('No open terminals')).toBeVisible()
  await expect(tabsOf(page)).toHaveCount(0)
})

test('the drawer opens the terminals over any page and closes again', async ({ page, deployment }) => {
  await openTerminals(page, deployment)
  await page.getByRole('link', { name: 'Templates' }).click()
  await expect(page.getByRole('heading', { name: 'Templates' }).first()).toBeVisible()
  await expect(panesOf(page)).toHaveCount(0)
  await page.keyboard.press('Control+`')
  await expectTyping(page)
  await expect(activeOf(page)).toContainText('first-42')
  await echoMark(page, 'drawer')
  await page.keyboard.press('Control+`')
  await expect(panesOf(page)).toHaveCount(0)
  await page.getByRole('link', { name: 'Terminals' }).click()
  await expect(activeOf(page)).toContainText('drawer-42')
})
