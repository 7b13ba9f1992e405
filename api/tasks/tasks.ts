// Tasks: a prompt for an AI tool, and the workspace that the tool runs in.

import { type Static, Type } from 'typebox'
import { WorkspaceAgentHealth, WorkspaceAgentLifecycle } from '../agents/agents.ts'
import { DisplayName, maybe, nullable, OptionalName, oneOf, Timestamp, Uuid } from '../common.ts'
import { agent, type Endpoint, endpoint, user } from '../endpoint.ts'
import { WorkspaceBuild, WorkspaceStatus } from '../workspaces/builds.ts'

export const TaskStatus = oneOf(['pending', 'initializing', 'active', 'paused', 'unknown', 'error'])
export type TaskStatus = Static<typeof TaskStatus>

/** The last state reported by the tool. */
const TaskStateEntry = Type.Object({
  timestamp: Timestamp,
  state: oneOf(['working', 'idle', 'complete', 'failed']),
  message: Type.String(),
  uri: Type.String(),
})

export const Task = Type.Object({
  id: Uuid,
  organization_id: Uuid,
  owner_id: Uuid,
  owner_name: Type.String(),
  owner_avatar_url: Type.Optional(Type.String()),
  name: Type.String(),
  display_name: Type.String(),
  template_id: Uuid,
  template_version_id: Uuid,
  template_name: Type.String(),
  template_display_name: Type.String(),
  template_icon: Type.String(),
  workspace_id: nullable(Uuid),
  workspace_name: Type.String(),
  workspace_status: Type.Optional(WorkspaceStatus),
  workspace_build_number: Type.Optional(Type.Integer()),
  workspace_agent_id: nullable(Uuid),
  workspace_agent_lifecycle: Type.Optional(nullable(WorkspaceAgentLifecycle)),
  workspace_agent_health: Type.Optional(nullable(WorkspaceAgentHealth)),
  workspace_app_id: nullable(Uuid),
  initial_prompt: Type.String(),
  status: TaskStatus,
  current_state: nullable(TaskStateEntry),
  created_at: Timestamp,
  updated_at: Timestamp,
})
export type Task = Static<typeof Task>

export const TasksListResponse = Type.Object({ tasks: Type.Array(Task), count: Type.Integer() })

/** An omitted name is generated. With an empty input the tool waits for its first message. */
export const CreateTaskRequest = Type.Object({
  template_version_id: Uuid,
  template_version_preset_id: maybe(Uuid),
  input: Type.String({ maxLength: 1_000_000 }),
  name: maybe(OptionalName),
  display_name: maybe(DisplayName),
})
export type CreateTaskRequest = Static<typeof CreateTaskRequest>

const TaskInput = Type.Object({ input: Type.String({ minLength: 1, maxLength: 1_000_000 }) })

const TaskLogEntry = Type.Object({
  id: Type.Integer(),
  content: Type.String(),
  type: oneOf(['input', 'output']),
  time: Timestamp,
})
export type TaskLogEntry = Static<typeof TaskLogEntry>

/** With `snapshot`, the conversation stored at `snapshot_at`, because the workspace is not running. */
export const TaskLogsResponse = Type.Object({
  logs: Type.Array(TaskLogEntry),
  snapshot: Type.Optional(Type.Boolean()),
  snapshot_at: Type.Optional(Timestamp),
})
export type TaskLogsResponse = Static<typeof TaskLogsResponse>

const TaskBuild = Type.Object({ workspace_build: WorkspaceBuild })

const TaskOwnerParams = Type.Object({ user: Type.String() })
/** `:task` is an ID or a name. */
const TaskParams = Type.Object({ user: Type.String(), task: Type.String() })

export const listTasks = endpoint({
  method: 'GET',
  path: '/api/v2/tasks',
  summary: 'List the tasks that the caller may see, newest first.',
  access: user('list', 'task'),
  query: Type.Object({ q: Type.Optional(Type.String()) }),
  responses: { 200: TasksListResponse },
})

export const createTask = endpoint({
  method: 'POST',
  path: '/api/v2/tasks/:user',
  summary: 'Create a task: a workspace from a template with an AI tool, which receives the prompt.',
  access: user('create', 'task'),
  params: TaskOwnerParams,
  body: CreateTaskRequest,
  responses: { 201: Task },
})

export const getTask = endpoint({
  method: 'GET',
  path: '/api/v2/tasks/:user/:task',
  summary: 'Get a task.',
  access: user('read', 'task'),
  params: TaskParams,
  responses: { 200: Task },
})

export const deleteTask = endpoint({
  method: 'DELETE',
  path: '/api/v2/tasks/:user/:task',
  summary: 'Delete a task and its workspace.',
  access: user('delete', 'task'),
  params: TaskParams,
  responses: { 202: Type.Null() },
})

export const updateTaskInput = endpoint({
  method: 'PATCH',
  path: '/api/v2/tasks/:user/:task/input',
  summary: 'Update the prompt of a paused task.',
  access: user('update', 'task'),
  params: TaskParams,
  body: TaskInput,
  responses: { 204: Type.Null() },
})

export const sendToTask = endpoint({
  method: 'POST',
  path: '/api/v2/tasks/:user/:task/send',
  summary: 'Send a message to the tool of an active task.',
  access: user('update', 'task'),
  params: TaskParams,
  body: TaskInput,
  responses: { 204: Type.Null() },
})

export const getTaskLogs = endpoint({
  method: 'GET',
  path: '/api/v2/tasks/:user/:task/logs',
  summary: 'Get the conversation of a task.',
  access: user('read', 'task'),
  params: TaskParams,
  responses: { 200: TaskLogsResponse },
})

export const pauseTask = endpoint({
  method: 'POST',
  path: '/api/v2/tasks/:user/:task/pause',
  summary: 'Pause a task by stopping its workspace.',
  access: user('update', 'task'),
  params: TaskParams,
  responses: { 202: TaskBuild },
})

export const resumeTask = endpoint({
  method: 'POST',
  path: '/api/v2/tasks/:user/:task/resume',
  summary: 'Resume a task by starting its workspace.',
  access: user('update', 'task'),
  params: TaskParams,
  responses: { 202: TaskBuild },
})

/** Messages in the format of the tool. */
export const postLogSnapshot = endpoint({
  method: 'POST',
  path: '/api/v2/workspaceagents/me/tasks/:task/log-snapshot',
  summary: 'Store the conversation of a task of the calling agent, to show it while the task is paused.',
  access: agent,
  params: Type.Object({ task: Uuid }),
  query: Type.Object({ format: oneOf(['agentapi']) }),
  body: Type.Object({
    messages: Type.Array(
      Type.Object({
        id: Type.Integer(),
        content: Type.String(),
        role: Type.String(),
        time: Type.Optional(Type.String()),
      }),
    ),
  }),
  responses: { 204: Type.Null() },
})

/** The same endpoint at its former experimental path, which older clients still use. */
function experimental<E extends Endpoint>(declared: E): E {
  return { ...declared, path: declared.path.replace('/api/v2/', '/api/experimental/') }
}

export const listTasksExperimental = experimental(listTasks)
export const createTaskExperimental = experimental(createTask)
export const getTaskExperimental = experimental(getTask)
export const deleteTaskExperimental = experimental(deleteTask)
export const updateTaskInputExperimental = experimental(updateTaskInput)
export const sendToTaskExperimental = experimental(sendToTask)
export const getTaskLogsExperimental = experimental(getTaskLogs)
export const pauseTaskExperimental = experimental(pauseTask)
export const resumeTaskExperimental = experimental(resumeTask)
