// Actions that are more than one build request: an update, which may need other parameter values, and a restart.

import { useNavigate } from '@tanstack/react-router'
import { ApiError } from '../../api/errors.ts'
import type { Workspace } from '../../api/workspaces/workspaces.ts'
import { useRestartWorkspace, useUpdateWorkspace } from '../api/workspaces.ts'
import { notifyFailure } from '../notices.ts'

/** Updates to the active version. If it rejects the current parameter values, opens the form with its parameters. */
export function useUpdate() {
  const update = useUpdateWorkspace()
  const navigate = useNavigate()
  const run = (workspace: Workspace) =>
    update.mutate(workspace, {
      onError: (error) => {
        if (!(error instanceof ApiError) || error.status !== 400 || error.validations.length === 0)
          return notifyFailure(`Could not update ${workspace.name}`, error)
        void navigate({
          to: '/@{$owner}/$name/settings/parameters',
          params: { owner: workspace.owner_name, name: workspace.name },
          search: { version: workspace.template_active_version_id },
        })
      },
    })
  return { run, isPending: update.isPending }
}

export function useRestart() {
  const restart = useRestartWorkspace()
  const run = (workspace: Workspace) =>
    restart.mutate({ workspace }, { onError: (error) => notifyFailure(`Could not restart ${workspace.name}`, error) })
  return { run, isPending: restart.isPending }
}
