// The resources that the template creates, and the usual build time.

import { useQuery } from '@tanstack/react-query'
import { Plus } from 'lucide-react'
import type { Template } from '../../../api/templates/templates.ts'
import { versionResourcesQuery } from '../../api/templates.ts'
import { duration } from '../../components/time.tsx'
import { addressOf, persistentAddresses } from '../../workspace/resources.ts'

export function ResourcePreview({ template }: { template: Template }) {
  const { data: resources } = useQuery(versionResourcesQuery(template.active_version_id))
  const started = (resources ?? []).filter((resource) => resource.workspace_transition === 'start' && !resource.hide)
  const persistent = persistentAddresses(resources ?? [])
  const usual = template.build_time_stats.start.P50
  const isThisComputer = started.some((resource) => resource.type.startsWith('host_'))
  return (
    <section className="rounded-card border border-line bg-surface">
      <div className="p-4">
        <h2 className="mb-3 font-semibold">Resources</h2>
        <ul className="flex flex-col gap-2">
          {started.map((resource) => (
            <li key={resource.id} className="flex items-baseline gap-2.5">
              <Plus className="size-3.5 shrink-0 self-center text-running" aria-hidden />
              <code className="min-w-0 flex-1 text-xs break-all">{addressOf(resource)}</code>
              <span className="shrink-0 text-sm text-muted">
                {persistent.has(addressOf(resource)) ? 'Kept on stop' : 'Removed on stop'}
              </span>
            </li>
          ))}
        </ul>
      </div>
      {resources && (
        <p className="border-t border-line px-4 py-3 text-sm text-muted">
          {usual ? `Usually ready in ${duration(usual)}. ` : ''}
          {isThisComputer
            ? 'Runs as your user with access to your files. This is not a sandbox.'
            : 'Created by Terraform on this deployment.'}
        </p>
      )}
    </section>
  )
}
