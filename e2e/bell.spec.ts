// The sound of a terminal's bell, where the browser lets nothing sound yet. Playwright's own ways to look at a page count
// as a press of the person, those of a trace included: the page is looked at past it until somebody is to press something.

import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from '@playwright/test'
import { updateTerminalPreferences } from '../api/agents/terminals.ts'
import { chromiumArguments } from '../scripts/test-browsers.mjs'
import { type Deployment, startDeployment } from './support/deployment.ts'
import { drawInDom, pressThisComputer, signInPage, terminalOf, typeInTerminal } from './support/pages.ts'

// As for people; a browser without a window lets everything sound.
const soundAsUsual = '--autoplay-policy=document-user-activation-required'
test.use({
  trace: 'off',
  launchOptions: async ({ launchOptions }, use) =>
    use({ ...launchOptions, args: [...chromiumArguments, drawInDom, soundAsUsual] }),
})

let deployment: Deployment
test.beforeEach(async () => {
  deployment = await startDeployment({ database: 'shared' })
})
test.afterEach(() => deployment.close())

test('bells that nobody may hear yet sound once when somebody may, not all together', async ({ page, context }) => {
  const { client } = await deployment.signIn()
  await client.call(updateTerminalPreferences, { params: { user: 'me' }, body: { bell: 'sound' } })
  await signInPage(page, deployment)
  await pressThisComputer(page)
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
  const look = async (expression: string) => (await browser.send('Runtime.evaluate', { expression })).result.value
  await browser.send('WebAudio.enable')
  await other.goto(address)
  await expect.poll(() => look(`document.querySelector('[data-terminal-state=live]') !== null`)).toBe(true)
  writeFileSync(join(deployment.home, 'go'), '')
  await expect.poll(() => look(`document.querySelector('.xterm-rows').textContent`)).toContain('rung-42')
  expect(sounds).toBe(0)
  await typeInTerminal(other, `printf '\\a'; echo again-$((40+2))\n`)
  await expect(terminalOf(other)).toContainText('again-42')
  await expect.poll(() => sounds).toBe(1)
})
