// Jobs in a database without coderd or engine, for tests of the job queue.

import { createHash, randomUUID } from 'node:crypto'
import { type Channels, openChannels } from '../database/channels.ts'
import { connectDatabase, type DatabaseConnection, type Db } from '../database/connect.ts'
import { type Events, openEvents } from '../events.ts'
import { daemonTags } from '../jobs/acquire-job.ts'
import { createTestDatabase } from './postgres.ts'

export interface JobFixture extends DatabaseConnection {
  readonly channels: Channels
  readonly events: Events
  /** Creates a pending import job. @returns its ID */
  addJob(values?: { tags?: Record<string, string>; createdAt?: Date }): Promise<string>
}

export async function openJobFixture(): Promise<JobFixture> {
  const database = await createTestDatabase()
  const connection = connectDatabase({ url: database.url })
  const channels = await openChannels({ url: database.url })
  const events = await openEvents(channels)
  const { db } = connection
  const initiator = await insertUser(db)
  const fileId = await insertFile(db, initiator)
  const { id: organizationId } = await db.selectFrom('organizations').select('id').executeTakeFirstOrThrow()
  return {
    ...connection,
    channels,
    events,
    async addJob({ tags = daemonTags, createdAt = new Date() } = {}) {
      const { id } = await db
        .insertInto('provisioner_jobs')
        .values({
          organization_id: organizationId,
          initiator_id: initiator,
          type: 'template_version_import',
          file_id: fileId,
          tags: JSON.stringify(tags),
          created_at: createdAt,
        })
        .returning('id')
        .executeTakeFirstOrThrow()
      return id
    },
    async close() {
      await channels.close()
      await connection.close()
      await database.drop()
    },
  }
}

async function insertUser(db: Db): Promise<string> {
  const { id } = await db
    .insertInto('users')
    .values({ username: 'ada', email: 'ada@example.com' })
    .returning('id')
    .executeTakeFirstOrThrow()
  return id
}

async function insertFile(db: Db, userId: string): Promise<string> {
  const data = Buffer.from(randomUUID())
  const hash = createHash('sha256').update(data).digest('hex')
  const { id } = await db
    .insertInto('files')
    .values({ hash, created_by: userId, mimetype: 'application/x-tar', data })
    .returning('id')
    .executeTakeFirstOrThrow()
  return id
}
