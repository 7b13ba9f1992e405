// Drawing of terminals with WebGL, and the fallback to the DOM.

import { expect, type Page } from '@playwright/test'
import { test } from '../support/browser-test.ts'
import {
  collectConsoleMessages,
  signInPage,
  startOnThisComputer,
  terminalOf,
  typeInTerminal,
} from '../support/pages.ts'
import { activeOf, expectTyping } from '../support/terminals.ts'

const loseContext = (page: Page) =>
  page.evaluate(() => {
    for (const canvas of document.querySelectorAll<HTMLCanvasElement>('.xterm-screen canvas'))
      canvas.getContext('webgl2')?.getExtension('WEBGL_lose_context')?.loseContext()
  })

test('a terminal that loses its WebGL context is drawn in the DOM until it has a new context', async ({
  page,
  deployment,
}) => {
  await signInPage(page, deployment)
  await startOnThisComputer(page)
  await typeInTerminal(page, 'echo kept-$((40+2))\n')
  await expect(page.locator('.xterm-screen canvas').first()).toBeVisible()
  await expect(terminalOf(page)).toHaveCount(0)
  for (let round = 0; round < 2; round++) {
    const drawnInDom = page.waitForFunction(() =>
      document.querySelector('.xterm-rows')?.textContent?.includes('kept-42'),
    )
    await loseContext(page)
    await drawnInDom
    await expect(terminalOf(page)).toHaveCount(0)
  }
})

test('a hidden terminal releases its WebGL context immediately', async ({ page, deployment }) => {
  const consoleMessages = collectConsoleMessages(page)
  await signInPage(page, deployment)
  await startOnThisComputer(page)
  await page.keyboard.press('Alt+Shift+T')
  await expectTyping(page)
  // More repetitions than a page can have WebGL contexts.
  for (let round = 0; round < 20; round++) {
    const shown = await activeOf(page).getAttribute('data-pane')
    await page.keyboard.press('Alt+Shift+.')
    await expect(activeOf(page)).not.toHaveAttribute('data-pane', shown ?? '')
    await expectTyping(page)
    await expect(activeOf(page).locator('.xterm-screen canvas').first()).toBeVisible()
  }
  expect(consoleMessages).toEqual([])
})

/** The longest run of light pixels in each pixel row of the terminal's first lines. */
async function lightRuns(page: Page): Promise<number[]> {
  const box = await page.locator('.xterm-screen').boundingBox()
  if (!box) throw new Error('No terminal is visible.')
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

test('strikethrough and overline are drawn without gaps', async ({ page, deployment }) => {
  await signInPage(page, deployment)
  await startOnThisComputer(page)
  await typeInTerminal(page, `clear; printf '\\e[9m%40s\\e[0m\\n\\e[53m%40s\\e[0m\\n'\n`)
  await expect
    .poll(async () => (await lightRuns(page)).filter((length) => length > 200).length)
    .toBeGreaterThanOrEqual(2)
})

test('a terminal is drawn without WebGL in a browser that randomizes canvas data', async ({ page, deployment }) => {
  // Browser extensions against fingerprinting do this, and so can Firefox.
  await page.addInitScript(() => {
    const read = CanvasRenderingContext2D.prototype.getImageData
    CanvasRenderingContext2D.prototype.getImageData = function (...area) {
      const image = read.apply(this, area)
      crypto.getRandomValues(image.data.subarray(0, 65_536))
      return image
    }
  })
  await signInPage(page, deployment)
  await startOnThisComputer(page)
  await typeInTerminal(page, 'echo read-$((40+2))\n')
  await expect(terminalOf(page)).toContainText('read-42')
})
