// Terminal preferences and layouts, terminal retention of workspaces, and the command history.

import type { FastifyInstance } from 'fastify'
import {
  deleteCommands,
  getTerminalLayouts,
  getTerminalPreferences,
  getTerminalRetention,
  reportCommands,
  searchCommands,
  type TerminalPreferences,
  updateTerminalLayouts,
  updateTerminalPreferences,
  updateTerminalRetention,
} from '../../../api/agents/terminals.ts'
import { ApiError, invalidQuery, validationFailed } from '../../../api/errors.ts'
import { audit, auditFailures } from '../../audit/audit.ts'
import type { ServerContext } from '../../context.ts'
import { serve } from '../../http/serve.ts'
import { requireUser } from '../../lookup/users.ts'
import { requireWorkspace } from '../../lookup/workspaces.ts'
import { userObject } from '../../policy/objects.ts'
import { authorize, requireUnlimitedKey } from '../../policy/policy.ts'
import { findCommands, parseCursor, removeCommands, storeCommands } from '../../terminals/commands.ts'
import { checkLayouts, readLayouts, replaceLayouts } from '../../terminals/layouts.ts'
import { changePreferences, readPreferences } from '../../terminals/preferences.ts'
import { protectOwner } from '../../users/change-user.ts'
import { auditedWorkspace } from '../../workspaces/audited-workspace.ts'

export function registerTerminalRoutes(app: FastifyInstance, context: ServerContext): void {
  const { db } = context

  serve(app, getTerminalPreferences, async (request) => {
    const user = await requireUser(context, request, request.params.user, 'read_personal')
    return await readPreferences(db, user.id)
  })

  serve(app, updateTerminalPreferences, async (request) => {
    const user = await requireUser(context, request, request.params.user, 'update_personal')
    // Profiles contain commands.
    protectOwner(request.principal, user)
    if (request.body.profiles !== undefined) requireUnlimitedKey(request.principal)
    checkProfiles(request.body)
    const preferences = await changePreferences(db, user.id, request.body)
    if (preferences.history_days === 0) await removeCommands(db, user.id, {})
    return preferences
  })

  serve(app, getTerminalLayouts, async (request) => {
    const user = await requireUser(context, request, request.params.user, 'read_personal')
    return await readLayouts(db, user.id)
  })

  serve(app, updateTerminalLayouts, async (request) => {
    const user = await requireUser(context, request, request.params.user, 'update_personal')
    protectOwner(request.principal, user)
    const validations = checkLayouts(request.body)
    if (validations.length > 0) throw validationFailed(validations)
    const revision = await replaceLayouts(db, user.id, request.body)
    if (revision !== undefined) return { ...request.body, revision }
    throw new ApiError(409, 'Another window changed the terminal layouts.', {
      detail: 'Load the layouts again and repeat the change.',
    })
  })

  registerRetentionRoutes(app, context)
  registerCommandRoutes(app, context)
}

// Sent to the agent in one header.
const maxEnvBytes = 16 * 1024

function checkProfiles({ profiles = [] }: Partial<TerminalPreferences>): void {
  const ids = profiles.map(({ id }) => id)
  const validations = profiles.flatMap(({ id, env }, at) => {
    if (ids.indexOf(id) !== at) return [{ field: `profiles.${at}.id`, detail: 'duplicates the ID of another profile' }]
    if (Buffer.byteLength(JSON.stringify(env)) <= maxEnvBytes) return []
    return [{ field: `profiles.${at}.env`, detail: `exceeds ${maxEnvBytes / 1024} KiB in total` }]
  })
  if (validations.length > 0) throw validationFailed(validations)
}

function registerRetentionRoutes(app: FastifyInstance, context: ServerContext): void {
  const { db, events, clock } = context

  serve(app, getTerminalRetention, async (request) => {
    const workspace = await requireWorkspace(context, request, request.params.workspace, 'read')
    return { kept_lines: workspace.terminal_kept_lines, kept_days: workspace.terminal_kept_days }
  })

  serve(app, updateTerminalRetention, async (request) => {
    const workspace = await requireWorkspace(context, request, request.params.workspace, 'update')
    const { kept_lines, kept_days } = request.body
    const change = { terminal_kept_lines: kept_lines, terminal_kept_days: kept_days }
    await auditFailures(context, request, auditedWorkspace(workspace), () =>
      db.transaction().execute(async (tx) => {
        await tx
          .updateTable('workspaces')
          .set({ ...change, updated_at: clock.now() })
          .where('id', '=', workspace.id)
          .execute()
        if (kept_lines === 0) await removeCommands(tx, workspace.owner_id, { workspace: workspace.id })
        const after = { ...workspace, ...change }
        await audit(tx, request, { ...auditedWorkspace(workspace), before: workspace, after })
        await events.publish(tx, { type: 'workspace', workspace_id: workspace.id, reason: 'settings' })
      }),
    )
    return { kept_lines, kept_days }
  })
}

function registerCommandRoutes(app: FastifyInstance, { db }: ServerContext): void {
  serve(app, reportCommands, async ({ agent, body }) => {
    await storeCommands(db, agent, body.commands)
    return null
  })

  serve(app, searchCommands, async (request) => {
    const { userId } = request.principal
    authorize(request, 'read_personal', userObject(userId))
    const { before, ...search } = request.query
    const cursor = before === undefined ? undefined : parseCursor(before)
    if (before !== undefined && !cursor) {
      throw invalidQuery([{ field: 'before', detail: 'must be the `next` value of a previous page' }])
    }
    return await findCommands(db, userId, { ...search, before: cursor })
  })

  serve(app, deleteCommands, async (request) => {
    const { userId } = request.principal
    authorize(request, 'update_personal', userObject(userId))
    return { deleted: await removeCommands(db, userId, request.query) }
  })
}
