// Filters workspaces by text and by state.

import type { Workspace } from '../../../api/workspaces/workspaces.ts'
import { folderOf, workspaceState } from '../../workspace/workspace-state.ts'

export type Chip = 'all' | 'running' | 'attention'

const matchesChip = (workspace: Workspace, chip: Chip): boolean => {
  const { tone } = workspaceState(workspace)
  if (chip === 'running') return workspace.latest_build.status === 'running'
  return chip === 'all' || tone === 'attention' || tone === 'failed'
}

/** Each word must occur in the name, folder, template or state. */
export function filterWorkspaces(workspaces: readonly Workspace[], text: string, chip: Chip): Workspace[] {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean)
  return workspaces.filter((workspace) => {
    if (!matchesChip(workspace, chip)) return false
    if (words.length === 0) return true
    const { name, template_name: template, template_display_name: displayName } = workspace
    const searchText = [name, template, displayName, folderOf(workspace), workspaceState(workspace).label]
      .join('\n')
      .toLowerCase()
    return words.every((word) => searchText.includes(word))
  })
}

export const countMatches = (workspaces: readonly Workspace[], chip: Chip): number =>
  workspaces.filter((workspace) => matchesChip(workspace, chip)).length
