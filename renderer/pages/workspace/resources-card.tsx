// The resources of the workspace, and whether each is kept on stop.

import { useQuery } from '@tanstack/react-query'
import type { WorkspaceBuild } from '../../../api/workspaces/builds.ts'
import { versionResourcesQuery } from '../../api/templates.ts'
import { Card } from '../../components/card.tsx'
import { addressOf, persistentAddresses } from '../../workspace/resources.ts'

export function ResourcesCard({ build }: { build: WorkspaceBuild }) {
  const { data: versionResources } = useQuery(versionResourcesQuery(build.template_version_id))
  const shown = build.resources.filter((resource) => !resource.hide)
  if (shown.length === 0) return null
  const persistent = versionResources && persistentAddresses(versionResources)
  return (
    <Card title="Resources">
      <ul className="flex flex-col gap-2">
        {shown.map((resource) => (
          <li key={resource.id} className="flex items-baseline gap-3">
            <code className="min-w-0 flex-1 text-xs break-all">{addressOf(resource)}</code>
            {persistent && (
              <span className="shrink-0 text-sm text-muted">
                {persistent.has(addressOf(resource)) ? 'Kept on stop' : 'Removed on stop'}
              </span>
            )}
          </li>
        ))}
      </ul>
    </Card>
  )
}
