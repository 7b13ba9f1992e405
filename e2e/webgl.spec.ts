// Terminals that are drawn with WebGL, and what they do when the browser takes it away.

import { expect, type Page, test } from '@playwright/test'
import { type Deployment, startDeployment } from './support/deployment.ts'
import { collectComplaints, pressThisComputer, signInPage, terminalOf, typeInTerminal } from './support/pages.ts'
import { activeOf, expectTyping } from './support/terminals.ts'

let deployment: Deployment
test.beforeEach(async () => {
  deployment = await startDeployment({ database: 'shared' })
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

/** How long the longest line of light pixels is in each row of pixels of the terminal's first lines. */
async function lightRuns(page: Page): Promise<number[]> {
  const box = await page.locator('.xterm-screen').boundingBox()
  if (!box) throw new Error('no terminal is shown')
  const image = await page.screenshot({ clip: { ...box, width: 480, height: 60 } })
  return await page.evaluate(async (base64) => {
    const bytes = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0))
    const bitmap = await createImageBitmap(new Blob([bytes]))
    const { width, height } = bitmap
    const context = new OffscreenCanvas(width, height).getContext('2d')
    context?.drawImage(bitmap, 0, 0)
    const { data } = context?.getImageData(0, 0, width, height) ?? { data: [] }
    return Array.from({ length: height }, (_, y) => {
      let [run, longest] = [0, 0]
      for (let x = 0; x < width; x++) {
        run = (data[(y * width + x) * 4 + 1] ?? 0) > 128 ? run + 1 : 0
        longest = Math.max(longest, run)
      }
      return longest
    })
  }, image.toString('base64'))
}

test('a line through or over text is drawn without gaps', async ({ page }) => {
  await signInPage(page, deployment)
  await pressThisComputer(page)
  await typeInTerminal(page, `clear; printf '\\e[9m%40s\\e[0m\\n\\e[53m%40s\\e[0m\\n'\n`)
  await expect
    .poll(async () => (await lightRuns(page)).filter((length) => length > 200).length)
    .toBeGreaterThanOrEqual(2)
})

test('where a browser gives noise for what is on a canvas, a terminal is drawn without WebGL', async ({ page }) => {
  // As extensions do it that hide what a browser could be told by; Firefox can by itself.
  await page.addInitScript(() => {
    const read = CanvasRenderingContext2D.prototype.getImageData
    CanvasRenderingContext2D.prototype.getImageData = function (...area) {
      const image = read.apply(this, area)
      crypto.getRandomValues(image.data.subarray(0, 65_536))
      return image
    }
  })
  await signInPage(page, deployment)
  await pressThisComputer(page)
  await typeInTerminal(page, 'echo read-$((40+2))\n')
  await expect(terminalOf(page)).toContainText('read-42')
})
