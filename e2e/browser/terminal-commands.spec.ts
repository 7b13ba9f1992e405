// Command marks of shells: results, actions, and the sticky command line.

import { expect } from '@playwright/test'
import { terminalTest as test } from '../support/browser-test.ts'
import { clipboard } from '../support/clipboard.ts'
import { signInPage, startOnThisComputer, terminalOf, typeInTerminal } from '../support/pages.ts'

test.use({ permissions: ['clipboard-read', 'clipboard-write'] })

test.beforeEach(({ page, deployment }) => signInPage(page, deployment))

test('commands are marked with their result, copied with their output and run again', async ({ page }) => {
  await startOnThisComputer(page)
  await typeInTerminal(page, 'echo out-$((40+2))\n')
  await expect(terminalOf(page)).toContainText('out-42')
  await typeInTerminal(page, '(exit 3)\n')
  const good = page.locator('[data-command-exit="0"]').last()
  const bad = page.locator('[data-command-exit="3"]')
  await expect(bad).toBeVisible()
  await expect(bad).toHaveAccessibleName(/^\(exit 3\): failed 3/)
  await bad.click()
  await expect(page.getByRole('menu')).toContainText('failed 3')
  await page.keyboard.press('Escape')
  await expect(page.locator('.xterm-helper-textarea')).toBeFocused()
  await good.click()
  await page.getByRole('menuitem', { name: 'Copy output' }).click()
  await expect.poll(() => clipboard(page)).toBe('out-42')
  await typeInTerminal(page, 'clear\n')
  await expect(terminalOf(page)).not.toContainText('out-42')
  await typeInTerminal(page, 'echo "again $((40+2))"\n')
  await expect(page.locator('[data-command-exit="0"]').last()).toHaveAccessibleName(/^echo "again/)
  await page.keyboard.press('Alt+Shift+R')
  await expect(terminalOf(page)).toContainText(/again 42[\s\S]*again 42/)
})

test('the command line stays visible while its output is scrolled and leads back to the command', async ({ page }) => {
  await startOnThisComputer(page)
  await typeInTerminal(page, 'seq 1 500\n')
  await expect(terminalOf(page)).toContainText('500')
  await page.locator('.xterm-screen').hover()
  await page.mouse.wheel(0, -600)
  const sticky = page.getByRole('button', { name: 'seq 1 500' }).filter({ hasText: 'done' })
  await expect(sticky).toBeVisible()
  await sticky.click()
  await expect(sticky).toBeHidden()
  await expect(terminalOf(page)).toContainText('seq 1 500')
})
