// Sign-in with links, of other programs with the key on /cli-auth, and the page for a forgotten password.

import { expect } from '@playwright/test'
import { login } from '../../api/account/sign-in.ts'
import { createUser, getUser } from '../../api/account/users.ts'
import { createClient } from '../../api/client.ts'
import { createOwnLaunchCode } from '../../api/local.ts'
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

test.describe('with its own database', () => {
  test.use({ hasOwnPostgres: true })

  test('the session cookie is useless outside of the page, which stays signed in when coderd restarts', async ({
    page,
    context,
    deployment,
  }) => {
    await signInPage(page, deployment)
    const [cookie] = (await context.cookies()).filter(({ name }) => name === 'coder_session_token')
    const thief = await fetch(`${deployment.url}/api/v2/users/me`, {
      headers: { cookie: `coder_session_token=${cookie?.value}` },
    })
    expect(thief.status).toBe(401)
    const indicator = page.getByRole('banner').getByText('live', { exact: true })
    await expect(indicator).toBeVisible()

    // A page that is still loading its scripts would report the failed load.
    await page.waitForLoadState('networkidle')
    await deployment.killServer()
    await expect(indicator).toBeHidden()
    await deployment.start()
    await expect(indicator).toBeVisible({ timeout: 30_000 })
    await page.reload()
    await expect(indicator).toBeVisible()

    const other = await context.newPage()
    await other.goto(`${deployment.url}/workspaces`)
    await expect(other.getByRole('banner').getByText('live', { exact: true })).toBeVisible()
  })
})

test('a link of another user signs a browser in only after confirmation', async ({ page, deployment }) => {
  const { client } = await deployment.signIn()
  const password = 'correct horse battery'
  await client.call(createUser, { body: { username: 'mallory', email: 'm@example.com', password } })
  const { session_token: token } = await client.call(login, { body: { email: 'm@example.com', password } })
  const mallory = createClient({ baseUrl: deployment.url, token })
  const linkOfMallory = async () => (await mallory.call(createOwnLaunchCode)).url
  const { username: owner } = await client.call(getUser, { params: { user: 'me' } })
  const account = (name: string) => page.getByRole('button', { name: `Account of ${name}` })

  await page.goto(await linkOfMallory())
  await expect(page.getByRole('heading', { name: 'Sign in as mallory?' })).toBeVisible()
  await page.getByRole('button', { name: 'Cancel' }).click()
  await expect(page.getByRole('heading', { name: 'Sign in', exact: true })).toBeVisible()

  await signInPage(page, deployment)
  await page.goto('about:blank')
  await page.goto(await linkOfMallory())
  await page.getByRole('button', { name: `Stay ${owner}` }).click()
  await expect(account(owner)).toBeVisible()
  await page.goto('about:blank')
  await page.goto(await linkOfMallory())
  await page.getByRole('button', { name: 'Sign in as mallory' }).click()
  await expect(account('mallory')).toBeVisible()
})
