// The settings of a workspace: its sections and the current one.

import { Outlet } from '@tanstack/react-router'
import { SectionLinks } from '../../../components/section-links.tsx'
import type { TabLink } from '../../../components/tab-links.tsx'
import { useWorkspace } from '../workspace-page.tsx'

export function WorkspaceSettings() {
  const { owner_name: owner, name } = useWorkspace()
  const params = { owner, name }
  const links: TabLink[] = [
    { label: 'General', link: { to: '/@{$owner}/$name/settings', params } },
    { label: 'Parameters', link: { to: '/@{$owner}/$name/settings/parameters', params } },
    { label: 'Schedule', link: { to: '/@{$owner}/$name/settings/schedule', params } },
    { label: 'Sharing', link: { to: '/@{$owner}/$name/settings/sharing', params } },
  ]
  return (
    <div className="min-h-0 flex-1 overflow-y-auto">
      <SectionLinks label="Workspace settings" links={links}>
        <Outlet />
      </SectionLinks>
    </div>
  )
}
