// Parses the name of a task in a command or tool call.

import { parseWorkspaceName } from './find-workspace.ts'

/** `name`, `owner/name` or an ID. A task has the name of its workspace. */
export function parseTaskName(text: string): { user: string; task: string } {
  const { user, workspacename } = parseWorkspaceName(text)
  return { user, task: workspacename }
}
