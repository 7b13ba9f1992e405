// The menu that opens a new terminal in a chosen workspace or with a chosen profile.

import { useQuery } from '@tanstack/react-query'
import { Columns2 } from 'lucide-react'
import type { ReactNode } from 'react'
import { preferencesQuery } from '../../../api/terminal-preferences.ts'
import { workspacesQuery } from '../../../api/workspaces.ts'
import { Menu, MenuHeading, MenuItem, MenuSeparator } from '../../../components/menu.tsx'
import { StatusDot } from '../../../components/status-dot.tsx'
import { listTerminalTargets, type TerminalTarget, workspaceState } from '../../../workspace/workspace-state.ts'
import { changeLayout, useLayout } from '../../layout/current-layout.ts'
import { getActivePane } from '../../layout/window-layout.ts'
import { createPaneFor, showPane, splitActive, useDefaultWorkspace } from '../actions/deck-actions.ts'

// Further workspaces are on the Workspaces page.
const maxTargets = 15

export function NewTerminalMenu({ trigger }: { trigger: ReactNode }) {
  const { data: workspaces = [] } = useQuery(workspacesQuery)
  const { data: preferences } = useQuery(preferencesQuery)
  const defaultWorkspace = useDefaultWorkspace()
  const targets = listTerminalTargets(workspaces)
  const profiles = preferences?.profiles ?? []
  const open = (target: TerminalTarget | undefined, profile = '') => {
    if (target) changeLayout(showPane(createPaneFor(target, profile)))
  }
  const layout = useLayout()
  const active = layout && getActivePane(layout)
  const isActive = ({ workspace, agent }: TerminalTarget) =>
    workspace.id === active?.workspace_id && agent.name === active.agent_name
  const others = active ? targets.filter((target) => !isActive(target)) : []
  const here = targets.find(isActive) ?? targets.find(({ workspace }) => workspace.id === defaultWorkspace?.id)
  return (
    <Menu align="start" trigger={trigger} onCloseFocus={() => undefined}>
      <MenuHeading>New terminal in</MenuHeading>
      {targets.slice(0, maxTargets).map((target) => (
        <MenuItem
          key={target.agent.id}
          icon={<StatusDot tone={workspaceState(target.workspace).tone} />}
          onSelect={() => open(target)}
        >
          {target.name}
        </MenuItem>
      ))}
      {others.length > 0 && (
        <>
          <MenuSeparator />
          <MenuHeading>Split right</MenuHeading>
          {others.slice(0, maxTargets).map((target) => (
            <MenuItem
              key={target.agent.id}
              icon={<Columns2 className="size-4 text-muted" aria-hidden />}
              onSelect={() => splitActive('right', createPaneFor(target))}
            >
              {target.name}
            </MenuItem>
          ))}
        </>
      )}
      {targets.length === 0 && <p className="px-2 py-1.5 text-sm text-muted">No workspace is running.</p>}
      {profiles.length > 0 && (
        <>
          <MenuSeparator />
          <MenuHeading>With profile</MenuHeading>
          {profiles.map(({ id, name }) => (
            <MenuItem key={id} onSelect={() => open(here, id)}>
              {name}
            </MenuItem>
          ))}
        </>
      )}
    </Menu>
  )
}
