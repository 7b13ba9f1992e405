// Property tests of the workspace list: compares random queries on random workspaces with a simple filter over objects.

import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { WorkspaceAgentStatus } from '../../api/agents/agents.ts'
import type { WorkspaceStatus, WorkspaceTransition } from '../../api/workspaces/builds.ts'
import { deriveWorkspaceStatus } from '../builds/workspace-status.ts'
import type { JobStatus } from '../database/schema.ts'
import { type JobFixture, openJobFixture } from '../testing/job-fixture.ts'
import { createFindAll } from './find-all-workspaces.ts'
import { findWorkspaces } from './find-workspaces.ts'
import { parseWorkspaceSearch } from './workspace-search.ts'

/** A deterministic pseudorandom generator. */
function randomFrom(seed: number): () => number {
  let state = seed
  return () => {
    state = (state * 1_103_515_245 + 12_345) % 2 ** 31
    return state / 2 ** 31
  }
}
const random = randomFrom(20_261_124)
const pick = <T>(items: readonly T[]): T => items[Math.floor(random() * items.length)] as T
const isLikely = (part: number) => random() < part

interface Model {
  readonly id: string
  readonly owner: TestUser
  readonly name: string
  readonly template: string
  readonly transition: WorkspaceTransition
  readonly job: JobStatus
  readonly isOutdated: boolean
  readonly isDormant: boolean
  readonly isFavorite: boolean
  readonly lastUsed: Date
  readonly agents: readonly WorkspaceAgentStatus[]
  readonly userAcl: Record<string, string>
  readonly groupAcl: Record<string, string>
  readonly parameters: Record<string, string>
}

interface TestUser {
  readonly id: string
  readonly username: string
}

const users = ['ada', 'Bob', 'carol', 'dave'].map((username): TestUser => ({ id: randomUUID(), username }))
const templates = ['docker', 'Kube', 'plain']
const transitions: readonly WorkspaceTransition[] = ['start', 'stop', 'delete']
const jobs: readonly JobStatus[] = ['pending', 'running', 'succeeded', 'succeeded', 'failed', 'canceled', 'canceling']
const agentStatuses: readonly WorkspaceAgentStatus[] = ['connecting', 'connected', 'disconnected', 'timeout']

let fixture: JobFixture
let models: Model[]
let organizationId: string

beforeAll(async () => {
  fixture = await openJobFixture()
  const { db } = fixture
  organizationId = (await db.selectFrom('organizations').select('id').executeTakeFirstOrThrow()).id
  await db.deleteFrom('files').execute()
  await db.deleteFrom('users').execute()
  await db
    .insertInto('users')
    .values(users.map((user) => ({ ...user, email: `${user.username}@example.com` })))
    .execute()
  const versions = new Map<string, { templateId: string; active: string; old: string }>()
  for (const name of templates) versions.set(name, await insertTemplate(name))
  models = Array.from({ length: 120 }, (_, index) => makeModel(index))
  for (const model of models) await insert(model, versions.get(model.template) as never)
})
afterAll(() => fixture.close())

function makeModel(index: number): Model {
  const owner = pick(users)
  const others = users.filter(({ id }) => id !== owner.id)
  return {
    id: randomUUID(),
    owner,
    name: `${pick(['dev', 'Web', 'x-ray', 'data'])}-${index}`,
    template: pick(templates),
    transition: pick(transitions),
    job: pick(jobs),
    isOutdated: isLikely(0.3),
    isDormant: isLikely(0.2),
    isFavorite: isLikely(0.3),
    lastUsed: new Date(Date.UTC(2026, 0, 1 + Math.floor(random() * 100))),
    agents: Array.from({ length: Math.floor(random() * 3) }, () => pick(agentStatuses)),
    userAcl: isLikely(0.2) ? { [pick(others).id]: pick(['use', 'admin']) } : {},
    groupAcl: isLikely(0.1) ? { [organizationId]: 'use' } : {},
    parameters: isLikely(0.5) ? { Region: pick(['eu', 'US']), size: pick(['1', '2']) } : {},
  }
}

let fileId: string | undefined
async function insertJob(status: JobStatus, type: 'workspace_build' | 'template_version_import'): Promise<string> {
  const { db } = fixture
  const [{ id: userId }] = users as [TestUser]
  fileId ??= (
    await db
      .insertInto('files')
      .values({ hash: '0'.repeat(64), created_by: userId, mimetype: 'application/x-tar', data: Buffer.alloc(1) })
      .returning('id')
      .executeTakeFirstOrThrow()
  ).id
  const at = new Date()
  const isOver = status === 'succeeded' || status === 'canceled' || status === 'failed'
  const { id, job_status } = await db
    .insertInto('provisioner_jobs')
    .values({
      organization_id: organizationId,
      initiator_id: userId,
      type,
      file_id: fileId,
      started_at: status === 'pending' ? null : at,
      completed_at: isOver ? at : null,
      canceled_at: status === 'canceled' || status === 'canceling' ? at : null,
      error: status === 'failed' ? 'it failed' : null,
    })
    .returning(['id', 'job_status'])
    .executeTakeFirstOrThrow()
  expect(job_status).toBe(status)
  return id
}

async function insertTemplate(name: string) {
  const { db } = fixture
  const [{ id: userId }] = users as [TestUser]
  const insertVersion = async () =>
    db
      .insertInto('template_versions')
      .values({
        organization_id: organizationId,
        name: randomUUID(),
        job_id: await insertJob('succeeded', 'template_version_import'),
        created_by: userId,
      })
      .returning('id')
      .executeTakeFirstOrThrow()
  const [active, old] = [(await insertVersion()).id, (await insertVersion()).id]
  const { id: templateId } = await db
    .insertInto('templates')
    .values({ organization_id: organizationId, name, active_version_id: active, created_by: userId })
    .returning('id')
    .executeTakeFirstOrThrow()
  return { templateId, active, old }
}

async function insert(model: Model, version: { templateId: string; active: string; old: string }): Promise<void> {
  const { db } = fixture
  await db
    .insertInto('workspaces')
    .values({
      id: model.id,
      organization_id: organizationId,
      owner_id: model.owner.id,
      template_id: version.templateId,
      name: model.name,
      favorite: model.isFavorite,
      dormant_at: model.isDormant ? new Date() : null,
      last_used_at: model.lastUsed,
      user_acl: JSON.stringify(model.userAcl),
      group_acl: JSON.stringify(model.groupAcl),
    })
    .execute()
  // Earlier builds must not affect the result.
  await insertBuild(model, version.old, 1, { transition: 'start', job: 'succeeded' })
  const buildId = await insertBuild(model, model.isOutdated ? version.old : version.active, 2, model)
  for (const [name, value] of Object.entries(model.parameters)) {
    await db.insertInto('workspace_build_parameters').values({ workspace_build_id: buildId, name, value }).execute()
  }
}

async function insertBuild(
  model: Model,
  versionId: string,
  number: number,
  { transition, job }: Pick<Model, 'transition' | 'job'>,
): Promise<string> {
  const { db } = fixture
  const jobId = await insertJob(job, 'workspace_build')
  const { id } = await db
    .insertInto('workspace_builds')
    .values({
      workspace_id: model.id,
      template_version_id: versionId,
      build_number: number,
      transition,
      initiator_id: model.owner.id,
      job_id: jobId,
    })
    .returning('id')
    .executeTakeFirstOrThrow()
  if (number === 1) return id
  for (const [index, status] of model.agents.entries()) await insertAgent(jobId, `agent-${index}`, status)
  return id
}

async function insertAgent(jobId: string, name: string, status: WorkspaceAgentStatus): Promise<void> {
  const { db } = fixture
  const { id: resourceId } = await db
    .insertInto('workspace_resources')
    .values({ job_id: jobId, transition: 'start', type: 't', name })
    .returning('id')
    .executeTakeFirstOrThrow()
  const longAgo = new Date(Date.now() - 3_600_000)
  const times = {
    connecting: {},
    timeout: { created_at: longAgo },
    connected: { first_connected_at: longAgo, last_connected_at: new Date(Date.now() + 3_600_000) },
    disconnected: { first_connected_at: longAgo, last_connected_at: longAgo, disconnected_at: longAgo },
  }[status]
  await db
    .insertInto('workspace_agents')
    .values({ resource_id: resourceId, name, operating_system: 'linux', architecture: 'amd64', ...times })
    .execute()
}

type Test = (model: Model, viewer: TestUser) => boolean
const statusOf = ({ transition, job }: Model): WorkspaceStatus => deriveWorkspaceStatus(transition, job)
const isShared = (model: Model) => Object.keys({ ...model.userAcl, ...model.groupAcl }).length > 0

/** A random term and its predicate. */
function makeTerm(): [string, Test] {
  const flag = isLikely(0.5)
  const user = pick(users)
  const time = new Date(Date.UTC(2026, 0, 1 + Math.floor(random() * 100), 12))
  const name = pick(['dev', 'web', 'AY', '-1', '7'])
  const status = pick(['running', 'stopped', 'failed', 'pending', 'canceled', 'deleting', 'starting'] as const)
  const agent = pick(agentStatuses)
  const template = pick(templates)
  const size = pick(['1', '2'])
  const has = (model: Model, ...wanted: WorkspaceAgentStatus[]) =>
    model.agents.some((status) => wanted.includes(status))
  return pick<[string, Test]>([
    [`owner:${user.username}`, (model) => model.owner === user],
    ['owner:ME', (model, viewer) => model.owner === viewer],
    [name, (model) => model.name.toLowerCase().includes(name.toLowerCase())],
    [`name:"${name}"`, (model) => model.name.toLowerCase().includes(name.toLowerCase())],
    [
      `${user.username}/${name}`,
      (model) => model.owner === user && model.name.toLowerCase().includes(name.toLowerCase()),
    ],
    [`template:${template}`, (model) => model.template === template],
    [`status:${status}`, (model) => statusOf(model) === status],
    [`outdated:${flag}`, (model) => model.isOutdated === flag],
    [`dormant:${flag}`, (model) => model.isDormant === flag],
    [`has-agent:${agent}`, (model) => has(model, agent)],
    [`has-agent:connected,${agent}`, (model) => has(model, 'connected', agent)],
    [`healthy:${flag}`, (model) => (flag ? has(model, 'connected') : has(model, 'disconnected', 'timeout'))],
    [`last_used_after:"${time.toISOString()}"`, (model) => model.lastUsed > time],
    [`last_used_before:"${time.toISOString()}"`, (model) => model.lastUsed < time],
    [`shared:${flag}`, (model) => isShared(model) === flag],
    [`shared_with_user:${user.username}`, (model) => user.id in model.userAcl],
    ['shared_with_group:everyone', (model) => organizationId in model.groupAcl],
    ['param:region', (model) => 'Region' in model.parameters],
    [`param:size=${size}`, (model) => model.parameters.size === size],
    ['param:region=us param:size=1', (model) => model.parameters.Region === 'US' && model.parameters.size === '1'],
    ['organization:coder', () => true],
    ['organization:elsewhere', () => false],
    ['has-ai-task:false', () => true],
    ['has_external_agent:true', () => false],
  ])
}

const keyOf = (term: string) => /^([a-z_-]+):/i.exec(term)?.[1] ?? (term.includes('/') ? 'owner' : '')

function ordered(viewer: TestUser, list: readonly Model[]): Model[] {
  const isFirst = (model: Model) => model.isFavorite && model.owner === viewer
  const isRunning = (model: Model) => statusOf(model) === 'running'
  const byText = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0)
  return list.toSorted(
    (a, b) =>
      Number(isFirst(b)) - Number(isFirst(a)) ||
      Number(isRunning(b)) - Number(isRunning(a)) ||
      byText(a.owner.username.toLowerCase(), b.owner.username.toLowerCase()) ||
      byText(a.name.toLowerCase(), b.name.toLowerCase()),
  )
}

test('random queries return the page of the model', async () => {
  const findAll = createFindAll(fixture.pool)
  for (let round = 0; round < 400; round++) {
    const viewer = pick(users)
    const mayReadAll = isLikely(0.5)
    const terms = Array.from({ length: Math.floor(random() * 4) }, makeTerm).filter(
      ([term], index, all) => all.findIndex(([other]) => keyOf(other) === keyOf(term)) === index,
    )
    const query = terms.map(([term]) => (isLikely(0.3) ? term.toUpperCase() : term)).join(pick([' ', '  ', '\t']))
    const maySee = (model: Model) =>
      mayReadAll || model.owner === viewer || viewer.id in model.userAcl || organizationId in model.groupAcl
    const expected = ordered(
      viewer,
      models.filter((model) => maySee(model) && terms.every(([, matches]) => matches(model, viewer))),
    )
    const page = { limit: pick([0, 1, 5, 25]), offset: pick([0, 0, 3, 500]) }
    const found = await findWorkspaces(
      fixture.db,
      { id: viewer.id, mayReadAll, groupIds: [organizationId] },
      parseWorkspaceSearch(query),
      page,
    )
    if (terms.length === 0 && mayReadAll && page.limit > 0) expect(await findAll(viewer.id, page)).toEqual(found)
    const nameOf = (id: string) => models.find((model) => model.id === id)?.name
    expect({ query, viewer, ...found, ids: found.ids.map(nameOf) }).toEqual({
      query,
      viewer,
      count: expected.length,
      ids: expected.slice(page.offset, page.limit === 0 ? undefined : page.offset + page.limit).map(({ name }) => name),
    })
  }
})

describe('an invalid query is refused with the reason', () => {
  test.each([
    ['nonsense:1', '"nonsense" is not a valid search key'],
    ['__proto__:1', '"__proto__" is not a valid search key'],
    ['constructor:1', '"constructor" is not a valid search key'],
    ['a:b:c', 'more than one colon'],
    ['owner:', 'must be a key'],
    ['owner:a owner:b', '"owner" occurs more than once'],
    ['status:happy', '"status" is one of pending'],
    ['outdated:maybe', '"outdated" is true or false'],
    ['healthy:very', '"healthy" is true or false'],
    ['has-agent:connected,asleep', '"has-agent" is one or more of'],
    ['id:7', '"id" is a UUID'],
    ['last_used_after:yesterday', '"last_used_after" is a time'],
    ['last_used_after:2026-01-01T00:00:00Z', 'more than one colon'],
    ['param:=1', '"param" is a name'],
    ['name:a\0b', 'a zero byte'],
  ])('%s', (query, reason) => {
    expect(() => parseWorkspaceSearch(query)).toThrow(
      expect.objectContaining({
        status: 400,
        message: 'Invalid workspace search query.',
        validations: [{ field: reason.match(/^"(\w[\w-]*)"/)?.[1] ?? 'q', detail: expect.stringContaining(reason) }],
      }),
    )
  })
})

test.each([
  ["'; drop table workspaces; --"],
  ['%'],
  ['_'],
  ['\\'],
  ['name:"\u0001"'],
  ['"'],
  ['(((((a+)+)+)+)+)$'],
  ['owner:"me'],
  ['🙂 日本'],
  [':'.repeat(3)],
  ['"a:'.repeat(4_000)],
  [`${'a:"b" '.repeat(1_000)}`],
])('%j is searched as text', async (query) => {
  const viewer = { id: (users[0] as TestUser).id, mayReadAll: true, groupIds: [] }
  try {
    await findWorkspaces(fixture.db, viewer, parseWorkspaceSearch(query), { limit: 25, offset: 0 })
  } catch (error) {
    expect(error).toMatchObject({ status: 400 })
  }
  expect(await findWorkspaces(fixture.db, viewer, parseWorkspaceSearch(''), { limit: 1, offset: 0 })).toMatchObject({
    count: models.length,
  })
})

test('the cached count changes with each created and deleted workspace', async () => {
  const findAll = createFindAll(fixture.pool)
  const viewer = (users[0] as TestUser).id
  const count = async () => (await findAll(viewer, { limit: 1, offset: 0 })).count
  const before = await count()
  const [model] = models as [Model]
  const mark = (deleted: boolean) =>
    fixture.db.updateTable('workspaces').set({ deleted }).where('id', '=', model.id).execute()
  await mark(true)
  expect(await count()).toBe(before - 1)
  await mark(false)
  expect([await count(), await count()]).toEqual([before, before])
})
