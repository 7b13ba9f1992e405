// Dashboard pages: drawing in both themes without console messages, build errors, the API reference, and password reset.

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'
import { expect } from '@playwright/test'
import { createTemplate, createWorkspace } from '../../server/testing/workspace-fixtures.ts'
import { test } from '../support/browser-test.ts'
import { collectConsoleMessages, signInPage, startOnThisComputer } from '../support/pages.ts'

const failingTemplate = {
  'main.tf': `terraform {
  required_providers {
    coder = { source = "coder/coder" }
  }
}
data "coder_parameter" "size" {
  name    = "size"
  default = "1"
}
resource "terraform_data" "sized" {
  input = tonumber(data.coder_parameter.size.value)
}
`,
}

test('the page of a failed build shows the file, the line and a caret', async ({ page, deployment }) => {
  const { client } = await deployment.signIn()
  const template = await createTemplate(client, 'sized', failingTemplate)
  const { owner_name, name } = await createWorkspace(client, template.id, 'broken', { size: 'large' })
  await signInPage(page, deployment)
  await page.goto(`${deployment.url}/@${owner_name}/${name}/builds/1`)
  const log = page.getByRole('main')
  await expect(log).toContainText('main.tf')
  await expect(log).toContainText('tonumber(data.coder_parameter.size.value)')
  await expect(log).toContainText(/\^/)
})

for (const colorScheme of ['light', 'dark'] as const) {
  test(`every page is drawn in the ${colorScheme} theme without console messages`, async ({ browser, deployment }) => {
    const context = await browser.newContext({ colorScheme })
    const page = await context.newPage()
    const consoleMessages = collectConsoleMessages(page)
    await signInPage(page, deployment)
    await startOnThisComputer(page)
    const [, workspace = ''] = /(\/@[^/]+\/[^/]+)\/terminal/.exec(page.url()) ?? []
    const pages = [
      '/workspaces',
      '/templates',
      '/templates/this-computer/workspace',
      '/terminals',
      '/settings/terminals',
      workspace,
    ]
    for (const path of [...pages, `${workspace}/logs`, `${workspace}/builds`, `${workspace}/builds/1`, '/nothing']) {
      await page.goto(deployment.url + path)
      await expect(page.getByRole('main')).toBeVisible()
      // The browser reports an error when the page is left while its event stream is connecting.
      await expect(page.getByRole('banner').getByText('live', { exact: true })).toBeVisible()
      await page.waitForLoadState('networkidle')
    }
    expect(await page.evaluate(() => document.documentElement.dataset.theme)).toBe(colorScheme)
    expect(consoleMessages).toEqual([])
    await context.close()
  })
}

test('the API reference loads nothing from other origins', async ({ page, deployment }) => {
  const consoleMessages = collectConsoleMessages(page)
  const requestedOrigins: string[] = []
  page.on('request', (request) => requestedOrigins.push(new URL(request.url()).origin))
  await page.goto(`${deployment.url}/swagger`)
  await expect(page.locator('summary').first()).toBeVisible()
  await page.keyboard.press('/')
  await expect(page.getByRole('searchbox')).toBeFocused()
  await page.keyboard.type('post workspaces builds')
  await page.keyboard.press('Enter')
  await expect(page.getByText('Create a build that starts, stops or deletes a workspace')).toBeVisible()
  await expect(page.getByRole('link', { name: 'WorkspaceBuild', exact: true })).toBeVisible()
  // The open endpoint is part of the address.
  await page.goto(page.url())
  await page.reload()
  await expect(page.getByRole('link', { name: 'WorkspaceBuild', exact: true })).toBeVisible()
  expect(new Set(requestedOrigins)).toEqual(new Set([new URL(deployment.url).origin]))
  expect(consoleMessages).toEqual([])
})

test('the API reference reports a failed load and an empty search result', async ({ page, deployment }) => {
  await page.route('**/swagger/doc.json', (route) => route.abort())
  await page.goto(`${deployment.url}/swagger`)
  await expect(page.getByText('Could not reach the deployment. Check that it is running.')).toBeVisible()
  await page.unroute('**/swagger/doc.json')
  await page.getByRole('button', { name: 'Try again' }).click()
  await page.getByRole('searchbox').fill('no such thing')
  await expect(page.getByText('No results')).toBeVisible()
  await page.getByRole('searchbox').fill('workspaces')
  await expect(page.getByText('No results')).toBeHidden()
})

test('the password reset shows errors beside the field, and an invalid link leads to a new one', async ({
  page,
  deployment,
}) => {
  await signInPage(page, deployment)
  const change = `${deployment.url}/reset-password/change`
  await page.goto(`${change}?email=ada@example.com&otp=00000000-0000-0000-0000-000000000000`)
  const password = page.getByLabel('New password')
  await password.fill('short')
  await page.keyboard.press('Enter')
  await expect(page.getByText('It must have at least 8 characters.')).toBeVisible()
  await password.fill('a-very-long-password-42')
  await page.keyboard.press('Enter')
  await expect(page.getByRole('alert')).toContainText('Incorrect email or one-time passcode.')
  await expect(password).toHaveAttribute('aria-invalid', 'false')
  await page.getByRole('link', { name: 'Request a new link' }).click()
  await expect(page.getByLabel('Email')).toHaveValue('ada@example.com')

  await page.goto(change)
  await expect(page.getByRole('heading', { name: 'This link is incomplete' })).toBeVisible()
  await page.goto(`${change}?email=ada@example.com&otp=00000000-0000-0000-0000-000000000000`)
  await page.route('**/api/v2/users/otp/**', (route) => route.abort())
  await password.fill('a-very-long-password-42')
  await page.keyboard.press('Enter')
  await expect(page.getByRole('alert')).toContainText('Could not reach the deployment.')
})

test('the scripts and styles of the first page stay below 200 kB', () => {
  const pages = fileURLToPath(new URL('../../dist/renderer/', import.meta.url))
  const names = readFileSync(join(pages, 'index.html'), 'utf8').matchAll(
    /(?:src|href)="\/(assets\/[^"]+\.(?:js|css))"/g,
  )
  const sizes = [...names].map(([, name]) => gzipSync(readFileSync(join(pages, name ?? '')), { level: 9 }).length)
  expect(sizes.length).toBeGreaterThan(2)
  expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThan(200_000)
})
