// What the journeys of arranged terminals have in common: the panes that are in sight, and typing into the active one.

import { expect, type Locator, type Page } from '@playwright/test'

/** Panes that are in sight. */
export const panesOf = (page: Page): Locator => page.locator('[data-pane]:visible')
export const activeOf = (page: Page): Locator => page.locator('[data-pane][data-active]')
export const paneWith = (page: Page, text: string): Locator => panesOf(page).filter({ hasText: text })
export const tabsOf = (page: Page): Locator => page.getByRole('tab')
export const live = (pane: Locator): Locator => pane.locator('[data-terminal-state=live]')

/** Waits until the active pane is attached and has the keyboard. */
export async function expectTyping(page: Page): Promise<void> {
  await expect(live(activeOf(page))).toBeVisible()
  await expect(activeOf(page).locator('.xterm-helper-textarea')).toBeFocused()
}

/** Runs a command whose output is not in its text, and waits for it. */
export async function say(page: Page, word: string): Promise<void> {
  await page.keyboard.type(`mark=$((40+2)); echo ${word}-$mark\n`)
  await expect(activeOf(page)).toContainText(`${word}-42`)
}
