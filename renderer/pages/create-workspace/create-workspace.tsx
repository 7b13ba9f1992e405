// The page for a new workspace. Loads the data that the form needs.

import { useQuery } from '@tanstack/react-query'
import { getRouteApi } from '@tanstack/react-router'
import { useState } from 'react'
import { ApiError } from '../../../api/errors.ts'
import { parametersQuery, presetsQuery, templateQuery } from '../../api/templates.ts'
import { workspacesQuery } from '../../api/workspaces.ts'
import { Failure } from '../../components/failure.tsx'
import { Delayed, Skeleton } from '../../components/skeleton.tsx'
import { Page } from '../../shell/page.tsx'
import { NotFound } from '../not-found/not-found.tsx'
import { CreateForm } from './create-form.tsx'

const route = getRouteApi('/signed-in/templates/$template/workspace')

export function CreateWorkspacePage() {
  const { template: name } = route.useParams()
  const [attempt, setAttempt] = useState(0)
  const template = useQuery(templateQuery(name))
  const versionId = template.data?.active_version_id
  const presets = useQuery({ ...presetsQuery(versionId ?? ''), enabled: versionId !== undefined })
  // The parameters of a classic template are fixed at import.
  const isClassic = template.data?.use_classic_parameter_flow ?? false
  const classic = useQuery({ ...parametersQuery(versionId ?? ''), enabled: isClassic && versionId !== undefined })
  const workspaces = useQuery(workspacesQuery)
  if (template.error instanceof ApiError && template.error.status === 404) {
    return <NotFound title={`Template “${name}” not found`} text="It was deleted, or you do not have access to it." />
  }
  const failed = [template, presets, classic, workspaces].find((query) => query.isError)
  return (
    <Page title="New workspace" parents={[{ label: 'Templates', link: { to: '/templates' } }]}>
      <div className="px-6 pt-6 pb-12 max-sm:px-3 max-sm:pt-4">
        <header className="mb-5 flex flex-wrap items-baseline gap-x-3">
          <h1 className="text-xl font-bold">New workspace</h1>
          <span className="min-w-0 truncate text-sm text-muted">{template.data?.display_name || name}</span>
        </header>
        {template.data && presets.data && workspaces.data && (classic.data || !isClassic) ? (
          <CreateForm
            key={`${versionId} ${attempt}`}
            template={template.data}
            presets={presets.data}
            classicNames={isClassic ? classic.data?.map((parameter) => parameter.name) : undefined}
            takenNames={new Set(workspaces.data.map((workspace) => workspace.name.toLowerCase()))}
            onRetry={() => setAttempt(attempt + 1)}
          />
        ) : failed ? (
          <Failure title="Could not load the template" error={failed.error} onRetry={() => void failed.refetch()} />
        ) : (
          <Delayed>
            <Skeleton className="h-80 max-w-[768px] rounded-card" />
          </Delayed>
        )}
      </div>
    </Page>
  )
}
