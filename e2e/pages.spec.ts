// The pages as they are drawn: in both themes, without a complaint of the browser, and what they show when a build fails.

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'
import { expect, test } from '@playwright/test'
import { createTemplate, createWorkspace } from '../server/testing/scenes.ts'
import { type Deployment, startDeployment } from './support/deployment.ts'
import { collectComplaints, pressThisComputer, signInPage } from './support/pages.ts'

let deployment: Deployment
test.beforeEach(async () => {
  deployment = await startDeployment({ database: 'shared' })
})
test.afterEach(() => deployment.close())

const needsNumber = {
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

test('a build that fails shows the file, the line and a caret on its page', async ({ page }) => {
  const { client } = await deployment.signIn()
  const template = await createTemplate(client, 'sized', needsNumber)
  const { owner_name, name } = await createWorkspace(client, template.id, 'broken', { size: 'large' })
  await signInPage(page, deployment)
  await page.goto(`${deployment.url}/@${owner_name}/${name}/builds/1`)
  const log = page.getByRole('main')
  await expect(log).toContainText('main.tf')
  await expect(log).toContainText('tonumber(data.coder_parameter.size.value)')
  await expect(log).toContainText(/\^/)
})

for (const colorScheme of ['light', 'dark'] as const) {
  test(`every page is drawn in ${colorScheme}, without a complaint of the browser`, async ({ browser }) => {
    const context = await browser.newContext({ colorScheme })
    const page = await context.newPage()
    const complaints = collectComplaints(page)
    await signInPage(page, deployment)
    await pressThisComputer(page)
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
      // A page left while its event stream still connects is a complaint of the browser's, and no fault.
      await expect(page.getByRole('banner').getByText('live', { exact: true })).toBeVisible()
      await page.waitForLoadState('networkidle')
    }
    expect(await page.evaluate(() => document.documentElement.dataset.theme)).toBe(colorScheme)
    expect(complaints).toEqual([])
    await context.close()
  })
}

test('the reference is read without anything from elsewhere', async ({ page }) => {
  const complaints = collectComplaints(page)
  const asked: string[] = []
  page.on('request', (request) => asked.push(new URL(request.url()).origin))
  await page.goto(`${deployment.url}/swagger`)
  await expect(page.locator('summary').first()).toBeVisible()
  await page.keyboard.press('/')
  await expect(page.getByRole('searchbox')).toBeFocused()
  await page.keyboard.type('post workspaces builds')
  await page.keyboard.press('Enter')
  await expect(page.getByText('Create a build that starts, stops or deletes a workspace')).toBeVisible()
  await expect(page.getByRole('link', { name: 'WorkspaceBuild', exact: true })).toBeVisible()
  // What is open has an address of its own.
  await page.goto(page.url())
  await page.reload()
  await expect(page.getByRole('link', { name: 'WorkspaceBuild', exact: true })).toBeVisible()
  expect(new Set(asked)).toEqual(new Set([new URL(deployment.url).origin]))
  expect(complaints).toEqual([])
})

test('the reference says when it cannot be read, and when nothing is found', async ({ page }) => {
  await page.route('**/swagger/doc.json', (route) => route.abort())
  await page.goto(`${deployment.url}/swagger`)
  await expect(page.getByText('Could not reach the deployment. Is it running?')).toBeVisible()
  await page.unroute('**/swagger/doc.json')
  await page.getByRole('button', { name: 'Try again' }).click()
  await page.getByRole('searchbox').fill('no such thing')
  await expect(page.getByText('No endpoint and no schema has all of these words.')).toBeVisible()
  await page.getByRole('searchbox').fill('workspaces')
  await expect(page.getByText('No endpoint and no schema has all of these words.')).toBeHidden()
})

test('a new password says beside itself what is wrong with it, and a link that is of no use leads to another', async ({
  page,
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

test('what a browser loads before the first page is there stays below 200 kB', () => {
  const pages = fileURLToPath(new URL('../dist/renderer/', import.meta.url))
  const names = readFileSync(join(pages, 'index.html'), 'utf8').matchAll(
    /(?:src|href)="\/(assets\/[^"]+\.(?:js|css))"/g,
  )
  const sizes = [...names].map(([, name]) => gzipSync(readFileSync(join(pages, name ?? '')), { level: 9 }).length)
  expect(sizes.length).toBeGreaterThan(2)
  expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThan(200_000)
})
