// Copy and paste in a terminal, and clipboard writes by programs (OSC 52).

import { expect, type Page } from '@playwright/test'
import { updateTerminalPreferences } from '../../api/agents/terminals.ts'
import { terminalTest as test } from '../support/browser-test.ts'
import { clipboard, copyFromElsewhere } from '../support/clipboard.ts'
import { signInPage, startOnThisComputer, terminalOf, typeInTerminal } from '../support/pages.ts'

test.use({ permissions: ['clipboard-read', 'clipboard-write'] })

test.beforeEach(({ page, deployment }) => signInPage(page, deployment))

/** Starts a program without bracketed paste and waits for it: until then the shell accepts all lines as one paste. */
async function startCat(page: Page): Promise<void> {
  await typeInTerminal(page, 'clear; echo ready-$((40+2)); cat\n')
  await expect(terminalOf(page)).toContainText('ready-42')
}

test('a paste of several lines requires confirmation in a program that would run each line', async ({ page }) => {
  await startOnThisComputer(page)
  await startCat(page)
  await copyFromElsewhere(page, 'one\ntwo\n')
  await page.locator('.xterm-helper-textarea').focus()
  await page.keyboard.press('Control+Shift+V')
  const prompt = page.getByRole('alertdialog')
  await expect(prompt).toContainText('Paste 2 lines?')
  await page.keyboard.press('Escape')
  await expect(prompt).toBeHidden()
  await page.keyboard.press('Control+Shift+V')
  await prompt.getByRole('button', { name: 'Paste as one line' }).click()
  await expect(terminalOf(page)).toContainText('one two')
  await expect(terminalOf(page)).not.toContainText('onetwo')
  await page.keyboard.press('Enter')
  await copyFromElsewhere(page, 'a\x1b[201~b')
  await page.keyboard.press('Control+Shift+V')
  await expect(terminalOf(page)).toContainText('a[201~b')
})

test('a paste confirmation fits into a small pane', async ({ page }) => {
  await page.setViewportSize({ width: 700, height: 420 })
  await startOnThisComputer(page)
  await startCat(page)
  await copyFromElsewhere(page, Array.from({ length: 20 }, (_, line) => `line ${line}`).join('\n'))
  await page.keyboard.press('Control+Shift+V')
  const prompt = page.getByRole('alertdialog')
  await expect(prompt).toContainText('Paste 20 lines?')
  await expect(prompt.getByRole('button', { name: 'Paste', exact: true })).toBeInViewport({ ratio: 1 })
})

test('a selection is copied by key or on selection, and a program needs permission to copy', async ({
  page,
  deployment,
}) => {
  const { client } = await deployment.signIn()
  await client.call(updateTerminalPreferences, { params: { user: 'me' }, body: { copy_on_select: true } })
  // The page may have loaded its settings before.
  await page.reload()
  await startOnThisComputer(page)
  await typeInTerminal(page, 'clear; echo pick-$((40+2))\n')
  await expect(terminalOf(page)).toContainText('pick-42')
  // xterm's screen element covers the text and receives the clicks.
  await page.getByText('pick-42').dblclick({ position: { x: 20, y: 8 }, force: true })
  await expect.poll(() => clipboard(page)).toContain('pick')
  await page.keyboard.press('Alt+Shift+A')
  await page.keyboard.press('Control+Shift+C')
  await expect.poll(() => clipboard(page)).toContain('pick-42\n')
  await typeInTerminal(page, `printf '\\e]52;c;%s\\a' "$(printf from-program | base64)"\n`)
  const prompt = page.getByRole('alertdialog')
  await expect(prompt).toContainText('from-program')
  await prompt.getByRole('button', { name: 'Allow' }).click()
  await expect.poll(() => clipboard(page)).toBe('from-program')
})

test('a program that is always allowed to copy still prompts when the browser denies the write', async ({
  page,
  context,
  deployment,
}) => {
  const { client } = await deployment.signIn()
  await client.call(updateTerminalPreferences, { params: { user: 'me' }, body: { clipboard_writes: 'always' } })
  // The page may have loaded its settings before.
  await page.reload()
  await startOnThisComputer(page)
  // Firefox and Safari allow it only right after a user gesture; Chromium denies it when the permission is denied.
  const browser = await context.newCDPSession(page)
  const { browserContextId } = (await browser.send('Target.getTargetInfo')).targetInfo
  const setPermission = (setting: 'denied' | 'granted') =>
    browser.send('Browser.setPermission', {
      permission: { name: 'clipboard-write' },
      setting,
      origin: deployment.url,
      ...(browserContextId ? { browserContextId } : {}),
    })
  await setPermission('denied')
  await typeInTerminal(page, `printf '\\e]52;c;%s\\a' "$(printf from-program | base64)"\n`)
  const prompt = page.getByRole('alertdialog')
  await expect(prompt).toContainText('from-program')
  await setPermission('granted')
  await prompt.getByRole('button', { name: 'Allow' }).click()
  await expect.poll(() => clipboard(page)).toBe('from-program')
  await typeInTerminal(page, `printf '\\e]52;c;%s\\a' "$(printf another | base64)"\n`)
  await expect.poll(() => clipboard(page)).toBe('another')
  await expect(prompt).toBeHidden()
})

test('a clipboard prompt ignores keys typed for the shell and does not take the focus from another pane', async ({
  page,
}) => {
  await startOnThisComputer(page)
  const copyCommand = `printf '\\e]52;c;%s\\a' "$(printf from-program | base64)"`
  await typeInTerminal(page, `${copyCommand}\n`)
  const prompt = page.getByRole('alertdialog')
  await expect(prompt).toContainText('from-program')
  await copyFromElsewhere(page, 'mine')
  await page.keyboard.press('Space')
  await page.keyboard.press('Enter')
  await expect(prompt).toBeVisible()
  await page.keyboard.press('Tab')
  await expect(prompt.getByRole('button', { name: 'Deny' })).toBeFocused()
  await page.keyboard.press('Enter')
  await expect(prompt).toBeHidden()
  expect(await clipboard(page)).toBe('mine')
  await expect(page.locator('.xterm-helper-textarea')).toBeFocused()

  await page.keyboard.type(`until [ -e asked ]; do sleep 0.1; done; ${copyCommand}\n`)
  await page.keyboard.press('Alt+Shift+E')
  await expect(page.locator('[data-pane][data-active] [data-terminal-state=live]')).toBeVisible()
  const second = page.locator('[data-pane][data-active] .xterm-helper-textarea')
  await expect(second).toBeFocused()
  await page.keyboard.type('touch asked\n')
  await expect(prompt).toBeVisible()
  await expect(second).toBeFocused()
})
