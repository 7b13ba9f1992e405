// The sound of the bell while the browser's autoplay policy still blocks audio. Playwright's evaluations, including
// those of a trace, count as user activation, so the test inspects the page over CDP until it types.

import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from '@playwright/test'
import { updateTerminalPreferences } from '../../api/agents/terminals.ts'
import { terminalTest as test } from '../support/browser-test.ts'
import { signInPage, startOnThisComputer, terminalOf, typeInTerminal } from '../support/pages.ts'

// The policy of a browser with a window; a headless browser allows all sound.
const requireActivation = '--autoplay-policy=document-user-activation-required'
test.use({
  trace: 'off',
  launchOptions: async ({ launchOptions }, use) =>
    use({ ...launchOptions, args: [...(launchOptions.args ?? []), requireActivation] }),
})

test('bells blocked by the autoplay policy sound once after the user types', async ({ page, context, deployment }) => {
  const { client } = await deployment.signIn()
  await client.call(updateTerminalPreferences, { params: { user: 'me' }, body: { bell: 'sound' } })
  await signInPage(page, deployment)
  await startOnThisComputer(page)
  const ring = `until [ -e ~/go ]; do sleep 0.1; done; for i in 1 2 3 4 5; do printf '\\a'; sleep 0.1; done`
  await typeInTerminal(page, `clear; ${ring}; echo rung-$((40+2))\n`)
  const address = page.url()
  await page.close()

  const other = await context.newPage()
  const browser = await context.newCDPSession(other)
  let sounds = 0
  browser.on('WebAudio.audioNodeCreated', ({ node }) => {
    if (node.nodeType === 'Oscillator') sounds++
  })
  const evaluate = async (expression: string) => (await browser.send('Runtime.evaluate', { expression })).result.value
  await browser.send('WebAudio.enable')
  await other.goto(address)
  await expect.poll(() => evaluate(`document.querySelector('[data-terminal-state=live]') !== null`)).toBe(true)
  writeFileSync(join(deployment.home, 'go'), '')
  await expect.poll(() => evaluate(`document.querySelector('.xterm-rows').textContent`)).toContain('rung-42')
  expect(sounds).toBe(0)
  await typeInTerminal(other, `printf '\\a'; echo again-$((40+2))\n`)
  await expect(terminalOf(other)).toContainText('again-42')
  await expect.poll(() => sounds).toBe(1)
})
