// The page that a command line and editors wait for: it shows a key that signs another program in.

import { expect, test } from '@playwright/test'
import { createUser, getUser } from '../api/account/users.ts'
import { createClient } from '../api/client.ts'
import { type Deployment, startDeployment } from './support/deployment.ts'
import { collectComplaints, signInPage } from './support/pages.ts'

let deployment: Deployment
test.beforeEach(async () => {
  deployment = await startDeployment({ database: 'shared' })
})
test.afterEach(() => deployment.close())

test('the key on /cli-auth is copied with one press and signs another program in', async ({ browser }) => {
  const context = await browser.newContext({ permissions: ['clipboard-read', 'clipboard-write'] })
  const page = await context.newPage()
  const complaints = collectComplaints(page)
  await signInPage(page, deployment)
  await page.goto(`${deployment.url}/cli-auth`)
  const key = await page.getByRole('textbox', { name: 'Session key' }).inputValue()
  await page.getByRole('button', { name: 'Copy key' }).click()
  await expect(page.getByRole('button', { name: 'Copied' })).toBeVisible()
  expect(await page.evaluate(() => navigator.clipboard.readText())).toBe(key)
  const other = createClient({ baseUrl: deployment.url, token: key })
  expect((await other.call(getUser, { params: { user: 'me' } })).roles.map(({ name }) => name)).toContain('owner')
  expect(complaints).toEqual([])
  await context.close()
})

test('without a session /cli-auth asks to sign in, and comes back', async ({ page }) => {
  const { client } = await deployment.signIn()
  const password = 'correct horse battery'
  await client.call(createUser, { body: { username: 'ada', email: 'ada@example.com', password } })
  await page.goto(`${deployment.url}/cli-auth`)
  await page.getByLabel('Email').fill('ada@example.com')
  await page.getByLabel('Password').fill(password)
  await page.getByRole('button', { name: 'Sign in' }).click()
  await expect(page.getByRole('textbox', { name: 'Session key' })).toBeVisible()
  await expect(page.getByText('ada', { exact: true })).toBeVisible()
})

test('who forgot the password is told the same whether or not there is an account', async ({ page }) => {
  await deployment.signIn()
  await page.goto(`${deployment.url}/login`)
  await page.getByRole('link', { name: 'Forgot your password?' }).click()
  await page.getByLabel('Email').fill('nobody@example.com')
  await page.getByRole('button', { name: 'Send reset link' }).click()
  await expect(page.getByRole('heading', { name: 'Check your email' })).toBeVisible()
})
