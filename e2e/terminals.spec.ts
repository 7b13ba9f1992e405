// Terminals as people arrange them: splits, tabs, windows, a drawer, and what of it is there again after a reload, a
// restart of coderd, or another day.

import { writeFileSync } from 'node:fs'
import { type BrowserContext, expect, type Locator, type Page, test } from '@playwright/test'
import { createUser } from '../api/account/users.ts'
import { updateTerminalPreferences } from '../api/agents/terminals.ts'
import { listWorkspaces } from '../api/workspaces/workspaces.ts'
import { chromiumArguments } from '../scripts/test-browsers.mjs'
import { templateWithAgent } from '../server/testing/agent-templates.ts'
import { build, createTemplate, createWorkspace, waitForAgent } from '../server/testing/scenes.ts'
import { type Deployment, startDeployment } from './support/deployment.ts'
import { collectComplaints, drawInDom, pressThisComputer, signInPage } from './support/pages.ts'
import { activeOf, expectTyping, live, panesOf, paneWith, say, tabsOf } from './support/terminals.ts'

test.use({
  launchOptions: async ({ launchOptions }, use) => use({ ...launchOptions, args: [...chromiumArguments, drawInDom] }),
})

let deployment: Deployment
test.beforeEach(async () => {
  deployment = await startDeployment({ database: 'shared' })
})
test.afterEach(() => deployment.close())

async function split(page: Page, key: 'D' | 'E'): Promise<void> {
  const before = await panesOf(page).count()
  await page.keyboard.press(`Alt+Shift+${key}`)
  await expect(panesOf(page)).toHaveCount(before + 1)
  await expectTyping(page)
}

/** The Terminals page with one terminal that has said "first". */
async function openTerminals(page: Page): Promise<void> {
  await signInPage(page, deployment)
  await pressThisComputer(page)
  await page.goto(`${deployment.url}/terminals`)
  await expectTyping(page)
  await say(page, 'first')
}

interface Box {
  readonly x: number
  readonly y: number
  readonly width: number
  readonly height: number
}

async function boxOf(pane: Locator): Promise<Box> {
  const box = await pane.boundingBox()
  if (!box) throw new Error('the pane has no place')
  return box
}

/** The layout is stored a moment after it changed. */
async function untilStored(page: Page, change: () => Promise<void>): Promise<void> {
  const stored = page.waitForResponse(
    (response) => response.url().includes('terminal-layouts') && response.request().method() === 'PUT' && response.ok(),
  )
  await change()
  await stored
}

test('splits and tabs are there again after a reload and a kill -9 of coderd, with their sessions', async ({
  page,
}) => {
  const complaints = collectComplaints(page)
  await openTerminals(page)
  await split(page, 'D')
  await say(page, 'right')
  await split(page, 'E')
  await say(page, 'below')
  await untilStored(page, () => page.keyboard.press('Alt+Shift+T'))
  await expect(tabsOf(page)).toHaveCount(2)
  await expectTyping(page)
  await say(page, 'tab')
  expect(complaints).toEqual([])

  await page.reload()
  await expect(tabsOf(page)).toHaveCount(2)
  await expect(activeOf(page)).toContainText('tab-42')
  await page.keyboard.press('Alt+Shift+,')
  await expect(panesOf(page)).toHaveCount(3)
  await expect(paneWith(page, 'first-42')).toHaveCount(1)
  // Where the cursor is, is to be seen in those without the keyboard, too.
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
  // Arranged while coderd is away, and kept when it is back.
  await page.getByRole('button', { name: 'More actions for terminals' }).click()
  await page.getByRole('menuitem', { name: 'Arrange as grid' }).click()
  await untilStored(page, () => deployment.start())
  await expect(live(paneWith(page, 'below-42'))).toBeVisible()
  await page.reload()
  await expect(panesOf(page)).toHaveCount(3)
  await expect(live(paneWith(page, 'first-42'))).toBeVisible()
  const wide = await boxOf(paneWith(page, 'below-42'))
  expect(wide.width).toBeGreaterThan((await boxOf(paneWith(page, 'right-42'))).width * 1.5)
})

test('shells that wait are told apart by folder and last command, before their panes are open and in a narrow window', async ({
  page,
}) => {
  await openTerminals(page)
  await page.keyboard.type('mkdir -p shop/src api/src && cd shop/src\n')
  for (const folder of ['~/shop/src', '~/api/src', '~/shop/src']) {
    await page.keyboard.press('Alt+Shift+T')
    await expectTyping(page)
    await page.keyboard.type(`cd ${folder}\n`)
    await expect(activeOf(page).locator('header')).toContainText(folder)
  }
  await untilStored(page, async () => {
    await page.keyboard.press('Alt+Shift+T')
    await expectTyping(page)
  })
  await page.keyboard.type('sleep 1000; true a command with a name that takes the room of several tabs\n')
  await expect(tabsOf(page).last()).toContainText('sleep 1000')
  // The other tabs have no pane yet.
  await page.route('**/pty?*', () => undefined)
  await page.routeWebSocket(/\/pty\?/, () => undefined)
  await page.reload()
  for (const [index, name] of ['shop/src', 'shop/src', 'api/src', 'shop/src', 'sleep 1000'].entries())
    await expect(tabsOf(page).nth(index)).toContainText(name)
  await page.setViewportSize({ width: 640, height: 500 })
  await expect(tabsOf(page).first()).not.toBeInViewport()
  await expect(page.getByRole('tab', { selected: true })).toBeInViewport({ ratio: 1 })
  // A mouse reaches the others with its one wheel.
  await tabsOf(page).last().hover()
  await page.mouse.wheel(0, -2_000)
  await expect(tabsOf(page).first()).toBeInViewport({ ratio: 1 })

  await page.keyboard.press('Alt+Shift+S')
  await expect(page.getByRole('option', { name: '~/shop/src · after mkdir -p shop/src api/src' })).toBeVisible()
  await expect(page.getByRole('option', { name: '~/api/src · after cd ~/api/src' })).toBeVisible()
})

test('the keyboard moves between panes, shows one alone, and closes', async ({ page }) => {
  await openTerminals(page)
  await split(page, 'D')
  await say(page, 'right')
  await page.keyboard.press('Alt+Shift+ArrowLeft')
  await expect(activeOf(page)).toContainText('first-42')
  await expectTyping(page)
  await page.keyboard.press('Alt+Shift+Enter')
  await expect(panesOf(page)).toHaveCount(1)
  await page.keyboard.press('Alt+Shift+Enter')
  await expect(panesOf(page)).toHaveCount(2)
  await page.keyboard.press('Alt+Shift+ArrowRight')
  await expect(activeOf(page)).toContainText('right-42')

  // A line is moved by its own keys.
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
  await say(page, 'still')

  // Found again by a few letters, and ended.
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

  // Where the shell waits for a first command, nothing is lost.
  await split(page, 'D')
  await expect(activeOf(page).locator('header')).toContainText('~')
  await page.keyboard.press('Alt+Shift+W')
  await expect(panesOf(page)).toHaveCount(1)
})

test('a pane is dragged beside another, into a tab of its own, and back', async ({ page }) => {
  await openTerminals(page)
  await split(page, 'D')
  await say(page, 'right')
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

  // Behind all tabs, where the strip is empty.
  await drag(tabsOf(page).first(), page.getByRole('tablist', { name: 'Terminals' }).locator('..'), { x: 0.6, y: 0.5 })
  await expect(tabsOf(page).last()).toHaveAttribute('title', /first/)

  // The tab itself, beside the pane of the other tab, which opens under the pointer.
  await tabsOf(page).last().click()
  await drag(tabsOf(page).first(), paneWith(page, 'first-42'), { x: 0.1, y: 0.5 })
  await expect(tabsOf(page)).toHaveCount(1)
  expect((await boxOf(paneWith(page, 'right-42'))).x).toBeLessThan((await boxOf(paneWith(page, 'first-42'))).x)
  await say(page, 'moved')
})

test('a pane moves to a window of its own, and its session with it', async ({ page, context }) => {
  await openTerminals(page)
  await split(page, 'D')
  await say(page, 'right')
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

  // Each window keeps its own.
  await untilStored(other, () => other.keyboard.press('Alt+Shift+T'))
  await other.reload()
  await expect(tabsOf(other)).toHaveCount(2)
  await page.reload()
  await expect(tabsOf(page)).toHaveCount(1)
  await expect(activeOf(page)).toContainText('first-42')
})

test('what is typed goes into several panes only after it was asked for, and until it is stopped', async ({ page }) => {
  await openTerminals(page)
  await split(page, 'D')
  await say(page, 'right')
  await page.keyboard.press('Alt+Shift+B')
  await expect(page.getByRole('dialog')).toContainText('goes to all of them')
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

test('a layout is kept under a name and opened again, its sessions alive', async ({ page }) => {
  await openTerminals(page)
  await split(page, 'E')
  await say(page, 'below')
  await page.getByRole('button', { name: 'More actions for terminals' }).click()
  await page.getByRole('menuitem', { name: 'Save layout' }).click()
  await page.getByLabel('Name').fill('shop')
  await untilStored(page, () => page.keyboard.press('Enter'))
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

test('the drawer brings the terminals over any page and takes them away again', async ({ page }) => {
  await openTerminals(page)
  await page.getByRole('link', { name: 'Templates' }).click()
  await expect(page.getByRole('heading', { name: 'Templates' }).first()).toBeVisible()
  await expect(panesOf(page)).toHaveCount(0)
  await page.keyboard.press('Control+`')
  await expectTyping(page)
  await expect(activeOf(page)).toContainText('first-42')
  await say(page, 'drawer')
  await page.keyboard.press('Control+`')
  await expect(panesOf(page)).toHaveCount(0)
  await page.getByRole('link', { name: 'Terminals' }).click()
  await expect(activeOf(page)).toContainText('drawer-42')
})

test('a phone shows one terminal and a way to the others', async ({ browser }) => {
  const context: BrowserContext = await browser.newContext({ viewport: { width: 390, height: 844 } })
  const page = await context.newPage()
  await openTerminals(page)
  await page.keyboard.press('Alt+Shift+D')
  await expect(panesOf(page)).toHaveCount(1)
  await expectTyping(page)
  await say(page, 'right')
  await page.getByRole('button', { name: '2/2' }).click()
  await page.getByRole('dialog').getByRole('option').first().click()
  await expect(activeOf(page)).toContainText('first-42')
  expect((await boxOf(activeOf(page))).width).toBe(390)
  await context.close()
})

test('a phone leaves terminals the size they have for others, until it says that it is to be its own', async ({
  page,
  browser,
}) => {
  await openTerminals(page)
  await split(page, 'D')
  await untilStored(page, () => page.keyboard.press('Alt+Shift+T'))
  await expectTyping(page)
  await untilStored(page, () => page.keyboard.press('Alt+Shift+,'))
  await expect(panesOf(page)).toHaveCount(2)

  const context = await browser.newContext({ viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true })
  const telephone = await context.newPage()
  await signInPage(telephone, deployment)
  await telephone.goto(`${deployment.url}/terminals`)
  await expect(telephone.locator('[data-terminal-state=live]')).toHaveCount(3)
  const others = page.getByText(/set by another client/)
  const here = telephone.getByText(/set by another client/).filter({ visible: true })
  await expect(here).toHaveCount(1)
  await expect(others).toHaveCount(0)

  await telephone.getByRole('button', { name: 'use your size' }).filter({ visible: true }).tap()
  await expect(here).toHaveCount(0)
  await expect(others).toHaveCount(1)
  await telephone.getByRole('button', { name: /\d\/3/ }).tap()
  await telephone.getByRole('option').first().tap()
  await expect(here).toHaveCount(1)
  await expect(others).toHaveCount(1)
  await context.close()
})

test('a terminal can be closed on a phone', async ({ page }) => {
  await openTerminals(page)
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

test('in a narrow pane and a narrow window everything that can be pressed is in sight', async ({ page }) => {
  await openTerminals(page)
  for (const key of ['D', 'D'] as const) await split(page, key)
  await page.setViewportSize({ width: 1000, height: 700 })
  await page.keyboard.press('Control+Shift+F')
  for (const name of ['Previous match', 'Next match', 'Close search'])
    await expect(page.getByRole('button', { name })).toBeInViewport({ ratio: 1 })
  await page.keyboard.press('Escape')
  await page.keyboard.press('Alt+Shift+B')
  await page.getByRole('button', { name: 'Broadcast to 3 terminals' }).click()
  await expect(activeOf(page).getByRole('button', { name: /^More actions for/ })).toBeInViewport({ ratio: 1 })
  await page.getByRole('button', { name: /^Stop / }).click()

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
  await say(page, 'bar')
  await page.locator('[data-command-exit]:visible').last().click()
  await expect.poll(isWithin).toBe(true)
})

test('what is dragged out of one window can be dropped in another, and leaves the first', async ({ page, context }) => {
  await openTerminals(page)
  await split(page, 'D')
  await say(page, 'right')
  const other = await context.newPage()
  await other.goto(`${deployment.url}/terminals`)
  await other.getByRole('main').getByRole('button').first().click()
  await expectTyping(other)

  // A pointer cannot be moved from page to page here: what the drag carries is.
  const carried = await paneWith(page, 'right-42')
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
  }, carried)
  await expect(panesOf(other)).toHaveCount(2)
  await expect(activeOf(other)).toContainText('right-42')
  await expect(panesOf(page)).toHaveCount(1)
  await expect(panesOf(page)).toContainText('first-42')
})

test('what is let go outside the window gets a window of its own, all panes of a tab together', async ({
  page,
  context,
}) => {
  await openTerminals(page)
  await split(page, 'D')
  await say(page, 'right')
  await page.keyboard.press('Alt+Shift+T')
  await expectTyping(page)
  await say(page, 'tab')
  const letGo = (from: Locator, at: { screenX: number; screenY: number }) =>
    from.evaluate((element, place) => {
      const dataTransfer = new DataTransfer()
      element.dispatchEvent(new DragEvent('dragstart', { bubbles: true, dataTransfer }))
      element.dispatchEvent(new DragEvent('dragend', { bubbles: true, dataTransfer, ...place }))
    }, at)
  const outside = await page.evaluate(() => ({ screenX: screenX + outerWidth + 200, screenY: screenY + 300 }))
  await letGo(tabsOf(page).first(), { screenX: outside.screenX - 400, screenY: outside.screenY })
  await expect(tabsOf(page)).toHaveCount(2)
  expect(context.pages()).toHaveLength(1)

  const opening = context.waitForEvent('page')
  await letGo(tabsOf(page).first(), outside)
  const other = await opening
  await expect(panesOf(other)).toHaveCount(2)
  await expect(activeOf(other)).toContainText('right-42')
  await expect(tabsOf(page)).toHaveCount(1)
  await expect(activeOf(page)).toContainText('tab-42')
})

test('another browser begins with a copy of the arrangement and then keeps its own', async ({ page, browser }) => {
  await openTerminals(page)
  await split(page, 'D')
  await untilStored(page, () => say(page, 'right').then(() => page.keyboard.press('Alt+Shift+ArrowLeft')))

  const context = await browser.newContext()
  const elsewhere = await context.newPage()
  await signInPage(elsewhere, deployment)
  await elsewhere.goto(`${deployment.url}/terminals`)
  await expect(panesOf(elsewhere)).toHaveCount(2)
  await expect(paneWith(elsewhere, 'right-42')).toBeVisible()
  await elsewhere.reload()
  await expect(paneWith(elsewhere, 'right-42')).toBeVisible()
  await untilStored(elsewhere, () => elsewhere.keyboard.press('Alt+Shift+T'))
  await expect(tabsOf(elsewhere)).toHaveCount(2)

  await page.reload()
  await expect(panesOf(page)).toHaveCount(2)
  await expect(tabsOf(page)).toHaveCount(1)
  await elsewhere.reload()
  await expect(tabsOf(elsewhere)).toHaveCount(2)
  await context.close()
})

test('a split begins in the folder of the pane it comes from, and says so when that folder is gone', async ({
  page,
}) => {
  await openTerminals(page)
  await page.keyboard.type('mkdir "a b" && cd "a b"\n')
  // The new folder is known once the shell has printed its next prompt.
  await say(page, 'moved')
  await expect(activeOf(page).locator('header')).toContainText('a b')
  await split(page, 'D')
  await page.keyboard.type('echo "in ${PWD##*/}."; rmdir "$PWD"\n')
  await expect(activeOf(page)).toContainText('in a b.')
  await split(page, 'E')
  await expect(activeOf(page)).toContainText('does not exist here')
  await say(page, 'below')
})

test('a long command that ends in a tab that is not shown is told, and found in the history', async ({ page }) => {
  const { client } = await deployment.signIn()
  await client.call(updateTerminalPreferences, { params: { user: 'me' }, body: { notify_after_seconds: 1 } })
  await openTerminals(page)
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

  // So is a bell, by a mark alone.
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
  // Put there, and not run.
  await expect(activeOf(page).locator('.xterm-rows')).toContainText(/sleep 2; false\s*$/)
})

test('who signs in after somebody else gets nothing of their arrangement', async ({ page }) => {
  const { client } = await deployment.signIn()
  const password = 'correct horse battery'
  await client.call(createUser, { body: { username: 'ada', email: 'ada@example.com', password } })
  await openTerminals(page)
  await page.getByRole('button', { name: /^Account of/ }).click()
  await page.getByRole('menuitem', { name: 'Sign out' }).click()
  await page.getByLabel('Email').fill('ada@example.com')
  await page.getByLabel('Password').fill(password)
  await page.getByRole('button', { name: 'Sign in' }).click()
  await page.getByRole('link', { name: 'Terminals' }).click()
  await expect(page.getByText('No open terminals')).toBeVisible()
  await expect(tabsOf(page)).toHaveCount(0)
})

test('a terminal whose agent does not connect says so once its time is over, and what can be done', async ({
  page,
}) => {
  const { client } = await deployment.signIn()
  const template = await createTemplate(client, 'lonely', {
    'main.tf': templateWithAgent({
      inAgent: 'connection_timeout = 5\n    troubleshooting_url = "https://example.com/help"',
    }),
  })
  await createWorkspace(client, template.id, 'alone')
  await signInPage(page, deployment)
  await page.goto(`${deployment.url}/terminals`)
  await page.getByRole('button', { name: 'alone' }).click()
  const pane = panesOf(page)
  await expect(pane.getByRole('status').last()).toContainText('Waiting for the agent “main” to connect')
  await expect(pane.getByRole('alert')).toContainText('has not connected in the time it was given')
  await expect(pane.getByRole('status').last()).toContainText('Still waiting for the agent “main” to connect')
  await expect(pane.getByRole('link', { name: 'Troubleshooting guide' })).toHaveAttribute(
    'href',
    'https://example.com/help',
  )
  await expect(pane.getByRole('button', { name: 'Restart' })).toBeEnabled()
  await pane.getByRole('link', { name: 'Logs' }).click()
  await expect(page).toHaveURL(/\/alone\/logs$/)
})

test('a terminal of a deleted workspace says so, and nothing of what it was', async ({ page }) => {
  await openTerminals(page)
  const { client } = await deployment.signIn()
  const { workspaces } = await client.call(listWorkspaces, { query: {} })
  await build(client, workspaces[0]?.id ?? '', 'delete')
  await expect(panesOf(page)).toContainText('is deleted or not accessible')
  await expect(panesOf(page).locator('header')).toHaveText('gone')
  await expect(tabsOf(page)).toHaveText('gone')
  await page.getByRole('button', { name: 'Close pane' }).click()
  await expect(panesOf(page)).toHaveCount(0)
})

/** A workspace with two agents on this computer. */
const twins = `
terraform {
  required_providers {
    coder = { source = "coder/coder" }
    host  = { source = "coder-local/host" }
  }
}
data "coder_workspace" "me" {}
data "coder_provisioner" "me" {}
resource "coder_agent" "web" {
  os   = data.coder_provisioner.me.os
  arch = data.coder_provisioner.me.arch
  env  = { ROLE = "web" }
}
resource "coder_agent" "gpu" {
  os   = data.coder_provisioner.me.os
  arch = data.coder_provisioner.me.arch
  env  = { ROLE = "gpu" }
}
resource "host_process" "agent" {
  for_each    = data.coder_workspace.me.start_count == 0 ? {} : { web = coder_agent.web.token, gpu = coder_agent.gpu.token }
  command     = ["coder", "agent"]
  environment = { CODER_AGENT_TOKEN = each.value, CODER_AGENT_URL = data.coder_workspace.me.access_url }
}
`

test('each agent of a workspace has its terminals, and they are told apart by its name', async ({ page }) => {
  const { client } = await deployment.signIn()
  const template = await createTemplate(client, 'twins', { 'main.tf': twins })
  const { id } = await createWorkspace(client, template.id, 'pair')
  await waitForAgent(client, id)
  await signInPage(page, deployment)
  await page.goto(`${deployment.url}/terminals`)
  await page.getByRole('button', { name: 'pair.gpu' }).click()
  await expectTyping(page)
  await page.keyboard.type('echo "on $ROLE"\n')
  await expect(activeOf(page)).toContainText('on gpu')

  await page.getByRole('button', { name: 'New terminal in …' }).click()
  // Under "Beside the active one", which the agent of that one is not in.
  await expect(page.getByRole('menuitem')).toHaveText(['pair.gpu', 'pair.web', 'pair.web'].sort())
  await page.getByRole('menuitem', { name: 'pair.web' }).last().click()
  await expect(panesOf(page)).toHaveCount(2)
  await expectTyping(page)
  await page.keyboard.type('echo "on $ROLE"\n')
  await expect(activeOf(page)).toContainText('on web')
  await expect(activeOf(page).locator('header')).toContainText('pair.web')

  await page.keyboard.press('Alt+Shift+W')
  await page.keyboard.press('Alt+Shift+S')
  await expect(page.getByRole('option', { name: 'pair.gpu ~ · after echo "on $ROLE"' })).toBeVisible()
  await expect(page.getByRole('option', { name: 'New terminal in pair.web' })).toBeVisible()
})
