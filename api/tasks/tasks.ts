// Tasks: a prompt for an AI tool, and the workspace in which that works on it.

import { type Static, Type } from 'typebox'
import { WorkspaceAgentHealth, WorkspaceAgentLifecycle } from '../agents/agents.ts'
import { DisplayName, maybe, NameOrNone, nullable, oneOf, Timestamp, Uuid } from '../common.ts'
import { agent, type Endpoint, endpoint, user } from '../endpoint.ts'
import { WorkspaceBuild, WorkspaceStatus } from '../workspaces/builds.ts'

export const TaskStatus = oneOf(['pending', 'initializing', 'active', 'paused', 'unknown', 'error'])
export type TaskStatus = Static<typeof TaskStatus>

/** What the tool itself said last. */
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

/** Without a name one is made up. An empty input lets the tool wait for what it is told. */
export const CreateTaskRequest = Type.Object({
  template_version_id: Uuid,
  template_version_preset_id: maybe(Uuid),
  input: Type.String({ maxLength: 1_000_000 }),
  name: maybe(NameOrNone),
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

/** `snapshot` where the workspace is not there to be asked: then it is what was last known, at that time. */
export const TaskLogsResponse = Type.Object({
  logs: Type.Array(TaskLogEntry),
  snapshot: Type.Optional(Type.Boolean()),
  snapshot_at: Type.Optional(Timestamp),
})
export type TaskLogsResponse = Static<typeof TaskLogsResponse>

const TaskBuild = Type.Object({ workspace_build: WorkspaceBuild })

const UserOfTask = Type.Object({ user: Type.String() })
/** `:task` is an id or a name. */
const TaskParams = Type.Object({ user: Type.String(), task: Type.String() })

export const listTasks = endpoint({
  method: 'GET',
  path: '/api/v2/tasks',
  summary: 'Lists the tasks the caller may see, the newest first',
  access: user('list', 'task'),
  query: Type.Object({ q: Type.Optional(Type.String()) }),
  responses: { 200: TasksListResponse },
})

export const createTask = endpoint({
  method: 'POST',
  path: '/api/v2/tasks/:user',
  summary: 'Makes a workspace from a template that has an AI tool, and gives that the prompt',
  access: user('create', 'task'),
  params: UserOfTask,
  body: CreateTaskRequest,
  responses: { 201: Task },
})

export const getTask = endpoint({
  method: 'GET',
  path: '/api/v2/tasks/:user/:task',
  summary: 'Gives a task',
  access: user('read', 'task'),
  params: TaskParams,
  responses: { 200: Task },
})

export const deleteTask = endpoint({
  method: 'DELETE',
  path: '/api/v2/tasks/:user/:task',
  summary: 'Deletes a task with its workspace',
  access: user('delete', 'task'),
  params: TaskParams,
  responses: { 202: Type.Null() },
})

export const updateTaskInput = endpoint({
  method: 'PATCH',
  path: '/api/v2/tasks/:user/:task/input',
  summary: 'Changes the prompt of a task that is paused',
  access: user('update', 'task'),
  params: TaskParams,
  body: TaskInput,
  responses: { 204: Type.Null() },
})

export const sendToTask = endpoint({
  method: 'POST',
  path: '/api/v2/tasks/:user/:task/send',
  summary: 'Says something to the tool of an active task',
  access: user('update', 'task'),
  params: TaskParams,
  body: TaskInput,
  responses: { 204: Type.Null() },
})

export const getTaskLogs = endpoint({
  method: 'GET',
  path: '/api/v2/tasks/:user/:task/logs',
  summary: 'Gives the conversation of a task so far',
  access: user('read', 'task'),
  params: TaskParams,
  responses: { 200: TaskLogsResponse },
})

export const pauseTask = endpoint({
  method: 'POST',
  path: '/api/v2/tasks/:user/:task/pause',
  summary: "Stops the task's workspace",
  access: user('update', 'task'),
  params: TaskParams,
  responses: { 202: TaskBuild },
})

export const resumeTask = endpoint({
  method: 'POST',
  path: '/api/v2/tasks/:user/:task/resume',
  summary: "Starts the task's workspace again",
  access: user('update', 'task'),
  params: TaskParams,
  responses: { 202: TaskBuild },
})

/** The messages of the tool as it has them. */
export const postLogSnapshot = endpoint({
  method: 'POST',
  path: '/api/v2/workspaceagents/me/tasks/:task/log-snapshot',
  summary: 'Keeps the conversation of a task of the agent that asks, for when it is paused',
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

/** The address from when tasks were an experiment; clients of that time still use it. */
function experimental<E extends Endpoint>(declared: E): E {
  return { ...declared, path: declared.path.replace('/api/v2/', '/api/experimental/') }
}

export const listTasksBefore = experimental(listTasks)
export const createTaskBefore = experimental(createTask)
export const getTaskBefore = experimental(getTask)
export const deleteTaskBefore = experimental(deleteTask)
export const updateTaskInputBefore = experimental(updateTaskInput)
export const sendToTaskBefore = experimental(sendToTask)
export const getTaskLogsBefore = experimental(getTaskLogs)
export const pauseTaskBefore = experimental(pauseTask)
export const resumeTaskBefore = experimental(resumeTask)
