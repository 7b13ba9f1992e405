// Terminals that are drawn with WebGL, and what they do when the browser takes it away.

import { expect, type Page, test } from '@playwright/test'
import { type Deployment, startDeployment } from './support/deployment.ts'
import { collectComplaints, pressThisComputer, signInPage, terminalOf, typeInTerminal } from './support/pages.ts'
import { activeOf, expectTyping } from './support/terminals.ts'

let deployment: Deployment
test.beforeEach(async () => {
  deployment = await startDeployment()
})
test.afterEach(() => deployment.close())

const loseContext = (page: Page) =>
  page.evaluate(() => {
    for (const canvas of document.querySelectorAll<HTMLCanvasElement>('.xterm-screen canvas'))
      canvas.getContext('webgl2')?.getExtension('WEBGL_lose_context')?.loseContext()
  })

test('a terminal that loses its WebGL context is drawn at once without, and with WebGL again soon after', async ({
  page,
}) => {
  await signInPage(page, deployment)
  await pressThisComputer(page)
  await typeInTerminal(page, 'echo kept-$((40+2))\n')
  await expect(page.locator('.xterm-screen canvas').first()).toBeVisible()
  await expect(terminalOf(page)).toHaveCount(0)
  for (let round = 0; round < 2; round++) {
    const drawnWithout = page.waitForFunction(() =>
      document.querySelector('.xterm-rows')?.textContent?.includes('kept-42'),
    )
    await loseContext(page)
    await drawnWithout
    await expect(terminalOf(page)).toHaveCount(0)
  }
})

test('a terminal that is hidden gives its WebGL context back at once', async ({ page }) => {
  const complaints = collectComplaints(page)
  await signInPage(page, deployment)
  await pressThisComputer(page)
  await page.keyboard.press('Alt+Shift+T')
  await expectTyping(page)
  // More often than there are contexts for a page.
  for (let round = 0; round < 20; round++) {
    const shown = await activeOf(page).getAttribute('data-pane')
    await page.keyboard.press('Alt+Shift+.')
    await expect(activeOf(page)).not.toHaveAttribute('data-pane', shown ?? '')
    await expectTyping(page)
    await expect(activeOf(page).locator('.xterm-screen canvas').first()).toBeVisible()
  }
  expect(complaints).toEqual([])
})
