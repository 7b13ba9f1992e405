// The menu that opens a new terminal in a chosen workspace or with a chosen profile.

import { useQuery } from '@tanstack/react-query'
import { Columns2 } from 'lucide-react'
import type { ReactNode } from 'react'
import { preferencesQuery } from '../../../api/terminal-preferences.ts'
import { workspacesQuery } from '../../../api/workspaces.ts'
import { Menu, MenuHeading, MenuItem, MenuLine } from '../../../components/menu.tsx'
import { StatusDot } from '../../../components/status-dot.tsx'
import { type TerminalPlace, terminalPlaces, workspaceState } from '../../../workspace/workspace-state.ts'
import { changeLayout, useLayout } from '../../layout/current-layout.ts'
import { getActivePane } from '../../layout/window-layout.ts'
import { createPaneFor, showPane, splitActive, useDefaultWorkspace } from '../actions/deck-actions.ts'

// Further workspaces are on the Workspaces page.
const maxPlaces = 15

export function NewTerminalMenu({ trigger }: { trigger: ReactNode }) {
  const { data: workspaces = [] } = useQuery(workspacesQuery)
  const { data: preferences } = useQuery(preferencesQuery)
  const defaultWorkspace = useDefaultWorkspace()
  const places = terminalPlaces(workspaces)
  const profiles = preferences?.profiles ?? []
  const open = (place: TerminalPlace | undefined, profile = '') => {
    if (place) changeLayout(showPane(createPaneFor(place, profile)))
  }
  const layout = useLayout()
  const active = layout && getActivePane(layout)
  const isActive = ({ workspace, agent }: TerminalPlace) =>
    workspace.id === active?.workspace_id && agent.name === active.agent_name
  const others = active ? places.filter((place) => !isActive(place)) : []
  const here = places.find(isActive) ?? places.find(({ workspace }) => workspace.id === defaultWorkspace?.id)
  return (
    <Menu align="start" trigger={trigger} onCloseFocus={() => undefined}>
      <MenuHeading>New terminal in</MenuHeading>
      {places.slice(0, maxPlaces).map((place) => (
        <MenuItem
          key={place.agent.id}
          icon={<StatusDot tone={workspaceState(place.workspace).tone} />}
          onSelect={() => open(place)}
        >
          {place.name}
        </MenuItem>
      ))}
      {others.length > 0 && (
        <>
          <MenuLine />
          <MenuHeading>Split right</MenuHeading>
          {others.slice(0, maxPlaces).map((place) => (
            <MenuItem
              key={place.agent.id}
              icon={<Columns2 className="size-4 text-muted" aria-hidden />}
              onSelect={() => splitActive('right', createPaneFor(place))}
            >
              {place.name}
            </MenuItem>
          ))}
        </>
      )}
      {places.length === 0 && <p className="px-2 py-1.5 text-sm text-muted">No workspace is running.</p>}
      {profiles.length > 0 && (
        <>
          <MenuLine />
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
