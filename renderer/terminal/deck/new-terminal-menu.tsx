// In which workspace a new terminal opens, and as which of the person's profiles.

import { useQuery } from '@tanstack/react-query'
import { Columns2 } from 'lucide-react'
import type { ReactNode } from 'react'
import { preferencesQuery } from '../../api/terminal-preferences.ts'
import { workspacesQuery } from '../../api/workspaces.ts'
import { Menu, MenuHeading, MenuItem, MenuLine } from '../../components/menu.tsx'
import { StatusDot } from '../../components/status-dot.tsx'
import { mayOpenTerminal, workspaceState } from '../../workspace/workspace-state.ts'
import { changeLayout, useLayout } from '../layout/own-layout.ts'
import { activePane } from '../layout/window-layout.ts'
import { newPane, showPane, splitActive, useUsualWorkspace } from './deck-actions.ts'

// A menu of more is a list, which the page about workspaces is.
const maxWorkspaces = 15

export function NewTerminalMenu({ trigger }: { trigger: ReactNode }) {
  const { data: workspaces = [] } = useQuery(workspacesQuery)
  const { data: preferences } = useQuery(preferencesQuery)
  const usual = useUsualWorkspace()
  const running = workspaces.filter(mayOpenTerminal)
  const profiles = preferences?.profiles ?? []
  const open = (workspaceId: string | undefined, profile = '') => {
    const workspace = running.find(({ id }) => id === workspaceId)
    const pane = workspace && newPane(workspace, profile)
    if (pane) changeLayout(showPane(pane))
  }
  const layout = useLayout()
  const active = layout && activePane(layout)
  const others = active ? running.filter(({ id }) => id !== active.workspace_id) : []
  return (
    <Menu align="start" trigger={trigger} onCloseFocus={() => undefined}>
      <MenuHeading>New terminal in</MenuHeading>
      {running.slice(0, maxWorkspaces).map((workspace) => (
        <MenuItem
          key={workspace.id}
          icon={<StatusDot tone={workspaceState(workspace).tone} />}
          onSelect={() => open(workspace.id)}
        >
          {workspace.name}
        </MenuItem>
      ))}
      {others.length > 0 && (
        <>
          <MenuLine />
          <MenuHeading>Beside the active one</MenuHeading>
          {others.slice(0, maxWorkspaces).map((workspace) => (
            <MenuItem
              key={workspace.id}
              icon={<Columns2 className="size-4 text-muted" aria-hidden />}
              onSelect={() => splitActive('right', newPane(workspace))}
            >
              {workspace.name}
            </MenuItem>
          ))}
        </>
      )}
      {running.length === 0 && <p className="px-2 py-1.5 text-sm text-muted">No workspace runs.</p>}
      {profiles.length > 0 && (
        <>
          <MenuLine />
          <MenuHeading>As</MenuHeading>
          {profiles.map(({ id, name }) => (
            <MenuItem key={id} onSelect={() => open(active?.workspace_id ?? usual?.id, id)}>
              {name}
            </MenuItem>
          ))}
        </>
      )}
    </Menu>
  )
}
