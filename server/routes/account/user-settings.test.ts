// A user's own settings: only the user reads and changes them.

import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import {
  changePasswordWithOneTimePasscode,
  requestOneTimePasscode,
  updateUserPassword,
  validatePassword,
} from '../../../api/account/passwords.ts'
import { login } from '../../../api/account/sign-in.ts'
import {
  convertLogin,
  getAutofillParameters,
  getGitSshKey,
  getUserAppearance,
  getUserLoginType,
  getUserPreferences,
  getUserQuietHours,
  regenerateGitSshKey,
  updateUserAppearance,
  updateUserPreferences,
  updateUserQuietHours,
} from '../../../api/account/user-settings.ts'
import { createUser } from '../../../api/account/users.ts'
import { notificationTemplates } from '../../notifications/templates.ts'
import { startTestServer, type TestServer } from '../../testing/start-test-server.ts'
import { createTemplate, createWorkspace, expectSuccess, waitForBuild } from '../../testing/workspace-fixtures.ts'
import { hashSecret } from '../../users/api-keys.ts'

type TestUser = Awaited<ReturnType<TestServer['createUser']>>
let server: TestServer
let ada: TestUser
let bob: TestUser
beforeAll(async () => {
  server = await startTestServer()
  ada = await server.createUser('ada')
  bob = await server.createUser('bob')
})
afterAll(() => server.close())

const me = { params: { user: 'me' } }

describe('settings', () => {
  test('of the appearance are stored', async () => {
    expect(await ada.client.call(getUserAppearance, me)).toEqual({ theme_preference: '', terminal_font: '' })
    const body = { theme_preference: 'dark', terminal_font: 'fira-code' } as const
    expect(await ada.client.call(updateUserAppearance, { ...me, body })).toEqual(body)
    expect(await ada.client.call(getUserAppearance, me)).toEqual(body)
    const invalid = { theme_preference: 'dark', terminal_font: 'comic-sans' } as never
    await expect(ada.client.call(updateUserAppearance, { ...me, body: invalid })).rejects.toMatchObject({
      status: 400,
      validations: [{ field: 'terminal_font' }],
    })
  })

  test('of the dashboard are stored', async () => {
    const body = { task_notification_alert_dismissed: true }
    expect(await ada.client.call(getUserPreferences, me)).toEqual({ task_notification_alert_dismissed: false })
    expect(await ada.client.call(updateUserPreferences, { ...me, body })).toEqual(body)
    expect(await ada.client.call(getUserPreferences, me)).toEqual(body)
    const none = { task_notification_alert_dismissed: false }
    expect(await ada.client.call(updateUserPreferences, { ...me, body: {} })).toEqual(none)
  })

  test('of quiet hours are stored, and reset by an empty schedule', async () => {
    const set = (schedule: string) => ada.client.call(updateUserQuietHours, { ...me, body: { schedule } })
    expect(await set('CRON_TZ=Europe/Berlin 30 2 * * *')).toMatchObject({ user_set: true, time: '02:30' })
    expect(await ada.client.call(getUserQuietHours, me)).toMatchObject({ timezone: 'Europe/Berlin', user_set: true })
    await expect(set('every day')).rejects.toMatchObject({ status: 400, validations: [{ field: 'schedule' }] })
    expect(await set('')).toMatchObject({ user_set: false, timezone: 'UTC' })
  })

  test('of the login type are readable, and cannot change to an unavailable type', async () => {
    expect(await ada.client.call(getUserLoginType, me)).toEqual({ login_type: 'none' })
    const body = { to_type: 'oidc', password: 'any password' } as const
    await expect(ada.client.call(convertLogin, { ...me, body })).rejects.toMatchObject({ status: 400 })
  })

  test('of another user are hidden', async () => {
    const params = { user: ada.user.id }
    const noSuchUser = { status: 400, message: '"user" must be an existing uuid or username.' }
    for (const call of [getUserAppearance, getUserPreferences, getUserQuietHours, getUserLoginType, getGitSshKey]) {
      await expect(bob.client.call(call, { params })).rejects.toMatchObject(noSuchUser)
    }
    await expect(bob.client.call(regenerateGitSshKey, { params })).rejects.toMatchObject(noSuchUser)
  })
})

describe('the Git SSH key', () => {
  test('stays the same until it is regenerated', async () => {
    const [first, same] = await Promise.all([ada.client.call(getGitSshKey, me), ada.client.call(getGitSshKey, me)])
    expect(first.public_key).toMatch(/^ssh-ed25519 /)
    expect(same).toEqual(first)
    const renewed = await ada.client.call(regenerateGitSshKey, me)
    expect(renewed.public_key).not.toBe(first.public_key)
    expect(await ada.client.call(getGitSshKey, me)).toEqual(renewed)
    expect((await bob.client.call(getGitSshKey, me)).public_key).not.toBe(renewed.public_key)
  })
})

const painted = {
  'main.tf': `
    terraform {
      required_providers {
        coder = { source = "coder/coder" }
      }
    }
    data "coder_workspace_owner" "me" {}
    data "coder_parameter" "color" {
      name    = "color"
      default = "red"
      mutable = true
    }
    data "coder_parameter" "coat" {
      name      = "coat"
      default   = "1"
      mutable   = true
      ephemeral = true
    }
    resource "terraform_data" "shed" {
      input = {
        color  = data.coder_parameter.color.value
        public  = data.coder_workspace_owner.me.ssh_public_key
        private = data.coder_workspace_owner.me.ssh_private_key
      }
    }
  `,
}

describe('a build', () => {
  test('receives the Git key pair of its owner, and its parameters become autofill values', async () => {
    const template = await createTemplate(server.client, 'painted', painted)
    const autofill = (client: TestUser['client']) =>
      client.call(getAutofillParameters, { ...me, query: { template_id: template.id } })
    expect(await autofill(ada.client)).toEqual([])
    const workspace = await createWorkspace(ada.client, template.id, 'shed', { color: 'blue', coat: '2' })
    const build = await expectSuccess(ada.client, await waitForBuild(ada.client, workspace.latest_build.id))
    expect(await autofill(ada.client)).toEqual([{ name: 'color', value: 'blue' }])
    expect(await autofill(bob.client)).toEqual([])
    const state = await fetch(`${server.url}/api/v2/workspacebuilds/${build.id}/state`, {
      headers: { 'coder-session-token': server.token },
    })
    const { public_key } = await ada.client.call(getGitSshKey, me)
    const text = await state.text()
    expect(text).toContain(public_key.trim())
    expect(text).toContain('BEGIN OPENSSH PRIVATE KEY')
  })
})

describe('a password', () => {
  const email = 'carol@example.com'
  const first = 'correct horse battery'
  const anonymous = () => server.clientWith(undefined)
  const signIn = async (password: string) =>
    server.clientWith((await anonymous().call(login, { body: { email, password } })).session_token)

  beforeAll(async () => {
    await server.client.call(createUser, { body: { username: 'carol', email, password: first } })
  })

  test('can be validated before it is set', async () => {
    const validate = (password: string) => anonymous().call(validatePassword, { body: { password } })
    expect(await validate(first)).toEqual({ valid: true, details: '' })
    expect(await validate('short')).toMatchObject({ valid: false, details: expect.stringContaining('8 characters') })
  })

  test('change by its user requires the old password and a different new one, and ends all sessions', async () => {
    const carol = await signIn(first)
    const set = (password: string, old?: string) =>
      carol.call(updateUserPassword, { ...me, body: { password, ...(old ? { old_password: old } : {}) } })
    await expect(set('another good one')).rejects.toMatchObject({
      status: 400,
      validations: [{ field: 'old_password' }],
    })
    await expect(set(first, first)).rejects.toMatchObject({ status: 400, validations: [{ field: 'password' }] })
    await set('another good one', first)
    await expect(carol.call(getUserLoginType, me)).rejects.toMatchObject({ status: 401 })
    await signIn('another good one')
  })

  describe('that was forgotten', () => {
    const change = (one_time_passcode: string, password: string) =>
      anonymous().call(changePasswordWithOneTimePasscode, { body: { email, one_time_passcode, password } })
    const setPasscode = (passcode: string, inMinutes = 20) =>
      server.context.db
        .updateTable('users')
        .set({
          hashed_one_time_passcode: hashSecret(passcode),
          one_time_passcode_expires_at: new Date(Date.now() + inMinutes * 60_000),
        })
        .where('email', '=', email)
        .execute()

    test('gets a passcode by email only, and the response does not reveal whether the user exists', async () => {
      expect(await anonymous().call(requestOneTimePasscode, { body: { email } })).toBeNull()
      // An immediate second request sends no second email.
      expect(await anonymous().call(requestOneTimePasscode, { body: { email } })).toBeNull()
      expect(await anonymous().call(requestOneTimePasscode, { body: { email: 'nobody@example.com' } })).toBeNull()
      const { rows } = await server.context.pool.query<{ email: string }>(
        'select email from users where one_time_passcode_expires_at > now()',
      )
      expect(rows).toEqual([{ email }])
      const { rows: messages } = await server.context.pool.query<{ method: string }>(
        'select method from notification_messages where template_id = $1',
        [notificationTemplates.oneTimePasscode.id],
      )
      expect(messages).toEqual([{ method: 'default' }])
    })

    test('is replaced once with the passcode', async () => {
      await setPasscode('the-passcode')
      await expect(change('another', 'a third good one')).rejects.toMatchObject({ status: 400 })
      const outcomes = await Promise.allSettled([
        change('the-passcode', 'a third good one'),
        change('the-passcode', 'a fourth good one'),
      ])
      expect(outcomes.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected'])
      await signIn(outcomes[0]?.status === 'fulfilled' ? 'a third good one' : 'a fourth good one')
    })

    test('is not replaced with an expired passcode', async () => {
      await setPasscode('the-passcode', -1)
      await expect(change('the-passcode', 'a fifth good one')).rejects.toMatchObject({ status: 400 })
    })
  })

  test('sign-in is rate-limited after several invalid guesses, even with the right password', async () => {
    const dave = { username: 'dave', email: 'dave@example.com', password: first }
    await server.client.call(createUser, { body: dave })
    const guess = async (password: string) => anonymous().call(login, { body: { email: dave.email, password } })
    for (let at = 0; at < 5; at++) await expect(guess('wrong guess')).rejects.toMatchObject({ status: 401 })
    await expect(guess(first)).rejects.toMatchObject({ status: 429 })
  })
})
