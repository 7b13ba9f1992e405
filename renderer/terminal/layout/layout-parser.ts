// Parses a stored layout into a valid WindowLayout. The input may come from an earlier version, another window or a manual
// edit: invalid parts are dropped, the rest is kept.

import { maxLayoutDepth } from '../../../api/agents/terminals.ts'
import { createSplit, findPane, listPanes, mapPanes, type Pane, type Tree } from './tree.ts'
import type { Tab, WindowLayout } from './window-layout.ts'

type UnknownObject = { readonly [key: string]: unknown }

const isObject = (value: unknown): value is UnknownObject => typeof value === 'object' && value !== null
const text = (value: unknown): string => (typeof value === 'string' ? value : '')
const list = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : [])

function parsePane(value: UnknownObject): Pane | undefined {
  const { session_id, workspace_id, agent_name } = value
  if (!text(session_id) || !text(workspace_id)) return undefined
  return {
    kind: 'pane',
    session_id: text(session_id),
    workspace_id: text(workspace_id),
    agent_name: text(agent_name),
    profile: text(value.profile),
    title: text(value.title),
  }
}

function parseTree(value: unknown, depth = 0): Tree | undefined {
  if (!isObject(value) || depth > maxLayoutDepth) return undefined
  if (value.kind === 'pane') return parsePane(value)
  const sizes = list(value.sizes)
  const valid = list(value.children).flatMap((child, index) => {
    const tree = parseTree(child, depth + 1)
    return tree ? [{ tree, size: Number(sizes[index]) }] : []
  })
  return createSplit(
    value.direction === 'column' ? 'column' : 'row',
    valid.map(({ tree }) => tree),
    valid.map(({ size }) => size),
  )
}

/** @param seenSessions sessions of other tabs, which are dropped here; the sessions of this tab are added */
function parseTab(value: unknown, seenSessions: Set<string>): Tab | undefined {
  if (!isObject(value)) return undefined
  const tree = parseTree(value.root)
  const root =
    tree &&
    mapPanes(tree, (pane) => {
      if (seenSessions.has(pane.session_id)) return undefined
      seenSessions.add(pane.session_id)
      return pane
    })
  const [first] = root ? listPanes(root) : []
  if (!root || !first) return undefined
  const active = text(value.active_pane)
  return {
    id: text(value.id) || first.session_id,
    title: text(value.title),
    root,
    active_pane: findPane(root, active) ? active : first.session_id,
  }
}

export function parseWindowLayout(value: unknown): WindowLayout {
  if (!isObject(value)) return { tabs: [], active_tab: '' }
  const seenSessions = new Set<string>()
  const ids = new Set<string>()
  const tabs = list(value.tabs).flatMap((each) => {
    const tab = parseTab(each, seenSessions)
    if (!tab || ids.has(tab.id)) return []
    ids.add(tab.id)
    return [tab]
  })
  const active = text(value.active_tab)
  return { tabs, active_tab: ids.has(active) ? active : (tabs[0]?.id ?? '') }
}
