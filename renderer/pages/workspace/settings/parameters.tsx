// The parameters of a workspace. Changed values take effect with the next start; `?version=` shows the form of another
// template version, to update to it.

import { useQuery } from '@tanstack/react-query'
import { getRouteApi, useNavigate } from '@tanstack/react-router'
import { SlidersHorizontal } from 'lucide-react'
import { type FormEvent, useState } from 'react'
import type { WorkspaceBuildParameter } from '../../../../api/workspaces/builds.ts'
import type { Workspace } from '../../../../api/workspaces/workspaces.ts'
import { buildParametersQuery } from '../../../api/builds.ts'
import { useParameterForm } from '../../../api/parameter-form.ts'
import { parametersQuery } from '../../../api/templates.ts'
import { useRestartWorkspace } from '../../../api/workspaces.ts'
import { Button } from '../../../components/button.tsx'
import { Card } from '../../../components/card.tsx'
import { EmptyState } from '../../../components/empty-state.tsx'
import { Failure } from '../../../components/failure.tsx'
import { Delayed, Skeleton } from '../../../components/skeleton.tsx'
import { describeError } from '../../../describe-error.ts'
import { TemplateDiagnostics } from '../../../workspace/diagnostics/template-diagnostics.tsx'
import { FormStatus } from '../../../workspace/parameters/form-status.tsx'
import {
  filterParameters,
  focusFirstInvalidField,
  isAcceptable,
  shownValue,
  toRichParameterValues,
} from '../../../workspace/parameters/form-values.ts'
import { ParameterField } from '../../../workspace/parameters/parameter-field.tsx'
import { isBuilding, isRunning } from '../../../workspace/workspace-state.ts'
import { useWorkspace } from '../workspace-page.tsx'

const route = getRouteApi('/signed-in/@{$owner}/$name/settings/parameters')

export function ParameterSettings() {
  const workspace = useWorkspace()
  // The form continues while it starts builds.
  const [build] = useState(workspace.latest_build)
  const { version = build.template_version_id } = route.useSearch()
  const current = useQuery(buildParametersQuery(build.id))
  const isClassic = workspace.template_use_classic_parameter_flow
  const classic = useQuery({ ...parametersQuery(version), enabled: isClassic })
  if (current.isError)
    return <Failure title="Could not load parameters" error={current.error} onRetry={() => void current.refetch()} />
  if (!current.data || (isClassic && !classic.data))
    return (
      <Delayed>
        <Skeleton className="h-64 rounded-card" />
      </Delayed>
    )
  return (
    <ParametersForm
      key={version}
      workspace={workspace}
      versionId={version}
      current={current.data}
      classicNames={isClassic ? classic.data?.map(({ name }) => name) : undefined}
    />
  )
}

interface ParametersFormProps {
  workspace: Workspace
  versionId: string
  current: readonly WorkspaceBuildParameter[]
  classicNames: readonly string[] | undefined
}

function ParametersForm({ workspace, versionId, current, classicNames }: ParametersFormProps) {
  const [initial] = useState(() => Object.fromEntries(current.map(({ name, value }) => [name, value])))
  const { form, state: unfiltered } = useParameterForm(versionId, initial)
  const state = filterParameters(unfiltered, classicNames)
  const [isSubmitted, setSubmitted] = useState(false)
  const restart = useRestartWorkspace()
  const navigate = useNavigate()
  const isUpdate = versionId !== workspace.latest_build.template_version_id

  if (!state.evaluated)
    return state.failure ? (
      <Failure title="Could not load parameters" error={state.failure} />
    ) : (
      <Delayed>
        <Skeleton className="h-64 rounded-card" />
      </Delayed>
    )

  const { parameters, diagnostics } = state.evaluated
  const submit = async (event: FormEvent) => {
    event.preventDefault()
    setSubmitted(true)
    const settled = filterParameters(await form.settled(), classicNames)
    if (!isAcceptable(settled)) return focusFirstInvalidField(event.target)
    const params = { owner: workspace.owner_name, name: workspace.name }
    restart.mutate(
      { workspace, versionId, values: toRichParameterValues(settled) },
      { onSuccess: () => void navigate({ to: '/@{$owner}/$name', params }) },
    )
  }
  const verb = isRunning(workspace) ? 'restart' : 'start'
  if (parameters.length === 0 && !isUpdate)
    return (
      <EmptyState icon={<SlidersHorizontal className="size-7" strokeWidth={1.5} aria-hidden />} title="No parameters">
        The template of this workspace has no parameters.
      </EmptyState>
    )
  return (
    <form onSubmit={(event) => void submit(event)} noValidate>
      <TemplateDiagnostics diagnostics={diagnostics} />
      <Card
        title={isUpdate ? 'Update to the active version' : 'Parameters'}
        note={isUpdate ? 'Check the values for the new version of the template.' : undefined}
      >
        <div className="flex flex-col gap-5">
          {parameters.map((parameter) => (
            <ParameterField
              key={parameter.name}
              parameter={parameter}
              value={shownValue(state, parameter)}
              isFromPreset={false}
              isSubmitted={isSubmitted}
              isExisting={parameter.name in initial}
              onChange={(value) => form.setValues({ [parameter.name]: value })}
            />
          ))}
          {parameters.length === 0 && <p className="text-muted">The new version has no parameters.</p>}
        </div>
      </Card>
      {restart.isError && <BuildError error={restart.error} />}
      <div className="mt-4 flex flex-wrap items-center gap-3">
        <Button variant="primary" type="submit" busy={restart.isPending} disabled={isBuilding(workspace)}>
          {restart.isPending ? 'Working' : isUpdate ? `Update and ${verb}` : `Save and ${verb}`}
        </Button>
        <FormStatus state={state} isSubmitted={isSubmitted && !state.isEvaluating}>
          {isRunning(workspace) && 'A restart ends the terminals and programs of the workspace.'}
        </FormStatus>
      </div>
    </form>
  )
}

function BuildError({ error }: { error: unknown }) {
  const { message, detail } = describeError(error)
  return (
    <p role="alert" className="mt-4 rounded-card border border-failed bg-failed-soft p-3 text-sm break-words">
      <span className="font-semibold">{message}</span> {detail}
    </p>
  )
}
