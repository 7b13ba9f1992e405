// Panes: keyboard control, drag and drop, splits, and broadcast input.

import { expect, type Locator } from '@playwright/test'
import { terminalTest as test } from '../support/browser-test.ts'
import {
  activeOf,
  boxOf,
  echoMark,
  expectTyping,
  openTerminals,
  panesOf,
  paneWith,
  split,
  tabsOf,
} from '../support/terminals.ts'

test('the keyboard selects, maximizes, resizes and closes panes', async ({ page, deployment }) => {
  await openTerminals(page, deployment)
  await split(page, 'D')
  await echoMark(page, 'right')
  await page.keyboard.press('Alt+Shift+ArrowLeft')
  await expect(activeOf(page)).toContainText('first-42')
  await expectTyping(page)
  await page.keyboard.press('Alt+Shift+Enter')
  await expect(panesOf(page)).toHaveCount(1)
  await page.keyboard.press('Alt+Shift+Enter')
  await expect(panesOf(page)).toHaveCount(2)
  await page.keyboard.press('Alt+Shift+ArrowRight')
  await expect(activeOf(page)).toContainText('right-42')

  // The arrow keys move a focused separator.
  const before = await boxOf(activeOf(page))
  await page.getByRole('separator', { name: 'Width of the adjacent panes' }).focus()
  await page.keyboard.press('ArrowLeft')
  expect((await boxOf(activeOf(page))).width).toBeGreaterThan(before.width)

  await activeOf(page).locator('.xterm-screen').click()
  await page.keyboard.type('sleep 1000\n')
  await expect(activeOf(page).locator('header')).toContainText('sleep 1000')
  await page.keyboard.press('Alt+Shift+W')
  await expect(page.getByRole('dialog')).toContainText('End')
  await page.getByRole('button', { name: 'Keep running' }).click()
  await expect(panesOf(page)).toHaveCount(1)
  await expectTyping(page)
  await echoMark(page, 'still')

  // The switcher finds the detached terminal, which is then ended.
  await page.keyboard.press('Alt+Shift+S')
  await expect(page.getByPlaceholder('Go to terminal')).toBeFocused()
  await page.keyboard.type('without a pane')
  await page.keyboard.press('Enter')
  await expect(activeOf(page)).toContainText('right-42')
  await expectTyping(page)
  await page.keyboard.press('Alt+Shift+W')
  await page.getByRole('button', { name: 'End terminal' }).click()
  await expect(tabsOf(page)).toHaveCount(1)
  await expectTyping(page)
  await page.keyboard.press('Alt+Shift+S')
  await expect(page.getByRole('dialog')).toBeVisible()
  await expect(page.getByText('without a pane')).toHaveCount(0)
  await page.keyboard.press('Escape')

  // A shell that has run no command closes without confirmation.
  await split(page, 'D')
  await expect(activeOf(page).locator('header')).toContainText('~')
  await page.keyboard.press('Alt+Shift+W')
  await expect(panesOf(page)).toHaveCount(1)
})

test('a pane is dragged beside another pane, into a new tab and back', async ({ page, deployment }) => {
  await openTerminals(page, deployment)
  await split(page, 'D')
  await echoMark(page, 'right')
  const drag = async (from: Locator, to: Locator, at: { x: number; y: number }) => {
    const { width, height } = await boxOf(to)
    await from.dragTo(to, { targetPosition: { x: width * at.x, y: height * at.y } })
  }
  const header = (text: string) => paneWith(page, text).locator('header')

  await drag(header('right-42'), paneWith(page, 'first-42'), { x: 0.5, y: 0.1 })
  const [above, under] = [await boxOf(paneWith(page, 'right-42')), await boxOf(paneWith(page, 'first-42'))]
  expect(above.x).toBe(under.x)
  expect(above.y).toBeLessThan(under.y)

  await drag(header('right-42'), page.getByRole('tablist', { name: 'Terminals' }), { x: 0.95, y: 0.5 })
  await expect(tabsOf(page)).toHaveCount(2)
  await expect(panesOf(page)).toHaveCount(1)
  await expect(activeOf(page)).toContainText('right-42')

  // A tab dropped on the empty part of the strip becomes the last one.
  await drag(tabsOf(page).first(), page.getByRole('tablist', { name: 'Terminals' }).locator('..'), { x: 0.6, y: 0.5 })
  await expect(tabsOf(page).last()).toHaveAttribute('title', /first/)

  // A tab dropped beside a pane of the other tab, which opens during the drag.
  await tabsOf(page).last().click()
  await drag(tabsOf(page).first(), paneWith(page, 'first-42'), { x: 0.1, y: 0.5 })
  await expect(tabsOf(page)).toHaveCount(1)
  expect((await boxOf(paneWith(page, 'right-42'))).x).toBeLessThan((await boxOf(paneWith(page, 'first-42'))).x)
  await echoMark(page, 'moved')
})

test('a split starts in the folder of its pane and reports a folder that is gone', async ({ page, deployment }) => {
  await openTerminals(page, deployment)
  await page.keyboard.type('mkdir "a b" && cd "a b"\n')
  // The new folder is known once the shell has printed its next prompt.
  await echoMark(page, 'moved')
  await expect(activeOf(page).locator('header')).toContainText('a b')
  await split(page, 'D')
  await page.keyboard.type('echo "in ${PWD##*/}."; rmdir "$PWD"\n')
  await expect(activeOf(page)).toContainText('in a b.')
  await split(page, 'E')
  await expect(activeOf(page)).toContainText('does not exist.')
  await echoMark(page, 'below')
})

test('input is broadcast to several panes only after confirmation and until it is stopped', async ({
  page,
  deployment,
}) => {
  await openTerminals(page, deployment)
  await split(page, 'D')
  await echoMark(page, 'right')
  await page.keyboard.press('Alt+Shift+B')
  await expect(page.getByRole('dialog')).toContainText('to all of them until you stop the broadcast')
  await page.getByRole('button', { name: 'Broadcast to 2 terminals' }).click()
  await expect(page.getByRole('alert')).toContainText('2 terminals')
  await expect(page.getByText('broadcasting')).toHaveCount(2)
  await expectTyping(page)
  await page.keyboard.type('echo both-$mark\n')
  for (const pane of [paneWith(page, 'first-42'), paneWith(page, 'right-42')])
    await expect(pane).toContainText('both-42')
  await page.keyboard.press('Alt+Shift+B')
  await expect(page.getByText('broadcasting')).toHaveCount(0)
  await page.keyboard.type('echo alone-$mark\n')
  await expect(paneWith(page, 'right-42')).toContainText('alone-42')
  await expect(paneWith(page, 'first-42')).not.toContainText('alone-42')
})
