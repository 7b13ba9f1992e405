import type { Tone } from '../../../components/status-dot.tsx'
import { formatTargetName } from '../../../workspace/workspace-state.ts'
import { findPane, listPanes } from '../../layout/tree.ts'
import type { Tab } from '../../layout/window-layout.ts'
import type { PaneStatus } from '../../pane/pane-types.ts'
import type { PaneWorkspaces } from '../state/pane-workspaces.ts'
import { getPaneTone } from '../state/session-titles.ts'
import type { SessionTitles } from '../state/use-session-titles.ts'

export interface TabDescription {
  readonly name: string
  readonly tone: Tone
  readonly tooltip: string
}

/** Title and tooltip of a tab, from its active pane, and the most severe status of its panes. */
export function describeTab(
  tab: Tab,
  workspaces: PaneWorkspaces,
  statuses: ReadonlyMap<string, PaneStatus>,
  titles: SessionTitles,
): TabDescription {
  const active = findPane(tab.root, tab.active_pane)
  const paneTitle =
    active &&
    (titles.short(active.session_id, active.title) ||
      formatTargetName(workspaces.get(active.workspace_id), active.agent_name) ||
      'shell')
  const name = tab.title || paneTitle || ''
  const tones = listPanes(tab.root).map((pane) =>
    getPaneTone(statuses.get(pane.session_id), workspaces.get(pane.workspace_id)),
  )
  const worst: Tone =
    (['attention', 'failed', 'changing', 'running'] as const).find((tone) => tones.includes(tone)) ?? 'stopped'
  const location = [...new Set(listPanes(tab.root).map(({ workspace_id: id }) => workspaces.get(id)?.name ?? ''))].join(
    ', ',
  )
  const title = active ? titles.long(active.session_id, active.title) : ''
  return { name, tone: worst, tooltip: [location, title].filter(Boolean).join('\n') }
}
