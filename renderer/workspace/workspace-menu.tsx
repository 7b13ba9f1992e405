// Menu of less frequent workspace actions.

import { useNavigate } from '@tanstack/react-router'
import { Bug, Ellipsis, Play, RefreshCw, RotateCw, Settings, Square, Star, StarOff, Trash2 } from 'lucide-react'
import { useState } from 'react'
import type { Workspace } from '../../api/workspaces/workspaces.ts'
import { usePermissions } from '../api/authorization.ts'
import { useSetFavorite } from '../api/workspace-settings.ts'
import { useCreateBuild } from '../api/workspaces.ts'
import { Button } from '../components/button.tsx'
import { Menu, MenuItem, MenuSeparator } from '../components/menu.tsx'
import { DeleteDialog } from './delete-dialog.tsx'
import { useRestart, useUpdate } from './update-workspace.ts'
import { canStart, canStop, isBuilding, isRunning } from './workspace-state.ts'

const icon = 'size-4'

interface WorkspaceMenuProps {
  workspace: Workspace
  size?: 'icon' | 'icon-small'
  onDeleted?: () => void
}

export function WorkspaceMenu({ workspace, size = 'icon', onDeleted }: WorkspaceMenuProps) {
  const build = useCreateBuild()
  const update = useUpdate()
  const restart = useRestart()
  const setFavorite = useSetFavorite()
  const navigate = useNavigate()
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
        <MenuItem
          icon={<RotateCw className={icon} aria-hidden />}
          disabled={!isRunning(workspace) || restart.isPending}
          onSelect={() => restart.run(workspace)}
        >
          Restart workspace
        </MenuItem>
        {workspace.outdated && (
          <MenuItem
            icon={<RefreshCw className={icon} aria-hidden />}
            disabled={isBuilding(workspace)}
            onSelect={() => update.run(workspace)}
          >
            Update to the latest template version
          </MenuItem>
        )}
        <DebugItem workspace={workspace} />
        <MenuSeparator />
        <MenuItem
          icon={workspace.favorite ? <StarOff className={icon} aria-hidden /> : <Star className={icon} aria-hidden />}
          onSelect={() => setFavorite.mutate({ workspace, value: !workspace.favorite })}
        >
          {workspace.favorite ? 'Remove from favorites' : 'Add to favorites'}
        </MenuItem>
        <MenuItem
          icon={<Settings className={icon} aria-hidden />}
          onSelect={() =>
            void navigate({
              to: '/@{$owner}/$name/settings',
              params: { owner: workspace.owner_name, name: workspace.name },
            })
          }
        >
          Settings
        </MenuItem>
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

/** Builds with debug output are for those who may change the template. */
function DebugItem({ workspace }: { workspace: Workspace }) {
  const build = useCreateBuild()
  const { canDebug } = usePermissions({
    canDebug: { action: 'update', object: { resource_type: 'template', resource_id: workspace.template_id } },
  })
  if (!canDebug) return null
  return (
    <MenuItem
      icon={<Bug className={icon} aria-hidden />}
      disabled={!canStart(workspace)}
      onSelect={() => build.mutate({ workspace, transition: 'start', isDebug: true })}
    >
      Start in debug mode
    </MenuItem>
  )
}
