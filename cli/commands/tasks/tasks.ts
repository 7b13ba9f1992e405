// `coder task`: creates and manages tasks for the AI tool of a template.

import { readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import {
  createTask,
  deleteTask,
  getTask,
  getTaskLogs,
  listTasks,
  pauseTask,
  resumeTask,
  sendToTask,
  type Task,
  type TaskLogEntry,
} from '../../../api/tasks/tasks.ts'
import { getTemplateVersionPresets } from '../../../api/templates/template-versions.ts'
import { listTemplates } from '../../../api/templates/templates.ts'
import { parseDuration } from '../../arguments/durations.ts'
import { followBuild } from '../../builds/follow-build.ts'
import { type Connection, connect } from '../../connection/connect.ts'
import type { GlobalOptions } from '../../connection/local-deployment.ts'
import { requireTemplate, requireVersion } from '../../lookup/find-template.ts'
import { parseTaskName } from '../../lookup/task-names.ts'
import { CommandError } from '../../output/errors.ts'
import { formatDistance, formatTime } from '../../output/formats.ts'
import { print } from '../../output/print.ts'
import { type ColumnValues, type ListOptions, printList, sortedBy } from '../../output/tables.ts'
import { confirm } from '../../prompts/prompts.ts'

const isAgentHealthy = ({ workspace_agent_health }: Task) =>
  workspace_agent_health ? String(workspace_agent_health.healthy) : ''

const columns: ColumnValues<Task, 'task'> = {
  name: ({ name }) => name,
  status: ({ status }) => status,
  state: ({ current_state }) => current_state?.state ?? '',
  'state changed': ({ current_state }) => formatDistance(current_state?.timestamp),
  message: ({ current_state }) => current_state?.message ?? '',
  id: ({ id }) => id,
  'display name': ({ display_name }) => display_name,
  'organization id': ({ organization_id }) => organization_id,
  'owner id': ({ owner_id }) => owner_id,
  'owner name': ({ owner_name }) => owner_name,
  'owner avatar url': ({ owner_avatar_url }) => owner_avatar_url ?? '',
  'template id': ({ template_id }) => template_id,
  'template version id': ({ template_version_id }) => template_version_id,
  'template name': ({ template_name }) => template_name,
  'template display name': ({ template_display_name }) => template_display_name,
  'template icon': ({ template_icon }) => template_icon,
  'workspace id': ({ workspace_id }) => workspace_id ?? '',
  'workspace name': ({ workspace_name }) => workspace_name,
  'workspace status': ({ workspace_status }) => workspace_status ?? '',
  'workspace build number': ({ workspace_build_number }) => String(workspace_build_number ?? ''),
  'workspace agent id': ({ workspace_agent_id }) => workspace_agent_id ?? '',
  'workspace agent lifecycle': ({ workspace_agent_lifecycle }) => workspace_agent_lifecycle ?? '',
  'workspace agent health': isAgentHealthy,
  'workspace app id': ({ workspace_app_id }) => workspace_app_id ?? '',
  'initial prompt': ({ initial_prompt }) => initial_prompt,
  healthy: (task) =>
    String(task.workspace_agent_health?.healthy === true && task.workspace_agent_lifecycle === 'ready'),
  'created at': ({ created_at }) => formatTime(created_at),
  'updated at': ({ updated_at }) => formatTime(updated_at),
}

interface TasksOptions extends GlobalOptions, ListOptions<'tasks'> {
  readonly all?: boolean
  readonly user?: string
  readonly status?: string
  readonly quiet?: boolean
}

export async function listTasksCommand(_args: readonly string[], options: TasksOptions): Promise<void> {
  const { client } = await connect(options)
  const owner = options.all ? '' : `owner:${options.user ?? 'me'}`
  const q = [owner, options.status ? `status:${options.status}` : ''].filter(Boolean).join(' ')
  const { tasks } = await client.call(listTasks, { query: { q } })
  if (options.quiet) return print(tasks.map(({ id }) => id).join('\n'))
  const rows = sortedBy(tasks, columns.name)
  printList(columns, rows, options, { json: tasks, whenEmpty: 'No tasks found. `coder task create` creates one.' })
}

interface CreateOptions extends GlobalOptions {
  readonly name?: string
  readonly owner: string
  readonly template?: string
  readonly templateVersion?: string
  readonly preset: string
  readonly stdin?: boolean
  readonly quiet?: boolean
  readonly org?: string
}

export async function createTaskCommand([prompt]: readonly string[], options: CreateOptions): Promise<void> {
  const connection = await connect(options)
  const input = prompt ?? readFileSync(0, 'utf8').trim()
  if (input === '') throw new CommandError('The prompt is empty.', { hint: 'describe the task.' })
  const versionId = await chooseVersion(connection, options)
  const preset = options.preset === 'none' ? undefined : await findPreset(connection, versionId, options.preset)
  const task = await connection.client.call(createTask, {
    params: { user: options.owner },
    body: {
      template_version_id: versionId,
      input,
      ...(options.name ? { name: options.name } : {}),
      ...(preset ? { template_version_preset_id: preset } : {}),
    },
  })
  print(options.quiet ? task.id : `Task ${task.name} was created and is starting.`)
}

async function chooseVersion(connection: Connection, options: CreateOptions): Promise<string> {
  const templates = await connection.client.call(listTemplates, { query: { q: 'has-ai-task:true' } })
  const only = templates.length === 1 ? templates[0]?.name : undefined
  const name = options.template ?? only
  if (!name)
    throw new CommandError('No template was selected.', {
      detail: `Templates with an AI tool: ${templates.map((template) => template.name).join(', ') || 'none'}`,
      hint: 'select one with --template.',
    })
  const template = await requireTemplate(connection, name, options.org)
  if (!options.templateVersion) return template.active_version_id
  return (await requireVersion(connection, template, options.templateVersion)).id
}

async function findPreset({ client }: Connection, versionId: string, name: string): Promise<string> {
  const presets = (await client.call(getTemplateVersionPresets, { params: { templateversion: versionId } })) ?? []
  const preset = presets.find(({ Name, Default }) => (name === '' ? Default : Name === name))
  if (preset) return preset.ID
  throw new CommandError(`The template has no preset ${name}.`, {
    detail: `Presets: ${presets.map(({ Name }) => Name).join(', ') || 'none'}`,
  })
}

/** Until the tool reports a state, the last change is that of the task itself. */
const statusColumns: ColumnValues<Task, 'task'> = {
  ...columns,
  'state changed': ({ current_state, updated_at }) => formatDistance(current_state?.timestamp ?? updated_at),
}

export async function showTask(
  [name = '']: readonly string[],
  options: GlobalOptions & ListOptions<'task'> & { watch?: boolean; watchInterval: string },
): Promise<void> {
  const { client } = await connect(options)
  const params = parseTaskName(name)
  const everyMs = parseDuration(options.watchInterval, '--watch-interval')
  for (let last = ''; ; await sleep(everyMs)) {
    const task = await client.call(getTask, { params })
    const current = JSON.stringify([task.status, task.current_state])
    if (current !== last) printList(statusColumns, [task], options, { json: task, whenEmpty: '' })
    last = current
    if (!options.watch || hasFinished(task)) return
  }
}

const hasFinished = ({ status, current_state }: Task) =>
  status === 'paused' || status === 'error' || ['idle', 'complete', 'failed'].includes(current_state?.state ?? '')

const logColumns: ColumnValues<TaskLogEntry, 'taskLogs'> = {
  type: ({ type }) => type,
  content: ({ content }) => content,
  id: ({ id }) => String(id),
  time: ({ time }) => formatTime(time),
}

export async function showTaskLogs(
  [name = '']: readonly string[],
  options: GlobalOptions & ListOptions<'taskLogs'>,
): Promise<void> {
  const { client } = await connect(options)
  const answer = await client.call(getTaskLogs, { params: parseTaskName(name) })
  printList(logColumns, answer.logs, options, { whenEmpty: 'No messages yet.' })
}

export async function send(
  [name = '', message]: readonly string[],
  options: GlobalOptions & { stdin?: boolean },
): Promise<void> {
  const input = message ?? readFileSync(0, 'utf8').trim()
  if (input === '') throw new CommandError('The message is empty.', { hint: 'pass a message.' })
  const { client } = await connect(options)
  await client.call(sendToTask, { params: parseTaskName(name), body: { input } })
  print(`Sent the message to ${name}.`)
}

export async function removeTasks(names: readonly string[], options: GlobalOptions & { yes?: boolean }): Promise<void> {
  const { client } = await connect(options)
  const tasks: Task[] = []
  for (const name of names) tasks.push(await client.call(getTask, { params: parseTaskName(name) }))
  const fullNames = tasks.map(({ owner_name, name }) => `${owner_name}/${name}`).join(', ')
  await confirm(`Delete ${fullNames}? This deletes their workspaces too.`, { skip: options.yes ?? false })
  for (const { id, name, owner_name: user } of tasks) {
    await client.call(deleteTask, { params: { user, task: id } })
    print(`Task ${name} is being deleted.`)
  }
}

export async function pause([name = '']: readonly string[], options: GlobalOptions): Promise<void> {
  const connection = await connect(options)
  const { workspace_build } = await connection.client.call(pauseTask, { params: parseTaskName(name) })
  await followBuild(connection, workspace_build)
  print(`Task ${name} is paused.`)
}

export async function resume([name = '']: readonly string[], options: GlobalOptions): Promise<void> {
  const connection = await connect(options)
  const { workspace_build } = await connection.client.call(resumeTask, { params: parseTaskName(name) })
  await followBuild(connection, workspace_build)
  print(`Task ${name} was resumed.`)
}
