// Notifications from the transaction of a change to the inbox, a real mail server and a real webhook.

import { once } from 'node:events'
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { SMTPServer, type SMTPServerOptions } from 'smtp-server'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { WebSocket } from 'ws'
import {
  getNotificationDispatchMethods,
  getNotificationPreferences,
  listCustomNotificationTemplates,
  listInboxNotifications,
  listNotificationTemplates,
  markAllInboxNotificationsRead,
  sendCustomNotification,
  sendTestNotification,
  updateInboxNotificationReadStatus,
  updateNotificationPreferences,
  updateNotificationsSettings,
  updateNotificationTemplateMethod,
} from '../../api/account/notifications.ts'
import { listAuditLogs } from '../../api/deployment/audit.ts'
import type { SettingName } from '../config.ts'
import { type FakeClock, fakeClock } from '../testing/fake-clock.ts'
import { startTestServer, type TestServer } from '../testing/start-test-server.ts'
import { until } from '../testing/workspace-fixtures.ts'
import { notify, userIdsWithRole } from './notify.ts'
import { notificationTemplates } from './templates.ts'

const dormant = {
  template: 'workspaceDormant',
  labels: { name: 'dev', reason: 'was not used for 30 days', timeTilDormant: '7 days' },
} as const
const workspaceId = '6a5b7c1e-0000-4000-8000-000000000001'

const findMessages = (server: TestServer, userId: string) =>
  server.context.db
    .selectFrom('notification_messages')
    .selectAll()
    .where('user_id', '=', userId)
    .where('method', '=', 'default')
    .orderBy('created_at')
    .execute()

test.each([
  // Recorded from Coder 2.30; webhook and mail receivers depend on them.
  ['workspaceDeleted', 'initiator name reason'],
  ['workspaceAutobuildFailed', 'name reason'],
  ['workspaceDormant', 'name reason timeTilDormant'],
  ['workspaceMarkedForDeletion', 'name reason timeTilDormant'],
  ['workspaceAutoUpdated', 'name template_version_message template_version_name'],
  ['workspaceOutOfMemory', 'threshold workspace'],
  ['userAccountCreated', 'created_account_name created_account_user_name initiator'],
  ['prebuildFailureLimitReached', 'org preset template template_version'],
] as const)("the labels of %s are Coder's: %s", (name, expected) => {
  const { title, body, actions } = notificationTemplates[name]
  const texts = [title, body, ...actions.map(({ url }) => url)].join(' ')
  const labels = new Set([...texts.matchAll(/\.Labels\.(\w+)/g)].map(([, label]) => label))
  expect([...labels].sort().join(' ')).toBe(expected)
})

/** Disables the owner's notifications about users that the tests create. */
async function muteOwner({ client }: TestServer): Promise<void> {
  const body = { template_disabled_map: { [notificationTemplates.userAccountCreated.id]: true } }
  await client.call(updateNotificationPreferences, { params: { user: 'me' }, body })
}

describe('the inbox', () => {
  let server: TestServer
  beforeAll(async () => {
    server = await startTestServer()
  })
  afterAll(() => server.close())

  const listInbox = async (client: TestServer['client'], query = {}) => client.call(listInboxNotifications, { query })

  function watch(token: string, query: string): WebSocket {
    const url = `${server.url.replace('http', 'ws')}/api/v2/notifications/inbox/watch?${query}`
    return new WebSocket(url, { headers: { 'coder-session-token': token } })
  }

  test('receives the notification of a committed transaction, and none of a rolled back one', async () => {
    const { user, client } = await server.createUser('ada')
    const rolledBack = server.context.db.transaction().execute(async (tx) => {
      await notify(tx, { ...dormant, to: user.id, data: { lost: true } })
      throw new Error('no')
    })
    await expect(rolledBack).rejects.toThrow('no')
    await server.context.db
      .transaction()
      .execute((tx) => notify(tx, { ...dormant, to: user.id, targets: [workspaceId] }))
    const { notifications, unread_count } = await until('the notification', async () => {
      const inbox = await listInbox(client)
      return inbox.notifications.length > 0 && inbox
    })
    expect(unread_count).toBe(1)
    expect(notifications).toMatchObject([
      {
        user_id: user.id,
        template_id: '0ea69165-ec14-4314-91f1-69566ac3c5a0',
        targets: [workspaceId],
        title: 'Workspace "dev" is dormant',
        content: expect.stringContaining('Your workspace **dev** is now dormant because it was not used for 30 days.'),
        icon: 'DEFAULT_ICON_WORKSPACE',
        actions: [{ label: 'View workspace', url: `${server.url}/@ada/dev` }],
        read_at: null,
      },
    ])
  })

  test('receives identical notifications once a day', async () => {
    const { user, client } = await server.createUser('twice')
    await notify(server.context.db, { ...dormant, to: user.id })
    await notify(server.context.db, { ...dormant, to: user.id })
    await notify(server.context.db, { ...dormant, to: user.id, labels: { ...dormant.labels, name: 'other' } })
    await until('two notifications', async () => (await listInbox(client)).notifications.length === 2)
    const rows = await server.context.db
      .selectFrom('notification_messages')
      .select('id')
      .where('user_id', '=', user.id)
      .where('method', '=', 'inbox')
      .execute()
    expect(rows).toHaveLength(2)
  })

  test('marks notifications as read one by one or all together, only for their receiver', async () => {
    const { user, client } = await server.createUser('reader')
    const stranger = await server.createUser('stranger')
    for (const name of ['a', 'b', 'c'])
      await notify(server.context.db, { ...dormant, to: user.id, labels: { ...dormant.labels, name } })
    const all = await until('three notifications', async () => {
      const inbox = await listInbox(client)
      return inbox.unread_count === 3 && inbox.notifications
    })
    const [first] = all
    const params = { id: first?.id ?? '' }
    const read = await client.call(updateInboxNotificationReadStatus, { params, body: { is_read: true } })
    expect(read).toMatchObject({ unread_count: 2, notification: { id: params.id, read_at: expect.any(String) } })
    for (const other of [stranger.client, server.client]) {
      const body = { is_read: false }
      await expect(other.call(updateInboxNotificationReadStatus, { params, body })).rejects.toMatchObject({
        status: 404,
      })
    }
    expect((await listInbox(client, { read_status: 'read' })).notifications.map(({ id }) => id)).toEqual([params.id])
    expect((await listInbox(client, { read_status: 'unread' })).notifications).toHaveLength(2)
    expect((await listInbox(client, { starting_before: params.id })).notifications).toHaveLength(2)
    await client.call(markAllInboxNotificationsRead)
    expect(await listInbox(client)).toMatchObject({ unread_count: 0 })
    const unread = await client.call(updateInboxNotificationReadStatus, { params, body: { is_read: false } })
    expect(unread).toMatchObject({ unread_count: 1, notification: { read_at: null } })
    await client.call(markAllInboxNotificationsRead)
    const again = await client.call(updateInboxNotificationReadStatus, { params, body: {} })
    expect(again).toMatchObject({ unread_count: 1, notification: { read_at: null } })
  })

  test('can be watched by template and target, in plain text on request', async () => {
    const { user, token } = await server.createUser('watcher')
    const { workspaceOutOfMemory: memory, workspaceOutOfDisk: disk } = notificationTemplates
    const socket = watch(token, `format=plaintext&templates=${memory.id},${disk.id}&targets=${workspaceId}`)
    const frames: { notification: { title: string; content: string }; unread_count: number }[] = []
    socket.on('message', (data) => frames.push(JSON.parse(String(data))))
    await once(socket, 'open')
    const { db } = server.context
    await notify(db, { ...dormant, to: user.id, targets: [workspaceId] })
    await notify(db, { template: 'workspaceOutOfMemory', to: user.id, labels: { workspace: 'dev', threshold: '80%' } })
    await notify(db, {
      template: 'workspaceOutOfMemory',
      to: user.id,
      labels: { workspace: 'dev', threshold: '90%' },
      targets: [workspaceId, user.id],
    })
    await until('the frame', () => frames.length > 0)
    expect(frames).toMatchObject([
      {
        notification: {
          title: 'Workspace "dev" is low on memory',
          content: 'The workspace dev uses 90% of its memory or more. Close programs that are not needed.',
        },
      },
    ])
    socket.close()
  })

  test.each(['targets=x', 'templates=1,2', 'read_status=maybe', 'starting_before=0', 'targets=%00'])(
    'refuses the query %s',
    async (query) => {
      const response = await fetch(`${server.url}/api/v2/notifications/inbox?${query}`, {
        headers: { 'coder-session-token': server.token },
      })
      expect(response.status).toBe(400)
      expect(await response.json()).toHaveProperty('validations.0.field', query.split('=')[0])
    },
  )

  test('receives custom notifications', async () => {
    const { client } = await server.createUser('custom')
    await client.call(sendCustomNotification, { body: { content: { title: 'Done', message: 'The **job** is done' } } })
    await until(
      'the custom notification',
      async () => (await listInbox(client)).notifications[0]?.content === 'The **job** is done',
    )
  })

  test('receives no disabled notifications, and enabled ones that are disabled by default', async () => {
    const { user, client } = await server.createUser('picky')
    const { db } = server.context
    const params = { user: 'me' }
    expect(await client.call(getNotificationPreferences, { params })).toEqual([])
    const { workspaceDormant, taskIdle } = notificationTemplates
    const preferences = await client.call(updateNotificationPreferences, {
      params,
      body: { template_disabled_map: { [workspaceDormant.id]: true, [taskIdle.id]: false } },
    })
    expect(preferences.map(({ id, disabled }) => [id, disabled]).sort()).toEqual([
      [workspaceDormant.id, true],
      [taskIdle.id, false],
    ])
    expect(await client.call(updateNotificationPreferences, { params, body: {} })).toHaveLength(2)
    await notify(db, { ...dormant, to: user.id })
    await notify(db, { template: 'taskWorking', to: user.id, labels: { workspace: 'w', task: 't' } })
    await notify(db, { template: 'taskIdle', to: user.id, labels: { workspace: 'w', task: 't' } })
    await until('the notification', async () => (await listInbox(client)).notifications.length > 0)
    expect((await listInbox(client)).notifications.map(({ template_id }) => template_id)).toEqual([taskIdle.id])
    const unknown = { template_disabled_map: { nonsense: true } }
    await expect(client.call(updateNotificationPreferences, { params, body: unknown })).rejects.toMatchObject({
      status: 400,
      validations: [{ field: 'template_disabled_map' }],
    })
  })

  test('does not receive passcodes', async () => {
    const { user } = await server.createUser('forgetful')
    await notify(server.context.db, {
      template: 'oneTimePasscode',
      to: user.id,
      labels: { one_time_passcode: 'secret' },
    })
    const [message] = await until('the message to be inhibited', async () => {
      const rows = await findMessages(server, user.id)
      return rows[0]?.status === 'inhibited' && rows
    })
    expect(message?.status_reason).toBe('The delivery method smtp is not configured.')
    expect(message?.payload.labels).toEqual({})
    const inbox = await server.context.db.selectFrom('inbox_notifications').where('user_id', '=', user.id).execute()
    expect(inbox).toEqual([])
  })

  test('receives nothing while the notifier is paused, and the queued notifications afterward', async () => {
    const { user, client } = await server.createUser('patient')
    const body = (paused: boolean) => ({ body: { notifier_paused: paused } })
    await server.client.call(updateNotificationsSettings, body(true))
    await notify(server.context.db, { ...dormant, to: user.id })
    const status = async () => (await findMessages(server, user.id))[0]?.status
    expect(await status()).toBe('pending')
    await expect(client.call(updateNotificationsSettings, body(false))).rejects.toMatchObject({ status: 403 })
    expect(await server.client.call(updateNotificationsSettings, { body: {} })).toEqual({ notifier_paused: false })
    await until('the notification', async () => (await listInbox(client)).notifications.length > 0)
    const { audit_logs } = await server.client.call(listAuditLogs, { query: { q: 'notifications_settings' } })
    expect(audit_logs.map(({ diff }) => diff.notifier_paused?.new)).toEqual([false, true])
  })

  test('users are found by their site roles', async () => {
    const { user } = await server.createUser('deputy')
    const { db } = server.context
    await db
      .updateTable('users')
      .set({ rbac_roles: ['user-admin'] })
      .where('id', '=', user.id)
      .execute()
    expect(await userIdsWithRole(db, ['user-admin'])).toEqual([user.id])
    expect(await userIdsWithRole(db, ['owner', 'user-admin'])).toHaveLength(2)
  })

  test('templates are listed, and the delivery method of one can be changed', async () => {
    const system = await server.client.call(listNotificationTemplates)
    expect(system).toHaveLength(27)
    expect(system.map(({ name }) => name)).toEqual(system.map(({ name }) => name).toSorted())
    expect(new Set(system.map(({ id }) => id)).size).toBe(27)
    expect(await server.client.call(listCustomNotificationTemplates)).toMatchObject([{ kind: 'custom' }])
    expect(await server.client.call(getNotificationDispatchMethods)).toEqual({
      available: ['smtp', 'webhook'],
      default: 'smtp',
    })
    const params = { notification_template: notificationTemplates.templateDeleted.id }
    await server.client.call(updateNotificationTemplateMethod, { params, body: { method: 'webhook' } })
    const changed = await server.client.call(listNotificationTemplates)
    expect(changed.filter(({ method }) => method !== '').map(({ name }) => name)).toEqual(['Template Deleted'])
    const again = await fetch(`${server.url}/api/v2/notifications/templates/${params.notification_template}/method`, {
      method: 'PUT',
      headers: { 'coder-session-token': server.token, 'content-type': 'application/json' },
      body: JSON.stringify({ method: 'webhook' }),
    })
    expect(again.status).toBe(304)
  })
})

describe('a mail server', () => {
  const accepted: { mail: string; user: string | undefined; isSecure: boolean; from: string; to: string[] }[] = []
  let rejection: 'none' | 'temporary' | 'permanent' = 'none'
  let mailServer: SMTPServer
  let server: TestServer
  let clock: FakeClock

  async function startMailServer(options: SMTPServerOptions = {}): Promise<SMTPServer> {
    const started = new SMTPServer({
      disableReverseLookup: true,
      onAuth: ({ username, password }, _session, done) =>
        password === 'swordfish' ? done(null, { user: username ?? '' }) : done(new Error('wrong password')),
      onRcptTo: (_address, _session, done) => {
        if (rejection === 'temporary') return done(Object.assign(new Error('try later'), { responseCode: 451 }))
        if (rejection === 'permanent') return done(Object.assign(new Error('no such box'), { responseCode: 550 }))
        done()
      },
      onData: (stream, session, done) => {
        stream.toArray().then((chunks) => {
          accepted.push({
            mail: Buffer.concat(chunks).toString(),
            user: session.user,
            isSecure: session.secure,
            from: session.envelope.mailFrom ? session.envelope.mailFrom.address : '',
            to: session.envelope.rcptTo.map(({ address }) => address),
          })
          done()
        }, done)
      },
      ...options,
    })
    started.on('error', () => undefined)
    started.listen(0, '127.0.0.1')
    await once(started.server, 'listening')
    return started
  }

  const portOf = ({ server }: SMTPServer) => (server.address() as AddressInfo).port

  const mailFlags = (port: number): Partial<Record<SettingName, string>> => ({
    emailFrom: 'Coder Local <coder@example.com>',
    emailSmarthost: `127.0.0.1:${port}`,
    emailAuthUsername: 'coder',
    emailAuthPassword: 'swordfish',
    emailStartTls: 'true',
    // The test server's certificate is self-signed.
    emailTlsSkipVerify: 'true',
    logLevel: 'error',
  })

  beforeAll(async () => {
    mailServer = await startMailServer()
    clock = fakeClock(new Date())
    server = await startTestServer(mailFlags(portOf(mailServer)), clock)
    await muteOwner(server)
  })
  afterAll(async () => {
    await server.close()
    await new Promise<void>((resolve) => mailServer.close(resolve))
  })
  afterEach(() => {
    rejection = 'none'
    accepted.length = 0
  })

  /** Advances the clock while waiting: the notifier may not have started its timer yet. */
  const statusIs = (userId: string, status: string, attempts: number) =>
    until(`${status} after ${attempts}`, async () => {
      clock.advance(30_000)
      const [message] = await findMessages(server, userId)
      return message?.status === status && message.attempt_count === attempts && message
    })

  test('receives mails with authentication and TLS', async () => {
    const { user } = await server.createUser('ada')
    await notify(server.context.db, {
      ...dormant,
      to: user.id,
      labels: { ...dormant.labels, name: 'dev', reason: 'was <b>idle</b>' },
    })
    const { mail, ...envelope } = await until('the mail', () => accepted[0])
    expect(envelope).toEqual({ user: 'coder', isSecure: true, from: 'coder@example.com', to: ['ada@example.com'] })
    expect(mail).toContain('Subject: =?UTF-8?Q?Workspace_=22dev=22_is_dormant?=')
    const text = mail.replaceAll('=\r\n', '')
    expect(text).toContain(`View workspace: ${server.url}/@ada/dev`)
    expect(text).toContain('<strong>dev</strong>')
    expect(text).toContain('was &lt;b&gt;idle&lt;/b&gt;')
    await statusIs(user.id, 'sent', 1)
  })

  test('that fails temporarily is retried after the interval, up to the maximum number of attempts', async () => {
    const { user } = await server.createUser('grace')
    rejection = 'temporary'
    await notify(server.context.db, { ...dormant, to: user.id })
    const failed = await statusIs(user.id, 'temporary_failure', 1)
    expect(failed.status_reason).toContain('try later')
    expect(failed.next_retry_after?.getTime()).toBe(failed.updated_at.getTime() + 5 * 60_000)
    for (const attempt of [2, 3, 4]) {
      clock.advance(5 * 60_000)
      await statusIs(user.id, 'temporary_failure', attempt)
    }
    clock.advance(5 * 60_000)
    await statusIs(user.id, 'permanent_failure', 5)
    expect(accepted).toEqual([])
  })

  test('that recovers receives the mail', async () => {
    const { user } = await server.createUser('lin')
    rejection = 'temporary'
    await notify(server.context.db, { ...dormant, to: user.id })
    await statusIs(user.id, 'temporary_failure', 1)
    rejection = 'none'
    clock.advance(6 * 60_000)
    await statusIs(user.id, 'sent', 2)
    expect(accepted).toHaveLength(1)
  })

  test('that permanently refuses a receiver is not retried', async () => {
    const { user } = await server.createUser('gone')
    rejection = 'permanent'
    await notify(server.context.db, { ...dormant, to: user.id })
    const message = await statusIs(user.id, 'permanent_failure', 1)
    expect(message.status_reason).toContain('no such box')
  })

  test('a message leased by a terminated coderd is sent when the lease expires', async () => {
    const { user } = await server.createUser('orphan')
    const { db } = server.context
    await server.client.call(updateNotificationsSettings, { body: { notifier_paused: true } })
    await notify(db, { ...dormant, to: user.id })
    await db
      .updateTable('notification_messages')
      .set({ status: 'leased', leased_until: new Date(clock.now().getTime() + 60_000), attempt_count: 1 })
      .where('user_id', '=', user.id)
      .execute()
    await server.client.call(updateNotificationsSettings, { body: { notifier_paused: false } })
    expect((await findMessages(server, user.id))[0]?.status).toBe('leased')
    await statusIs(user.id, 'sent', 2)
  })

  test('with a self-signed certificate is accepted unless TLS is required', async () => {
    const plainMailServer = await startMailServer({ authOptional: true, disabledCommands: ['AUTH'] })
    const plain = await startTestServer({
      emailFrom: 'coder@example.com',
      emailSmarthost: `127.0.0.1:${portOf(plainMailServer)}`,
    })
    await plain.client.call(sendTestNotification)
    expect(await until('the mail', () => accepted[0])).toMatchObject({ isSecure: true })
    await plain.close()
    await new Promise<void>((resolve) => plainMailServer.close(resolve))

    const strict = await startTestServer({ ...mailFlags(portOf(mailServer)), emailTlsSkipVerify: 'false' })
    const { user } = await strict.createUser('strict')
    await notify(strict.context.db, { ...dormant, to: user.id })
    const [message] = await until('the failure', async () => {
      const rows = await findMessages(strict, user.id)
      return rows[0]?.status === 'temporary_failure' && rows
    })
    expect(message?.status_reason).toMatch(/certificate/i)
    await strict.close()
  })

  // 0.0.0.0 connects to this machine, but is not a loopback address.
  test.each([
    ['offers no TLS', { disabledCommands: ['STARTTLS'] }, 'true', /STARTTLS|TLS|500|502/i],
    ['has no valid certificate', {}, 'false', /certificate/i],
  ])('on another machine that %s gets no credentials', async (_, options, emailTlsSkipVerify, reason) => {
    const remote = await startMailServer(options)
    const sender = await startTestServer({
      ...mailFlags(portOf(remote)),
      emailSmarthost: `0.0.0.0:${portOf(remote)}`,
      emailStartTls: 'false',
      emailTlsSkipVerify,
    })
    const { user } = await sender.createUser('remote')
    await notify(sender.context.db, { ...dormant, to: user.id })
    const [message] = await until('the failure', async () => {
      const rows = await findMessages(sender, user.id)
      return rows[0]?.status === 'temporary_failure' && rows
    })
    expect(message?.status_reason).toMatch(reason)
    expect(accepted).toEqual([])
    await sender.close()
    await new Promise<void>((resolve) => remote.close(resolve))
  })
})

describe('a webhook', () => {
  const received: { headers: IncomingHttpHeaders; body: Record<string, unknown> }[] = []
  let status = 200
  let hook: Server
  let server: TestServer
  let clock: FakeClock

  beforeAll(async () => {
    hook = createServer((request, response) => {
      request.toArray().then((chunks) => {
        received.push({ headers: request.headers, body: JSON.parse(Buffer.concat(chunks).toString()) })
        response.writeHead(status).end(status === 200 ? '' : 'not today')
      })
    })
    hook.listen(0, '127.0.0.1')
    await once(hook, 'listening')
    clock = fakeClock(new Date())
    const { port } = hook.address() as AddressInfo
    server = await startTestServer(
      { notificationsMethod: 'webhook', notificationsWebhookEndpoint: `http://127.0.0.1:${port}/hook` },
      clock,
    )
    await muteOwner(server)
  })
  afterAll(async () => {
    await server.close()
    hook.close()
  })
  afterEach(() => {
    received.length = 0
    status = 200
  })

  test('receives the payload in the format of Coder', async () => {
    const { user } = await server.createUser('ada')
    await notify(server.context.db, { ...dormant, to: user.id, data: { n: 1 }, targets: [workspaceId] })
    const { headers, body } = await until('the webhook request', () => received[0])
    expect(headers).toMatchObject({ 'content-type': 'application/json', 'x-message-id': body.msg_id })
    expect(body).toEqual({
      _version: '1.1',
      msg_id: expect.any(String),
      payload: {
        _version: '1.2',
        notification_name: 'Workspace Marked as Dormant',
        notification_template_id: notificationTemplates.workspaceDormant.id,
        user_id: user.id,
        user_email: 'ada@example.com',
        user_name: 'ada',
        user_username: 'ada',
        actions: [{ label: 'View workspace', url: `${server.url}/@ada/dev` }],
        labels: dormant.labels,
        data: { n: 1 },
        targets: [workspaceId],
      },
      title: 'Workspace "dev" is dormant',
      title_markdown: 'Workspace "dev" is dormant',
      body: expect.stringContaining('Your workspace dev is now dormant'),
      body_markdown: expect.stringContaining('Your workspace **dev** is now dormant'),
    })
  })

  test('that fails is retried', async () => {
    const { user } = await server.createUser('grace')
    status = 500
    await notify(server.context.db, { ...dormant, to: user.id })
    const message = await until('the failure', async () => {
      const [row] = await findMessages(server, user.id)
      return row?.status === 'temporary_failure' && row
    })
    expect(message.status_reason).toBe('The webhook responded with 500: not today')
    status = 200
    await until('the message to be sent', async () => {
      clock.advance(15_000)
      return (await findMessages(server, user.id))[0]?.status === 'sent'
    })
    expect(received).toHaveLength(2)
    expect(received[0]?.body.msg_id).toBe(received[1]?.body.msg_id)
    expect(received[0]?.body).toMatchObject({ payload: { data: null, targets: null } })
  })

  test('sent messages are deleted after a week', async () => {
    const { db } = server.context
    clock.advance(8 * 24 * 60 * 60_000)
    await until('the purge', async () => {
      clock.advance(15_000)
      const rows = await db.selectFrom('notification_messages').select('id').where('status', '=', 'sent').execute()
      return rows.length === 0
    })
  })
})
