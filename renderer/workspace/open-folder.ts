// "Open folder…": opens the workspace of a folder, or creates one on this computer, named after the folder.

import { useQueryClient } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { ApiError } from '../../api/errors.ts'
import type { Workspace } from '../../api/workspaces/workspaces.ts'
import { thisComputerQuery } from '../api/local.ts'
import { parametersQuery, templatesQuery } from '../api/templates.ts'
import { useCreateBuild, useCreateWorkspace, workspacesQuery } from '../api/workspaces.ts'
import { notifyFailure } from '../notices.ts'
import { nameFromFolder, suggestName } from './names.ts'
import { isFolder } from './parameters/parameters.ts'
import { canOpenTerminal, canStart, folderOf } from './workspace-state.ts'

const trimEnd = (folder: string): string => (folder.length > 1 ? folder.replace(/[\\/]+$/, '') : folder)

/** Opens the terminal of a workspace, or its page, which opens the terminal when the workspace is ready. */
export function useGoToTerminal() {
  const navigate = useNavigate()
  return (workspace: Workspace) => {
    const params = { owner: workspace.owner_name, name: workspace.name }
    return canOpenTerminal(workspace)
      ? navigate({ to: '/@{$owner}/$name/terminal', params })
      : navigate({ to: '/@{$owner}/$name', params, search: { open: 'terminal' } })
  }
}

/** Creates a workspace on this computer and opens its terminal. The default folder is the home folder. */
export function useStartOnThisComputer() {
  const cache = useQueryClient()
  const create = useCreateWorkspace()
  const build = useCreateBuild()
  const goToTerminal = useGoToTerminal()

  const createForFolder = async (folder: string | undefined): Promise<Workspace> => {
    const { template_id: templateId, problem } = await cache.fetchQuery(thisComputerQuery)
    if (problem) throw new ApiError(0, 'Could not prepare the template for this computer.', { detail: problem })
    if (!templateId) {
      throw new ApiError(0, 'The template for this computer is still being prepared.', {
        detail: 'Try again in a moment.',
      })
    }
    const workspaces = await cache.ensureQueryData(workspacesQuery)
    const taken = new Set(workspaces.map(({ name }) => name.toLowerCase()))
    return create.mutateAsync({
      template_id: templateId,
      name: folder ? nameFromFolder(folder, taken) : suggestName(taken),
      rich_parameter_values: folder ? [{ name: await folderParameter(templateId), value: folder }] : [],
    })
  }

  const folderParameter = async (templateId: string): Promise<string> => {
    const template = (await cache.ensureQueryData(templatesQuery)).find(({ id }) => id === templateId)
    const parameters = template ? await cache.ensureQueryData(parametersQuery(template.active_version_id)) : []
    const parameter = parameters.find(isFolder)
    if (!parameter) throw new Error('The template for this computer has no folder parameter.')
    return parameter.name
  }

  const start = async (folder?: string): Promise<void> => {
    try {
      const existing = folder ? await findWorkspaceByFolder(folder) : undefined
      if (existing && canStart(existing)) await build.mutateAsync({ workspace: existing, transition: 'start' })
      await goToTerminal(existing ?? (await createForFolder(folder)))
    } catch (error) {
      notifyFailure(folder ? `Could not open ${folder}` : 'Could not create a workspace', error)
    }
  }

  const findWorkspaceByFolder = async (folder: string): Promise<Workspace | undefined> => {
    const workspaces = await cache.fetchQuery(workspacesQuery)
    return workspaces.find((workspace) => trimEnd(folderOf(workspace)) === trimEnd(folder))
  }

  return { start, isPending: create.isPending || build.isPending }
}
