// Terminals on the Terminals page: locators of panes and tabs, typing into the active pane, splits, and stored layouts.

import { expect, type Locator, type Page } from '@playwright/test'
import type { Deployment } from './deployment.ts'
import { signInPage, startOnThisComputer } from './pages.ts'

/** The visible panes. */
export const panesOf = (page: Page): Locator => page.locator('[data-pane]:visible')
export const activeOf = (page: Page): Locator => page.locator('[data-pane][data-active]')
export const paneWith = (page: Page, text: string): Locator => panesOf(page).filter({ hasText: text })
export const tabsOf = (page: Page): Locator => page.getByRole('tab')
export const live = (pane: Locator): Locator => pane.locator('[data-terminal-state=live]')

/** Opens the Terminals page with one terminal that shows `first-42`. */
export async function openTerminals(page: Page, deployment: Deployment): Promise<void> {
  await signInPage(page, deployment)
  await startOnThisComputer(page)
  await page.goto(`${deployment.url}/terminals`)
  await expectTyping(page)
  await echoMark(page, 'first')
}

/** Waits until the active pane is attached and has the keyboard focus. */
export async function expectTyping(page: Page): Promise<void> {
  await expect(live(activeOf(page))).toBeVisible()
  await expect(activeOf(page).locator('.xterm-helper-textarea')).toBeFocused()
}

/** Prints `<word>-42` in the active pane and waits for it. The typed command does not contain that text. */
export async function echoMark(page: Page, word: string): Promise<void> {
  await page.keyboard.type(`mark=$((40+2)); echo ${word}-$mark\n`)
  await expect(activeOf(page)).toContainText(`${word}-42`)
}

/** Splits the active pane to the right (D) or downward (E). */
export async function split(page: Page, key: 'D' | 'E'): Promise<void> {
  const before = await panesOf(page).count()
  await page.keyboard.press(`Alt+Shift+${key}`)
  await expect(panesOf(page)).toHaveCount(before + 1)
  await expectTyping(page)
}

interface Box {
  readonly x: number
  readonly y: number
  readonly width: number
  readonly height: number
}

/** @throws Error when the pane is not visible. */
export async function boxOf(pane: Locator): Promise<Box> {
  const box = await pane.boundingBox()
  if (!box) throw new Error('The pane is not visible.')
  return box
}

/** Makes a change and waits until the layout is stored, which happens after a delay. */
export async function waitUntilStored(page: Page, change: () => Promise<void>): Promise<void> {
  const stored = page.waitForResponse(
    (response) => response.url().includes('terminal-layouts') && response.request().method() === 'PUT' && response.ok(),
  )
  await change()
  await stored
}
