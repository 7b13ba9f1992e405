// Terminals on phones and in narrow windows.

import { type BrowserContext, expect } from '@playwright/test'
import { terminalTest as test } from '../support/browser-test.ts'
import { signInPage } from '../support/pages.ts'
import {
  activeOf,
  boxOf,
  echoMark,
  expectTyping,
  openTerminals,
  panesOf,
  split,
  waitUntilStored,
} from '../support/terminals.ts'

test('a phone shows one terminal and switches to the others', async ({ browser, deployment }) => {
  const context: BrowserContext = await browser.newContext({ viewport: { width: 390, height: 844 } })
  const page = await context.newPage()
  await openTerminals(page, deployment)
  await page.keyboard.press('Alt+Shift+D')
  await expect(panesOf(page)).toHaveCount(1)
  await expectTyping(page)
  await echoMark(page, 'right')
  await page.getByRole('button', { name: '2/2' }).click()
  await page.getByRole('dialog').getByRole('option').first().click()
  await expect(activeOf(page)).toContainText('first-42')
  expect((await boxOf(activeOf(page))).width).toBe(390)
  await context.close()
})

test('a phone follows the terminal size of other clients until it requests its own', async ({
  page,
  browser,
  deployment,
}) => {
  await openTerminals(page, deployment)
  await split(page, 'D')
  await waitUntilStored(page, () => page.keyboard.press('Alt+Shift+T'))
  await expectTyping(page)
  await waitUntilStored(page, () => page.keyboard.press('Alt+Shift+,'))
  await expect(panesOf(page)).toHaveCount(2)

  const context = await browser.newContext({ viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true })
  const phone = await context.newPage()
  await signInPage(phone, deployment)
  await phone.goto(`${deployment.url}/terminals`)
  await expect(phone.locator('[data-terminal-state=live]')).toHaveCount(3)
  const others = page.getByText(/set by another client/)
  const here = phone.getByText(/set by another client/).filter({ visible: true })
  await expect(here).toHaveCount(1)
  await expect(others).toHaveCount(0)

  await phone.getByRole('button', { name: 'use your size' }).filter({ visible: true }).tap()
  await expect(here).toHaveCount(0)
  await expect(others).toHaveCount(1)
  await phone.getByRole('button', { name: /\d\/3/ }).tap()
  await phone.getByRole('option').first().tap()
  await expect(here).toHaveCount(1)
  await expect(others).toHaveCount(1)
  await context.close()
})

test('a phone closes a terminal', async ({ page, deployment }) => {
  await openTerminals(page, deployment)
  await page.keyboard.press('Alt+Shift+T')
  await expectTyping(page)
  await page.setViewportSize({ width: 390, height: 844 })
  await expect(page.getByText('2/2')).toBeVisible()
  await activeOf(page)
    .getByRole('button', { name: /^More actions for/ })
    .click()
  await page.getByRole('menuitem', { name: 'Close pane' }).click()
  await expect(page.getByText('1/1')).toBeVisible()
})

test('all controls stay visible in a narrow pane and a narrow window', async ({ page, deployment }) => {
  await openTerminals(page, deployment)
  for (const key of ['D', 'D'] as const) await split(page, key)
  await page.setViewportSize({ width: 1000, height: 700 })
  await page.keyboard.press('Control+Shift+F')
  for (const name of ['Previous match', 'Next match', 'Close search'])
    await expect(page.getByRole('button', { name })).toBeInViewport({ ratio: 1 })
  await page.keyboard.press('Escape')
  await page.keyboard.press('Alt+Shift+B')
  await page.getByRole('button', { name: 'Broadcast to 3 terminals' }).click()
  await expect(activeOf(page).getByRole('button', { name: /^More actions for/ })).toBeInViewport({ ratio: 1 })
  await page.getByRole('button', { name: /^Stop broadcast/ }).click()

  await page.setViewportSize({ width: 190, height: 500 })
  await expectTyping(page)
  const isWithin = async () => {
    const { x = -1, width = 0 } = (await page.getByRole('menu').boundingBox()) ?? {}
    return x >= 0 && x + width <= 190
  }
  await activeOf(page).locator('.xterm-screen').click({ button: 'right' })
  await expect.poll(isWithin).toBe(true)
  await page.keyboard.press('Escape')
  await expectTyping(page)
  await echoMark(page, 'bar')
  await page.locator('[data-command-exit]:visible').last().click()
  await expect.poll(isWithin).toBe(true)
})
