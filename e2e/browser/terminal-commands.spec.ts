// Command marks of shells: results, actions, and the sticky command line.

import { expect } from '@playwright/test'
import type { StoredCommand } from '../../api/agents/terminals.ts'
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

test('a command of the history is shown whole, inserted like a paste and never run', async ({ page }) => {
  await startOnThisComputer(page)
  await typeInTerminal(page, 'clear; echo ready-$((40+2))\n')
  await expect(terminalOf(page)).toContainText('ready-42')
  // As an earlier coderd may have stored it for a hostile workspace.
  const command = `ls${' '.repeat(400)}\x1b[201~\r\recho ran-$((40+2))\r`
  await page.route('**/api/local/commands?*', (route) =>
    route.fulfill({ json: { commands: [{ ...storedCommand, command }], next: null } }),
  )
  await page.keyboard.press('Alt+Shift+H')
  await expect(page.getByRole('region', { name: 'Selected command' })).toContainText(
    /echo ran-\$\(\(40\+2\)\)\s*3 lines/,
  )
  await page.keyboard.press('Enter')
  await expect(terminalOf(page)).toContainText('echo ran-$((40+2))')
  await page.keyboard.press('Control+C')
  await typeInTerminal(page, 'echo after-$((40+2))\n')
  await expect(terminalOf(page)).toContainText('after-42')
  await expect(terminalOf(page)).not.toContainText('ran-42')

  // A program without bracketed paste would run each line.
  await typeInTerminal(page, 'clear; echo ready-$((50+2)); cat\n')
  await expect(terminalOf(page)).toContainText('ready-52')
  await page.keyboard.press('Alt+Shift+H')
  await expect(page.getByRole('region', { name: 'Selected command' })).toBeVisible()
  await page.keyboard.press('Enter')
  await expect(page.getByRole('alertdialog')).toContainText('Insert 3 lines?')
  await page.keyboard.press('Escape')
  await expect(terminalOf(page)).not.toContainText('echo ran')
})

const storedCommand: Omit<StoredCommand, 'command'> = {
  id: '00000000-0000-4000-8000-000000000000',
  workspace_id: '00000000-0000-4000-8000-000000000001',
  workspace_name: 'elsewhere',
  agent_name: 'main',
  session_id: '',
  cwd: '/',
  exit_code: 0,
  started_at: '2030-01-01T00:00:00Z',
  duration_ms: 1,
}
