// Terminal output: search, links, and recordings.

import { readFileSync } from 'node:fs'
import { expect } from '@playwright/test'
import { terminalTest as test } from '../support/browser-test.ts'
import { clipboard } from '../support/clipboard.ts'
import { signInPage, startOnThisComputer, terminalOf, typeInTerminal } from '../support/pages.ts'

test.use({ permissions: ['clipboard-read', 'clipboard-write'] })

test.beforeEach(({ page, deployment }) => signInPage(page, deployment))

test('the search counts matches and reports that there are none', async ({ page }) => {
  await startOnThisComputer(page)
  await typeInTerminal(page, 'clear; for i in 1 2 3 4 5; do echo "needle-$i"; done\n')
  await expect(terminalOf(page)).toContainText('needle-5')
  await page.keyboard.press('Control+Shift+F')
  const search = page.getByRole('search')
  await search.getByRole('textbox').fill('needle-[0-9]')
  await expect(search.getByRole('status')).toHaveText('No results')
  await search.getByRole('button', { name: 'Regular expression' }).click()
  await expect(search.getByRole('status')).toHaveText('5 of 5')
  await search.getByRole('button', { name: 'Previous match' }).click()
  await expect(search.getByRole('status')).toHaveText('4 of 5')
  await search.getByRole('textbox').fill('needle-[')
  await expect(search.getByRole('status')).toHaveText('Invalid pattern')
  await page.keyboard.press('Escape')
  await typeInTerminal(page, 'echo back-$((1+1))\n')
  await expect(terminalOf(page)).toContainText('back-2')
})

test('a link shows its target, opens with Ctrl+Click and can be selected; a file position is copied', async ({
  page,
  context,
  deployment,
}) => {
  await startOnThisComputer(page)
  const { origin, host } = new URL(deployment.url)
  const marked = `\\e]8;;${origin}/terminals/replay\\aelsewhere\\e]8;;\\a`
  await typeInTerminal(
    page,
    `clear; printf '${marked}\\n${host.replace('127.0.0.1', 'localhost')}/swagger\\nsrc/a.ts:7:2\\n'\n`,
  )
  await expect(terminalOf(page)).toContainText('src/a.ts')
  const screen = page.locator('.xterm-screen')
  const rowHeight = await terminalOf(page)
    .locator('> div')
    .first()
    .evaluate((row) => row.clientHeight)
  const pressRow = async (row: number, modifiers: 'Control'[] = ['Control']) => {
    const position = { x: 20, y: rowHeight * (row + 0.5) }
    await screen.hover({ position })
    await expect(page.locator('.xterm-cursor-pointer')).toBeVisible()
    await screen.click({ position, modifiers })
  }
  const opened = async (row: number) => {
    const opening = context.waitForEvent('page')
    await pressRow(row)
    const other = await opening
    await other.close()
    return other.url()
  }
  await screen.hover({ position: { x: 20, y: rowHeight / 2 } })
  await expect(page.getByText(`to open ${origin}/terminals/replay`)).toBeVisible()
  expect(await opened(0)).toBe(`${origin}/terminals/replay`)
  expect(await opened(1)).toBe(`${origin.replace('127.0.0.1', 'localhost')}/swagger`)
  await pressRow(2)
  await expect.poll(() => clipboard(page)).toBe('src/a.ts:7:2')
  await pressRow(0, [])
  await screen.dblclick({ position: { x: 20, y: rowHeight * 1.5 } })
  await page.keyboard.press('Control+Shift+C')
  await expect.poll(() => clipboard(page)).toContain('localhost')
  expect(context.pages()).toHaveLength(1)
})

test('a recording is saved and played on its own page', async ({ page, deployment }) => {
  await startOnThisComputer(page)
  await page.locator('.xterm-screen').click({ button: 'right' })
  await page.getByRole('menuitem', { name: 'Start recording' }).click()
  await expect(page.getByText('recording', { exact: true })).toBeVisible()
  await typeInTerminal(page, 'echo recorded-$((40+2))\n')
  await expect(terminalOf(page)).toContainText('recorded-42')
  await page.locator('.xterm-screen').click({ button: 'right' })
  const saved = page.waitForEvent('download')
  await page.getByRole('menuitem', { name: 'Stop and save recording' }).click()
  const recording = readFileSync(await (await saved).path())
  await page.goto(`${deployment.url}/terminals/replay`)
  await page.getByLabel('Recording').setInputFiles({ name: 'a.cast', mimeType: '', buffer: recording })
  await expect(terminalOf(page)).toContainText('recorded-42')
  await expect(page.getByRole('button', { name: 'Play' })).toBeVisible()
  await page.getByRole('slider', { name: 'Position' }).fill('0')
  await expect(terminalOf(page)).not.toContainText('recorded-42')
  await page.setViewportSize({ width: 390, height: 844 })
  const { width = 0 } = (await page.getByRole('slider', { name: 'Position' }).boundingBox()) ?? {}
  expect(width).toBeGreaterThan(200)
  await page.getByLabel('Recording').setInputFiles({ name: 'b.cast', mimeType: '', buffer: Buffer.from('{}') })
  await expect(page.getByRole('alert')).toContainText('not an asciicast')
})
