// Menu of less frequent workspace actions.

import { Ellipsis, Play, RefreshCw, Square, Trash2 } from 'lucide-react'
import { useState } from 'react'
import type { Workspace } from '../../api/workspaces/workspaces.ts'
import { useCreateBuild } from '../api/workspaces.ts'
import { Button } from '../components/button.tsx'
import { Menu, MenuItem, MenuSeparator } from '../components/menu.tsx'
import { DeleteDialog } from './delete-dialog.tsx'
import { canStart, canStop, isBuilding } from './workspace-state.ts'

const icon = 'size-4'

interface WorkspaceMenuProps {
  workspace: Workspace
  size?: 'icon' | 'icon-small'
  onDeleted?: () => void
}

export function WorkspaceMenu({ workspace, size = 'icon', onDeleted }: WorkspaceMenuProps) {
  const build = useCreateBuild()
  const [isDeleting, setDeleting] = useState(false)
  return (
    <>
      <Menu
        trigger={
          <Button variant="quiet" size={size} aria-label={`More actions for ${workspace.name}`}>
            <Ellipsis className={icon} aria-hidden />
          </Button>
        }
      >
        <MenuItem
          icon={<Play className={icon} aria-hidden />}
          disabled={!canStart(workspace)}
          onSelect={() => build.mutate({ workspace, transition: 'start' })}
        >
          Start workspace
        </MenuItem>
        <MenuItem
          icon={<Square className={icon} aria-hidden />}
          disabled={!canStop(workspace)}
          onSelect={() => build.mutate({ workspace, transition: 'stop' })}
        >
          Stop workspace
        </MenuItem>
        {workspace.outdated && (
          <MenuItem
            icon={<RefreshCw className={icon} aria-hidden />}
            disabled={isBuilding(workspace)}
            onSelect={() =>
              build.mutate({ workspace, transition: 'start', versionId: workspace.template_active_version_id })
            }
          >
            Update to the latest template version
          </MenuItem>
        )}
        <MenuSeparator />
        <MenuItem
          icon={<Trash2 className={icon} aria-hidden />}
          danger
          disabled={isBuilding(workspace)}
          onSelect={() => setDeleting(true)}
        >
          Delete workspace…
        </MenuItem>
      </Menu>
      <DeleteDialog workspace={workspace} open={isDeleting} onOpenChange={setDeleting} onDeleted={onDeleted} />
    </>
  )
}
