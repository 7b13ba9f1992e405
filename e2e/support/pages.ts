// Steps of the browser tests: signing in, typing into a terminal and reading it, and collecting console messages.

import { expect, type Page } from '@playwright/test'
import type { Deployment } from './deployment.ts'

/** Opens a one-time link and waits for the dashboard. */
export async function signInPage(page: Page, deployment: Deployment): Promise<void> {
  await page.goto(await deployment.link())
  await expect(page.getByRole('navigation').first()).toBeVisible()
}

/** Starts "This computer" from the welcome page and waits for its terminal. */
export async function startOnThisComputer(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Start on this computer' }).click()
  await expect(page).toHaveURL(/\/terminal\?reconnect=/)
  await expect(page.locator('[data-terminal-state=live]')).toBeVisible()
}

/** The screen text of a terminal. Needs terminals that draw in the DOM (`drawInDom`). */
export const terminalOf = (page: Page) => page.locator('.xterm-rows:not(.xterm-cover)')

/** The Chromium switch that disables WebGL, so that terminals draw text in the DOM. */
export const drawInDom = '--disable-3d-apis'

export async function typeInTerminal(page: Page, text: string): Promise<void> {
  await page.locator('.xterm-helper-textarea').focus()
  await page.keyboard.type(text)
}

/** Performance warnings of Chromium and xterm about WebGL in software. */
const fromSoftwareGl = /GL Driver Message|task queue exceeded allotted deadline/

/** Collects errors and warnings of a page, including violations of its content security policy. */
export function collectConsoleMessages(page: Page): string[] {
  const consoleMessages: string[] = []
  page.on('console', (message) => {
    const isReported = message.type() === 'error' || message.type() === 'warning'
    if (isReported && !fromSoftwareGl.test(message.text())) consoleMessages.push(`${page.url()}: ${message.text()}`)
  })
  page.on('pageerror', (error) => consoleMessages.push(`${page.url()}: ${error.message}`))
  return consoleMessages
}
