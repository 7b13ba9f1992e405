// `coder exp scaletest create-workspaces` and `cleanup`: creates many users with a workspace each, and deletes them.

import { randomUUID } from 'node:crypto'
import { createUser, type User } from '../../../api/account/users.ts'
import { createWorkspace } from '../../../api/workspaces/workspaces.ts'
import { parseDuration } from '../../arguments/durations.ts'
import type { NamedValue } from '../../arguments/name-value-pairs.ts'
import { resolveParameters } from '../../builds/resolve-parameters.ts'
import { type Connection, connect } from '../../connection/connect.ts'
import type { GlobalOptions } from '../../connection/local-deployment.ts'
import { requireOrganization } from '../../lookup/find-organization.ts'
import { requireTemplate } from '../../lookup/find-template.ts'
import { CommandError } from '../../output/errors.ts'
import { note, print } from '../../output/print.ts'
import { confirm } from '../../prompts/prompts.ts'
import { type Job, type Results, requireAllPassed, runJobs, writeResults } from '../../scaletest/run-jobs.ts'
import { type CleanupFlags, parseCleanupStrategy, parseStrategy, type StrategyFlags } from '../../scaletest/strategy.ts'
import {
  agentsOf,
  deleteWorkspace,
  emailOf,
  findUsers,
  findWorkspaces,
  namePrefix,
  removeUser,
  waitForAgents,
  waitForBuild,
} from '../../scaletest/test-workspaces.ts'
import { attachPty } from '../../terminals/pty-attachment.ts'

interface CreateOptions extends GlobalOptions, StrategyFlags, CleanupFlags {
  readonly count: number
  readonly template: string
  readonly parameter?: readonly string[]
  readonly useHostLogin?: boolean
  readonly cleanup: boolean
  readonly waitForAgents: boolean
  readonly runCommand?: string
  readonly runTimeout: string
  readonly runExpectOutput?: string
  readonly runLogOutput?: boolean
  readonly output?: readonly string[]
}

export async function createWorkspaces(_args: readonly string[], options: CreateOptions): Promise<void> {
  if (options.count < 1) throw new CommandError('--count must be at least 1.')
  const connection = await connect(options)
  const template = await requireTemplate(connection, options.template, undefined)
  const form = { versionId: template.active_version_id, isClassic: template.use_classic_parameter_flow }
  const flags = { parameter: options.parameter ?? [], yes: true }
  const { values } = await resolveParameters(connection, form, flags, {})
  const organizationId = (await requireOrganization(connection.client)).id
  const jobs = Array.from({ length: options.count }, (_, index) =>
    createWorkspaceJob(connection, { ...options, index, templateId: template.id, values, organizationId }),
  )
  note(`Creating ${options.count} workspaces of ${template.name}, ${options.concurrency || 'all'} at a time …`)
  const results = await runJobs('workspacebuild', jobs, parseStrategy(options))
  if (options.cleanup) await deleteAll(connection, options)
  writeResults(results, options.output)
  requireAllPassed(results)
}

interface WorkspaceJobOptions extends CreateOptions {
  readonly index: number
  readonly templateId: string
  readonly values: NamedValue[]
  readonly organizationId: string
}

function createWorkspaceJob(connection: Connection, options: WorkspaceJobOptions): Job {
  const { client } = connection
  return {
    id: String(options.index),
    async run(signal, log): Promise<Record<string, number>> {
      const startedAt = performance.now()
      const elapsedMs = () => Math.round(performance.now() - startedAt)
      // Names have at most 32 characters.
      const name = `${namePrefix}${options.index}-${randomUUID().slice(0, 8)}`
      const user = options.useHostLogin
        ? 'me'
        : (await createTestUser(connection, name, options.organizationId, signal)).id
      const body = { name, template_id: options.templateId, rich_parameter_values: options.values }
      const { id, latest_build } = await client.call(createWorkspace, { params: { user }, body, signal })
      await waitForBuild(connection, latest_build.id, signal)
      const built = elapsedMs()
      log(`${name} was built in ${built} ms.`)
      if (!options.waitForAgents) return { build_ms: built }
      const workspace = await waitForAgents(connection, id, signal)
      const connected = elapsedMs()
      log(`Its agents connected after ${connected} ms.`)
      const [agent] = agentsOf(workspace)
      if (options.runCommand && agent) await runCommand(connection, agent.id, options, signal, log)
      return { build_ms: built, agents_ms: connected }
    },
  }
}

function createTestUser(
  { client }: Connection,
  username: string,
  organizationId: string,
  signal: AbortSignal,
): Promise<User> {
  const body = {
    username,
    email: emailOf(username),
    login_type: 'none' as const,
    user_status: 'active' as const,
    organization_ids: [organizationId],
  }
  return client.call(createUser, { body, signal })
}

/** @throws CommandError when the command fails, times out, or prints unexpected output */
async function runCommand(
  connection: Connection,
  agentId: string,
  { runCommand: command = '', runTimeout, runExpectOutput, runLogOutput }: CreateOptions,
  signal: AbortSignal,
  log: (line: string) => void,
): Promise<void> {
  let output = ''
  const onOutput = (bytes: Buffer) => {
    output += bytes.toString()
  }
  const pty = attachPty(connection, { agentId, id: randomUUID(), command, cols: 80, rows: 24, onOutput })
  const limit = AbortSignal.any([signal, AbortSignal.timeout(parseDuration(runTimeout, '--run-timeout'))])
  limit.addEventListener('abort', () => pty.detach())
  const exit = await pty.ended
  if (runLogOutput) log(output)
  if (!exit) throw new CommandError(`The command did not finish within ${runTimeout}.`)
  if (exit.code !== 0)
    throw new CommandError(`The command failed with exit status ${exit.code}.`, { detail: output.trim() })
  if (runExpectOutput !== undefined && !output.includes(runExpectOutput))
    throw new CommandError(`The command did not print "${runExpectOutput}".`, { detail: output.trim() })
}

export async function cleanUp(
  _args: readonly string[],
  options: GlobalOptions & CleanupFlags & { yes?: boolean },
): Promise<void> {
  const connection = await connect(options)
  const [workspaces, users] = [await findWorkspaces(connection), await findUsers(connection)]
  if (workspaces.length + users.length === 0) return print('No users or workspaces of load tests found.')
  const all = [...workspaces.map(({ owner_name, name }) => `${owner_name}/${name}`), ...users.map(({ email }) => email)]
  note(all.join('\n'))
  await confirm(`Delete ${workspaces.length} workspaces and ${users.length} users?`, { skip: options.yes ?? false })
  for (const results of await deleteAll(connection, options)) requireAllPassed(results)
  print(`Deleted ${workspaces.length} workspaces and ${users.length} users.`)
}

/** Workspaces first: a user who owns workspaces cannot be deleted. */
async function deleteAll(connection: Connection, flags: CleanupFlags): Promise<Results[]> {
  const strategy = parseCleanupStrategy(flags)
  const jobOf =
    <T extends { id: string }>(remove: (connection: Connection, item: T, signal: AbortSignal) => Promise<void>) =>
    (item: T): Job => ({
      id: item.id,
      async run(signal) {
        await remove(connection, item, signal)
        return {}
      },
    })
  const workspaces = await runJobs('cleanup', (await findWorkspaces(connection)).map(jobOf(deleteWorkspace)), strategy)
  const users = await runJobs('cleanup', (await findUsers(connection)).map(jobOf(removeUser)), strategy)
  for (const run of [workspaces, users].flatMap(({ runs }) => Object.values(runs)))
    if (run.error !== null) note(`${run.full_id}: ${run.error}`)
  return [workspaces, users]
}
