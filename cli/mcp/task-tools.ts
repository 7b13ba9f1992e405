// Tools for tasks: creating and observing tasks, and reporting the status of one's own.

import { patchOwnAppStatus } from '../../api/agents/agent-measurements.ts'
import { createTask, deleteTask, getTask, getTaskLogs, listTasks, sendToTask } from '../../api/tasks/tasks.ts'
import { parseTaskName } from '../lookup/task-names.ts'
import { CommandError } from '../output/errors.ts'
import { enumField, stringField, tool } from './tool.ts'

const taskId = { task_id: stringField('The ID of the task, its name, or owner/name.') }

export const taskTools = [
  tool({
    name: 'coder_create_task',
    description: 'Creates a task for the AI tool of a template, in a new workspace.',
    required: {
      input: stringField('The prompt.'),
      template_version_id: stringField('The ID of a version of a template with an AI tool.'),
    },
    optional: {
      template_version_preset_id: stringField('The ID of the preset to use.'),
      user: stringField('The owner: a username, an ID, or "me" (default).'),
    },
    call: ({ input, template_version_id, template_version_preset_id, user = 'me' }, { userConnection }) =>
      userConnection().client.call(createTask, {
        params: { user },
        body: { input, template_version_id, ...(template_version_preset_id && { template_version_preset_id }) },
      }),
  }),
  tool({
    name: 'coder_list_tasks',
    description: 'Lists tasks with their status.',
    required: {},
    optional: {
      status: enumField(
        ['pending', 'initializing', 'active', 'paused', 'error', 'unknown'],
        'Only tasks with this status.',
      ),
      user: stringField('The owner: a username, or "me" (default).'),
    },
    async call({ status, user = 'me' }, { userConnection }) {
      const q = [`owner:"${user}"`, ...(status ? [`status:"${status}"`] : [])].join(' ')
      return (await userConnection().client.call(listTasks, { query: { q } })).tasks
    },
  }),
  tool({
    name: 'coder_get_task_status',
    description: 'Returns the status of a task and the last state reported by its tool.',
    required: taskId,
    optional: {},
    async call({ task_id }, { userConnection }) {
      const { status, current_state } = await userConnection().client.call(getTask, { params: parseTaskName(task_id) })
      return { status, state: current_state }
    },
  }),
  tool({
    name: 'coder_send_task_input',
    description: 'Sends a message to the tool of a task.',
    required: { ...taskId, input: stringField('The message.') },
    optional: {},
    async call({ task_id, input }, { userConnection }) {
      await userConnection().client.call(sendToTask, { params: parseTaskName(task_id), body: { input } })
      return 'The message was sent.'
    },
  }),
  tool({
    name: 'coder_get_task_logs',
    description: 'Returns the conversation with the tool of a task.',
    required: taskId,
    optional: {},
    call: ({ task_id }, { userConnection }) =>
      userConnection().client.call(getTaskLogs, { params: parseTaskName(task_id) }),
  }),
  tool({
    name: 'coder_delete_task',
    description: 'Deletes a task, its workspace and all of its data.',
    required: taskId,
    optional: {},
    async call({ task_id }, { userConnection }) {
      await userConnection().client.call(deleteTask, { params: parseTaskName(task_id) })
      return 'The task is being deleted.'
    },
  }),
] as const

/** Available only inside a workspace, for the app of --app-status-slug. */
export const reportTask = tool({
  name: 'coder_report_task',
  description:
    'Reports your status to the user. Call it when you start, at each major step, when you wait for the user and when you are done.',
  required: {
    summary: stringField('What you are doing, in a sentence of at most 160 characters.'),
    link: stringField('A related URL, such as a pull request; empty for none.'),
    state: enumField(
      ['working', 'idle', 'complete', 'failure'],
      '"working" while you work, "idle" or "complete" when it is the user\'s turn, "failure" when you cannot continue.',
    ),
  },
  optional: {},
  async call({ summary, link, state }, { workspace }) {
    if (!workspace) throw new CommandError('No app was configured for status reports.')
    await workspace.client.call(patchOwnAppStatus, {
      body: { app_slug: workspace.appSlug, state, message: summary.slice(0, maxSummary), uri: link },
    })
    return 'The status was reported.'
  },
})

// The limit of an app status message.
const maxSummary = 160
