// The desktop window in a real Electron: it starts a deployment, follows its restarts and stops, and leaves it running
// when the window is closed.

import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from '@playwright/test'
import type {} from '../../api/desktop.ts'
import { findRunning } from '../../lib/run-file.ts'
import { until } from '../../server/testing/workspace-fixtures.ts'
import { startOnThisComputer, terminalOf, typeInTerminal } from '../support/pages.ts'
import { isAlive } from '../support/processes.ts'
import { expectDashboard, pressMenu, startSecondInstance, test } from '../support/shell.ts'

test('the first start leads to a prompt, which returns after the application was quit', async ({
  deployment,
  open,
}) => {
  let shell = await open()
  await expectDashboard(shell)
  expect(shell.page.url()).not.toContain('code=')
  await startOnThisComputer(shell.page)
  await typeInTerminal(shell.page, 'mark=$((40+2)); echo first-$mark\n')
  await expect(terminalOf(shell.page)).toContainText('first-42')
  const address = shell.page.url()
  const coderd = deployment.run().pid

  await shell.quit()
  expect(isAlive(coderd)).toBe(true)

  shell = await open()
  await expectDashboard(shell)
  expect(deployment.run().pid).toBe(coderd)
  await shell.page.goto(address)
  await expect(terminalOf(shell.page)).toContainText('first-42')
  await typeInTerminal(shell.page, 'echo second-$mark\n')
  await expect(terminalOf(shell.page)).toContainText('second-42')
})

test('the application restarts coderd after kill -9, and the terminal continues', async ({ deployment, open }) => {
  const shell = await open()
  await expectDashboard(shell)
  await startOnThisComputer(shell.page)
  await typeInTerminal(shell.page, 'mark=$((40+2)); echo before-$mark\n')
  await expect(terminalOf(shell.page)).toContainText('before-42')
  const killed = deployment.run().pid
  await deployment.killServer()
  await until('another coderd', () => {
    const run = findRunning(deployment.dataDir)
    return run !== null && run.pid !== killed
  })
  await expect(shell.page.locator('[data-terminal-state=live]')).toBeVisible()
  await expect(terminalOf(shell.page)).toContainText('before-42')
  await typeInTerminal(shell.page, 'echo after-$mark\n')
  await expect(terminalOf(shell.page)).toContainText('after-42')
})

test('a second start brings the window to the front and exits', async ({ deployment, open }) => {
  const shell = await open()
  await expectDashboard(shell)
  await shell.app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.hide())
  const { status, output } = await startSecondInstance(deployment)
  expect(status).toBe(0)
  expect(output).toContain('is already open')
  await until('the window to be shown', () =>
    shell.app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.isVisible()),
  )
  expect(shell.app.windows()).toHaveLength(1)
})

test('the page reports a foreign cluster in the data folder, and Retry works after its removal', async ({
  deployment,
  open,
}) => {
  const foreign = join(deployment.dataDir, 'postgres')
  mkdirSync(foreign, { recursive: true })
  writeFileSync(join(foreign, 'PG_VERSION'), '13\n')
  const shell = await open()
  const { page } = shell
  await expect(page.getByRole('heading', { name: 'Could not start Coder Local' })).toBeVisible()
  await expect(page.getByRole('alert')).toContainText('was left untouched')
  await page.getByRole('button', { name: 'Copy diagnostics' }).click()
  await expect(page.getByRole('button', { name: 'Copied' })).toBeVisible()
  expect(await shell.app.evaluate(({ clipboard }) => clipboard.readText())).toContain('was left untouched')
  rmSync(foreign, { recursive: true })
  await page.getByRole('button', { name: 'Retry' }).click()
  await expectDashboard(shell)
})

test('the menu stops the deployment and quits without remaining processes', async ({ deployment, open }) => {
  const shell = await open()
  await expectDashboard(shell)
  const coderd = deployment.run().pid
  const postgres = deployment.postgresPid()
  const closed = shell.app.waitForEvent('close')
  await pressMenu(shell, 'Stop Coder Local and quit')
  await closed
  expect(isAlive(coderd)).toBe(false)
  expect(isAlive(postgres)).toBe(false)
  expect(deployment.processes()).toEqual([])
})

test('the page reports a deployment that was stopped elsewhere and starts it again', async ({ deployment, open }) => {
  const shell = await open()
  await expectDashboard(shell)
  await deployment.stop()
  await expect(shell.page.getByRole('heading', { name: 'Coder Local is stopped' })).toBeVisible()
  await shell.page.getByRole('button', { name: 'Start' }).click()
  await expectDashboard(shell)
})

test('the window opens no foreign addresses, and its pages have no access to Node', async ({ deployment, open }) => {
  const shell = await open()
  await expectDashboard(shell)
  const { app, page } = shell
  await app.evaluate(({ shell: system }) => {
    const opened: string[] = []
    Object.assign(globalThis, { opened })
    system.openExternal = async (url) => void opened.push(url)
  })
  await page.evaluate(() => {
    window.open('https://example.com/outside')
    window.open('file:///etc/passwd')
    location.href = 'http://localhost:9/elsewhere'
  })
  await until('the links to be handed to the system', async () => {
    const opened = await app.evaluate(() => (globalThis as unknown as { opened: string[] }).opened)
    return opened.length === 2 && opened
  })
  expect(page.url()).toContain(deployment.url)
  expect(app.windows()).toHaveLength(1)
  const result = await page.evaluate(async () => ({
    desktop: typeof window.coderDesktop,
    startup: 'coderStartup' in window,
    require: 'require' in window,
    geolocation: (await navigator.permissions.query({ name: 'geolocation' })).state,
    refused: await window.coderDesktop?.openExternal('file:///etc/passwd').catch((error: Error) => error.message),
  }))
  expect(result).toMatchObject({ desktop: 'object', startup: false, require: false, geolocation: 'denied' })
  expect(result.refused).toContain('Only http and https links')
})
