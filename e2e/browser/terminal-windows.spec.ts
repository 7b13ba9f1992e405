// Several browser windows: panes and tabs that move between them.

import { expect, type Locator } from '@playwright/test'
import { terminalTest as test } from '../support/browser-test.ts'
import {
  activeOf,
  echoMark,
  expectTyping,
  openTerminals,
  panesOf,
  paneWith,
  split,
  tabsOf,
  waitUntilStored,
} from '../support/terminals.ts'

test('a pane moves to a new window with its session', async ({ page, context, deployment }) => {
  await openTerminals(page, deployment)
  await split(page, 'D')
  await echoMark(page, 'right')
  const opening = context.waitForEvent('page')
  await activeOf(page)
    .getByRole('button', { name: /^More actions for/ })
    .click()
  await page.getByRole('menuitem', { name: 'Move to new window' }).click()
  const other = await opening
  await expect(activeOf(other)).toContainText('right-42')
  await expect(panesOf(other)).toHaveCount(1)
  await expect(panesOf(page)).toHaveCount(1)
  await expect(activeOf(page)).toContainText('first-42')

  // Each window stores its own layout.
  await waitUntilStored(other, () => other.keyboard.press('Alt+Shift+T'))
  await other.reload()
  await expect(tabsOf(other)).toHaveCount(2)
  await page.reload()
  await expect(tabsOf(page)).toHaveCount(1)
  await expect(activeOf(page)).toContainText('first-42')
})

test('a pane dragged into another window leaves the first window', async ({ page, context, deployment }) => {
  await openTerminals(page, deployment)
  await split(page, 'D')
  await echoMark(page, 'right')
  const other = await context.newPage()
  await other.goto(`${deployment.url}/terminals`)
  await other.getByRole('main').getByRole('button').first().click()
  await expectTyping(other)

  // Playwright cannot drag from page to page, so the test transfers the drag data itself.
  const dragData = await paneWith(page, 'right-42')
    .locator('header')
    .evaluate((header) => {
      const dataTransfer = new DataTransfer()
      header.dispatchEvent(new DragEvent('dragstart', { bubbles: true, dataTransfer }))
      header.dispatchEvent(new DragEvent('dragend', { bubbles: true, dataTransfer }))
      return dataTransfer.types.map((type): [string, string] => [type, dataTransfer.getData(type)])
    })
  await activeOf(other).evaluate((pane, items) => {
    const dataTransfer = new DataTransfer()
    for (const [type, data] of items) dataTransfer.setData(type, data)
    const { left, top, height, right } = pane.getBoundingClientRect()
    const at = { clientX: left + (right - left) * 0.9, clientY: top + height / 2 }
    for (const type of ['dragover', 'drop'])
      pane.dispatchEvent(new DragEvent(type, { bubbles: true, cancelable: true, dataTransfer, ...at }))
  }, dragData)
  await expect(panesOf(other)).toHaveCount(2)
  await expect(activeOf(other)).toContainText('right-42')
  await expect(panesOf(page)).toHaveCount(1)
  await expect(panesOf(page)).toContainText('first-42')
})

test('a tab dropped outside the window opens in a new window with all its panes', async ({
  page,
  context,
  deployment,
}) => {
  await openTerminals(page, deployment)
  await split(page, 'D')
  await echoMark(page, 'right')
  await page.keyboard.press('Alt+Shift+T')
  await expectTyping(page)
  await echoMark(page, 'tab')
  const dropAt = (from: Locator, at: { screenX: number; screenY: number }) =>
    from.evaluate((element, place) => {
      const dataTransfer = new DataTransfer()
      element.dispatchEvent(new DragEvent('dragstart', { bubbles: true, dataTransfer }))
      element.dispatchEvent(new DragEvent('dragend', { bubbles: true, dataTransfer, ...place }))
    }, at)
  const outside = await page.evaluate(() => ({ screenX: screenX + outerWidth + 200, screenY: screenY + 300 }))
  await dropAt(tabsOf(page).first(), { screenX: outside.screenX - 400, screenY: outside.screenY })
  await expect(tabsOf(page)).toHaveCount(2)
  expect(context.pages()).toHaveLength(1)

  const opening = context.waitForEvent('page')
  await dropAt(tabsOf(page).first(), outside)
  const other = await opening
  await expect(panesOf(other)).toHaveCount(2)
  await expect(activeOf(other)).toContainText('right-42')
  await expect(tabsOf(page)).toHaveCount(1)
  await expect(activeOf(page)).toContainText('tab-42')
})
