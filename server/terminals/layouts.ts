// Terminal layouts: validation, and optimistic concurrency: of two concurrent updates the later one is rejected.

import { type LayoutWindow, maxLayoutDepth, type TerminalLayouts } from '../../api/agents/terminals.ts'
import type { ValidationError } from '../../api/common.ts'
import type { Db } from '../database/connect.ts'

export async function readLayouts(db: Db, userId: string): Promise<TerminalLayouts> {
  const row = await db
    .selectFrom('terminal_layouts')
    .select(['layouts', 'revision'])
    .where('user_id', '=', userId)
    .executeTakeFirst()
  return row ? { revision: row.revision, ...row.layouts } : { revision: 0, last: [], named: [] }
}

/** @returns the new revision; undefined if the layouts have changed since the given revision */
export async function replaceLayouts(
  db: Db,
  userId: string,
  { revision, ...rest }: TerminalLayouts,
): Promise<number | undefined> {
  const layouts = JSON.stringify(rest)
  const changed = await (revision === 0
    ? db
        .insertInto('terminal_layouts')
        .values({ user_id: userId, layouts, revision: 1 })
        .onConflict((conflict) => conflict.doNothing())
        .returning('revision')
        .executeTakeFirst()
    : db
        .updateTable('terminal_layouts')
        .set({ layouts, revision: revision + 1, updated_at: new Date() })
        .where('user_id', '=', userId)
        .where('revision', '=', revision)
        .returning('revision')
        .executeTakeFirst())
  return changed?.revision
}

/** Validates the pane trees, which the schema does not restrict. */
export function checkLayouts({ last, named }: TerminalLayouts): ValidationError[] {
  return [
    ...checkWindows('last', last),
    ...named.flatMap(({ windows }, at) => checkWindows(`named.${at}.windows`, windows)),
  ]
}

function checkWindows(field: string, windows: readonly LayoutWindow[]): ValidationError[] {
  return windows.flatMap(({ tabs }, window) =>
    tabs.flatMap(({ root }, tab) => checkNode(`${field}.${window}.tabs.${tab}.root`, root, 1)),
  )
}

const paneFields = ['workspace_id', 'agent_name', 'session_id', 'profile', 'title'] as const
const maxFieldLength = 200

function checkNode(field: string, value: unknown, depth: number): ValidationError[] {
  const invalid = (detail: string): ValidationError[] => [{ field, detail }]
  if (depth > maxLayoutDepth) return invalid(`has more than ${maxLayoutDepth} nested splits`)
  if (typeof value !== 'object' || value === null) return invalid('is neither a pane nor a split')
  const node = value as Record<string, unknown>
  if (node.kind === 'pane') {
    const invalidField = paneFields.find((name) => typeof node[name] !== 'string' || node[name].length > maxFieldLength)
    return invalidField
      ? [{ field: `${field}.${invalidField}`, detail: `must be a string of at most ${maxFieldLength} characters` }]
      : []
  }
  if (node.kind !== 'split') return invalid('is neither a pane nor a split')
  const { direction, sizes, children } = node
  if (direction !== 'row' && direction !== 'column') return invalid('must have the direction row or column')
  if (!Array.isArray(children) || children.length < 2) return invalid('must have at least two children')
  if (!Array.isArray(sizes) || sizes.length !== children.length || !sizes.every(isShare)) {
    return invalid('must have one size above 0 for each child')
  }
  return children.flatMap((child, at) => checkNode(`${field}.children.${at}`, child, depth + 1))
}

const isShare = (size: unknown) => typeof size === 'number' && Number.isFinite(size) && size > 0
