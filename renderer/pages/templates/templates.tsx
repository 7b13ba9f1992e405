// The list of templates.

import { useQuery } from '@tanstack/react-query'
import { Plus, Shapes } from 'lucide-react'
import type { Template } from '../../../api/templates/templates.ts'
import { counted } from '../../../lib/counted.ts'
import { templatesQuery } from '../../api/templates.ts'
import { workspacesQuery } from '../../api/workspaces.ts'
import { ButtonLink } from '../../components/button.tsx'
import { EmptyState } from '../../components/empty-state.tsx'
import { Failure } from '../../components/failure.tsx'
import { Icon } from '../../components/icon.tsx'
import { Delayed, Skeleton } from '../../components/skeleton.tsx'
import { duration } from '../../components/time.tsx'
import { Page } from '../../shell/page.tsx'

export function TemplatesPage() {
  const templates = useQuery(templatesQuery)
  return (
    <Page title="Templates">
      <div className="px-6 pt-6 pb-12 max-sm:px-3 max-sm:pt-4">
        <h1 className="mb-5 text-xl font-bold">Templates</h1>
        {templates.data ? (
          <TemplateCards templates={templates.data} />
        ) : templates.isError ? (
          <Failure title="Could not load templates" error={templates.error} onRetry={() => void templates.refetch()} />
        ) : (
          <Delayed>
            <Skeleton className="h-36 max-w-[420px] rounded-card" />
          </Delayed>
        )}
        <p className="mt-6 max-w-[72ch] text-sm text-muted">
          To add a template, run <code className="text-text">coder templates push</code> in a folder with Terraform
          files.
        </p>
      </div>
    </Page>
  )
}

function TemplateCards({ templates }: { templates: readonly Template[] }) {
  const { data: workspaces = [] } = useQuery(workspacesQuery)
  if (templates.length === 0) {
    return (
      <EmptyState icon={<Shapes className="size-7" strokeWidth={1.5} aria-hidden />} title="No templates">
        The template for this computer appears here when it is ready.
      </EmptyState>
    )
  }
  return (
    <ul className="grid grid-cols-[repeat(auto-fill,minmax(min(300px,100%),1fr))] gap-3">
      {templates.map((template) => (
        <TemplateCard
          key={template.id}
          template={template}
          workspaceCount={workspaces.filter((workspace) => workspace.template_id === template.id).length}
        />
      ))}
    </ul>
  )
}

function TemplateCard({ template, workspaceCount }: { template: Template; workspaceCount: number }) {
  const usual = template.build_time_stats.start.P50
  const facts = [counted(workspaceCount, 'workspace'), usual ? `usually ready in ${duration(usual)}` : '']
  return (
    <li className="flex flex-col rounded-card border border-line bg-surface p-4">
      <h2 className="flex items-center gap-2 font-semibold">
        <Icon src={template.icon} className="size-5" />
        <span className="truncate">{template.display_name || template.name}</span>
      </h2>
      <p className="mt-1 line-clamp-3 flex-1 text-sm text-muted">{template.description || template.name}</p>
      <p className="tabular mt-3 text-sm text-muted">{facts.filter(Boolean).join(' · ')}</p>
      <div className="mt-4">
        <ButtonLink to="/templates/$template/workspace" params={{ template: template.name }}>
          <Plus className="size-4" aria-hidden /> New workspace
        </ButtonLink>
      </div>
    </li>
  )
}
