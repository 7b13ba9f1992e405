// Drawing of a terminal in the DOM: colors, fonts, ligatures, images, and the visual bell. WebGL: terminal-webgl.spec.ts.

import { expect } from '@playwright/test'
import { updateTerminalPreferences } from '../../api/agents/terminals.ts'
import { terminalTest as test } from '../support/browser-test.ts'
import {
  collectConsoleMessages,
  signInPage,
  startOnThisComputer,
  terminalOf,
  typeInTerminal,
} from '../support/pages.ts'

test.beforeEach(({ page, deployment }) => signInPage(page, deployment))

test('ligatures are drawn only when the user enables them', async ({ page, deployment }) => {
  const { client } = await deployment.signIn()
  const setLigatures = (ligatures: boolean) =>
    // Cells of this font size are whole pixels wide, so the browser adds no letter spacing.
    client.call(updateTerminalPreferences, { params: { user: 'me' }, body: { font_size: 20, ligatures } })
  await setLigatures(false)
  // The page may have loaded its settings before.
  await page.reload()
  await startOnThisComputer(page)
  await typeInTerminal(page, `clear; printf '=>\\n= \\n'\n`)
  await expect(terminalOf(page)).toContainText(/^=>\s*=\s/)
  const isJoined = async () => {
    const rows = terminalOf(page).locator('> div')
    const [first, second] = await Promise.all(
      [0, 1].map(async (row) => {
        const { x = 0, y = 0, height = 0 } = (await rows.nth(row).boundingBox()) ?? {}
        return page.screenshot({ clip: { x, y, width: 12, height } })
      }),
    )
    return !first?.equals(second ?? Buffer.of())
  }
  await expect.poll(isJoined).toBe(false)
  await setLigatures(true)
  await page.reload()
  await expect(terminalOf(page)).toContainText(/^=>\s*=\s/)
  await expect.poll(isJoined).toBe(true)
})

test('a bell flashes visibly on the terminal', async ({ page }) => {
  await startOnThisComputer(page)
  const flashed = page.waitForFunction(() => {
    const flash = document.querySelector('[data-bell]')
    return flash && !/, 0\)$|transparent/.test(getComputedStyle(flash).backgroundColor)
  })
  await typeInTerminal(page, "printf '\\a'\n")
  await flashed
})

test("terminals use the user's colors and font size, and each terminal zooms separately", async ({
  page,
  deployment,
}) => {
  await startOnThisComputer(page)
  const { client } = await deployment.signIn()
  const params = { user: 'me' }
  const rowHeight = () =>
    page
      .locator('.xterm-rows > div')
      .first()
      .evaluate((row) => row.clientHeight)
  const before = await rowHeight()
  await client.call(updateTerminalPreferences, { params, body: { theme: 'solarized-light', font_size: 20 } })
  await page.reload()
  await expect(page.locator('.xterm-scrollable-element')).toHaveCSS('background-color', 'rgb(253, 246, 227)')
  await expect.poll(rowHeight).toBeGreaterThan(before)
  await page.locator('.xterm-helper-textarea').focus()
  const larger = await rowHeight()
  await page.keyboard.press('Alt+Shift+-')
  await expect.poll(rowHeight).toBeLessThan(larger)
})

test('an image in the output is drawn, returns after a reload and causes no console messages', async ({
  page,
  deployment,
}) => {
  const consoleMessages = collectConsoleMessages(page)
  await startOnThisComputer(page)
  // The image size is not a multiple of the cell size in either direction.
  const sixel = String.raw`\ePq#0;2;100;0;0#0${'!300~-'.repeat(9)}\e\\`
  await typeInTerminal(page, `clear; printf '${sixel}\\n'; echo drawn-$((40+2))\n`)
  await expect(terminalOf(page)).toContainText('drawn-42')
  const image = page.locator('.xterm-image-layer')
  await expect(image).toBeVisible()
  /** The number of red pixels in the shortest and the longest row that has any, and the number of such rows. */
  const redInRows = () =>
    image.evaluate((canvas: HTMLCanvasElement) => {
      const { width, height } = canvas
      const data = canvas.getContext('2d')?.getImageData(0, 0, width, height).data ?? []
      const redIn = (row: number) =>
        Array.from({ length: width }, (_, col) => data[(row * width + col) * 4]).filter((red) => red === 255).length
      const red = Array.from({ length: height }, (_, row) => redIn(row)).filter((count) => count > 0)
      return { shortest: Math.min(...red), longest: Math.max(...red), rows: red.length }
    })
  const isBox = async () => {
    const { shortest, longest } = await redInRows()
    return longest > 250 && longest < 330 && shortest > longest - 3
  }
  await expect.poll(isBox).toBe(true)

  await page.reload()
  await expect(terminalOf(page)).toContainText('drawn-42')
  await expect(image).toBeVisible()
  await expect.poll(isBox).toBe(true)
  // Programs can query the cell size that images are scaled by.
  await typeInTerminal(page, 'printf \'\\e[16t\'; read -rs -d t cell; echo "cell ${cell:2}"\n')
  await expect(terminalOf(page)).toContainText('cell 6;20;8')
  // Checked here because further reads of the canvas cause a browser warning.
  expect(consoleMessages).toEqual([])

  // A file without the optional size parameter; 16 × 16 pixels.
  const file =
    'iVBORw0KGgoAAAANSUhEUgAAABAAAAAQCAIAAACQkWg2AAAAF0lEQVR4nGP4z8BAEiJN9aiGUQ1DSgMAkPn/Afnh+ngAAAAASUVORK5CYII='
  await typeInTerminal(page, `clear; printf '\\e]1337;File=inline=1;width=10:${file}\\a\\n'; echo file-$((40+2))\n`)
  await expect(terminalOf(page)).toContainText('file-42')
  await expect.poll(async () => (await redInRows()).longest).toBeGreaterThan(60)
  // A larger line height leaves space below an image and hardly stretches it.
  const { client } = await deployment.signIn()
  await client.call(updateTerminalPreferences, { params: { user: 'me' }, body: { line_height: 2.5 } })
  await page.reload()
  await expect(terminalOf(page)).toContainText('file-42')
  const shape = async () => {
    const { longest, rows } = await redInRows()
    return rows / longest
  }
  await expect.poll(shape).toBeGreaterThan(1)
  await expect.poll(shape).toBeLessThan(1.35)
})
