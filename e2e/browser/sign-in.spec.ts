// Sign-in of other programs with the key on /cli-auth, and the page for a forgotten password.

import { expect } from '@playwright/test'
import { createUser, getUser } from '../../api/account/users.ts'
import { createClient } from '../../api/client.ts'
import { test } from '../support/browser-test.ts'
import { collectConsoleMessages, signInPage } from '../support/pages.ts'

test('the key on /cli-auth is copied with one click and signs another program in', async ({ browser, deployment }) => {
  const context = await browser.newContext({ permissions: ['clipboard-read', 'clipboard-write'] })
  const page = await context.newPage()
  const consoleMessages = collectConsoleMessages(page)
  await signInPage(page, deployment)
  await page.goto(`${deployment.url}/cli-auth`)
  const key = await page.getByRole('textbox', { name: 'Session key' }).inputValue()
  await page.getByRole('button', { name: 'Copy key' }).click()
  await expect(page.getByRole('button', { name: 'Copied' })).toBeVisible()
  expect(await page.evaluate(() => navigator.clipboard.readText())).toBe(key)
  const other = createClient({ baseUrl: deployment.url, token: key })
  expect((await other.call(getUser, { params: { user: 'me' } })).roles.map(({ name }) => name)).toContain('owner')
  expect(consoleMessages).toEqual([])
  await context.close()
})

test('/cli-auth without a session leads to the sign-in page and back', async ({ page, deployment }) => {
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

test('a password reset request does not reveal whether the account exists', async ({ page, deployment }) => {
  await deployment.signIn()
  await page.goto(`${deployment.url}/login`)
  await page.getByRole('link', { name: 'Forgot your password?' }).click()
  // The sign-in page has an email field, too.
  await expect(page.getByRole('heading', { name: 'Forgot your password?' })).toBeVisible()
  await page.getByLabel('Email').fill('nobody@example.com')
  await page.getByRole('button', { name: 'Send reset link' }).click()
  await expect(page.getByRole('heading', { name: 'Check your email' })).toBeVisible()
})
