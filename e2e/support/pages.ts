// What the journeys in a browser have in common: signing a page in, reading a terminal on it, and noticing whatever the
// page complains about.

import { expect, type Page } from '@playwright/test'
import type { Deployment } from './deployment.ts'

/** Opens a one-time link and waits for the dashboard. */
export async function signInPage(page: Page, deployment: Deployment): Promise<void> {
  await page.goto(await deployment.link())
  await expect(page.getByRole('navigation').first()).toBeVisible()
}

/** One press on "This computer", from the welcome page, and the terminal that follows. */
export async function pressThisComputer(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Start on this computer' }).click()
  await expect(page).toHaveURL(/\/terminal\?reconnect=/)
  await expect(page.locator('[data-terminal-state=live]')).toBeVisible()
}

/** The text that a terminal has on its screen. Needs a page whose terminals draw in the DOM (`drawInDom`). */
export const terminalOf = (page: Page) => page.locator('.xterm-rows:not(.xterm-cover)')

/** Without WebGL a terminal draws text that can be read from the page. */
export const drawInDom = '--disable-3d-apis'

export async function typeInTerminal(page: Page, text: string): Promise<void> {
  await page.locator('.xterm-helper-textarea').focus()
  await page.keyboard.type(text)
}

/** Where a browser without a graphics card draws WebGL by itself, it remarks on how slow that is, and so does xterm. */
const fromSoftwareGl = /GL Driver Message|task queue exceeded allotted deadline/

/** Collects what a page complains about, violations of its content security policy included. */
export function collectComplaints(page: Page): string[] {
  const complaints: string[] = []
  page.on('console', (message) => {
    const isComplaint = message.type() === 'error' || message.type() === 'warning'
    if (isComplaint && !fromSoftwareGl.test(message.text())) complaints.push(`${page.url()}: ${message.text()}`)
  })
  page.on('pageerror', (error) => complaints.push(`${page.url()}: ${error.message}`))
  return complaints
}
