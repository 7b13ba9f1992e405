// Tools about tasks: giving work to the AI tool of a template, and telling how one's own goes.

import { patchOwnAppStatus } from '../../api/agents/agent-measurements.ts'
import { createTask, deleteTask, getTask, getTaskLogs, listTasks, sendToTask } from '../../api/tasks/tasks.ts'
import { CommandError } from '../output/errors.ts'
import { enumField, stringField, tool } from './tool.ts'

/** `id`, `name` or `owner/name`. */
function paramsOf(task: string): { user: string; task: string } {
  const [first = '', second] = task.split('/')
  return second === undefined ? { user: 'me', task: first } : { user: first, task: second }
}

const taskId = { task_id: stringField('Its id, its name, or owner/name.') }

export const taskTools = [
  tool({
    name: 'coder_create_task',
    description: 'Gives the AI tool of a template something to do, in a workspace made for it.',
    required: {
      input: stringField('What is to be done.'),
      template_version_id: stringField('The id of a version of a template with an AI tool.'),
    },
    optional: {
      template_version_preset_id: stringField('The id of the preset to use.'),
      user: stringField('Whose task it is to be: a user name or id, or "me", which is meant when it is left out.'),
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
      status: enumField(['pending', 'initializing', 'active', 'paused', 'error', 'unknown'], 'Only those.'),
      user: stringField('Whose: a user name, or "me", which is meant when it is left out.'),
    },
    async call({ status, user = 'me' }, { userConnection }) {
      const q = [`owner:"${user}"`, ...(status ? [`status:"${status}"`] : [])].join(' ')
      return (await userConnection().client.call(listTasks, { query: { q } })).tasks
    },
  }),
  tool({
    name: 'coder_get_task_status',
    description: 'Tells how a task is and what its tool last said it was doing.',
    required: taskId,
    optional: {},
    async call({ task_id }, { userConnection }) {
      const { status, current_state } = await userConnection().client.call(getTask, { params: paramsOf(task_id) })
      return { status, state: current_state }
    },
  }),
  tool({
    name: 'coder_send_task_input',
    description: 'Says something to the tool of a task.',
    required: { ...taskId, input: stringField('What to say.') },
    optional: {},
    async call({ task_id, input }, { userConnection }) {
      await userConnection().client.call(sendToTask, { params: paramsOf(task_id), body: { input } })
      return 'It was told.'
    },
  }),
  tool({
    name: 'coder_get_task_logs',
    description: 'Gives the conversation with the tool of a task.',
    required: taskId,
    optional: {},
    call: ({ task_id }, { userConnection }) => userConnection().client.call(getTaskLogs, { params: paramsOf(task_id) }),
  }),
  tool({
    name: 'coder_delete_task',
    description: 'Deletes a task with its workspace and everything in it.',
    required: taskId,
    optional: {},
    async call({ task_id }, { userConnection }) {
      await userConnection().client.call(deleteTask, { params: paramsOf(task_id) })
      return 'The task is being deleted.'
    },
  }),
] as const

/** Only where the server knows in whose name: inside a workspace, for the app named when it was started. */
export const reportTask = tool({
  name: 'coder_report_task',
  description:
    'Tells the person what you are doing. Say it when you begin, at each larger step, when you wait for them and when you are done.',
  required: {
    summary: stringField('What you are doing, in a sentence of at most 160 letters.'),
    link: stringField('An address that shows it, such as that of a pull request; empty for none.'),
    state: enumField(
      ['working', 'idle', 'complete', 'failure'],
      '"working" while you work, "idle" or "complete" when it is the person\'s turn, "failure" when you cannot go on.',
    ),
  },
  optional: {},
  async call({ summary, link, state }, { workspace }) {
    if (!workspace) throw new CommandError('No app was named whose status is told.')
    await workspace.client.call(patchOwnAppStatus, {
      body: { app_slug: workspace.appSlug, state, message: summary.slice(0, maxSummary), uri: link },
    })
    return 'It was told.'
  },
})

// Of what is shown beside a task.
const maxSummary = 160
