// The form for a new workspace: its name, what the template asks for, and what will happen.

import { useQuery } from '@tanstack/react-query'
import { getRouteApi } from '@tanstack/react-router'
import { CornerDownLeft, Dices, Plus } from 'lucide-react'
import { type FormEvent, useState } from 'react'
import { ApiError } from '../../../api/errors.ts'
import type { TemplateVersionParameter } from '../../../api/template-versions.ts'
import type { Template } from '../../../api/templates.ts'
import { parametersQuery, templateQuery, versionResourcesQuery } from '../../api/templates.ts'
import { useCreateWorkspace, workspacesQuery } from '../../api/workspaces.ts'
import { Button } from '../../components/button.tsx'
import { Card } from '../../components/card.tsx'
import { describeError, Failure } from '../../components/failure.tsx'
import { TextField } from '../../components/field.tsx'
import { Kbd } from '../../components/kbd.tsx'
import { Delayed, Skeleton } from '../../components/skeleton.tsx'
import { duration } from '../../components/time.tsx'
import { Tooltip } from '../../components/tooltip.tsx'
import { Page } from '../../frame/page.tsx'
import { nameProblem, proposeName } from '../../workspace/names.ts'
import { useGoToTerminal } from '../../workspace/open-folder.ts'
import { valueProblem } from '../../workspace/parameters.ts'
import { addressOf, persistentAddresses } from '../../workspace/resources.ts'
import { NotFound } from '../not-found/not-found.tsx'
import { ParameterField } from './parameter-field.tsx'

const route = getRouteApi('/signed-in/templates/$template/workspace')

export function CreateWorkspacePage() {
  const { template: name } = route.useParams()
  const template = useQuery(templateQuery(name))
  const parameters = useQuery({
    ...parametersQuery(template.data?.active_version_id ?? ''),
    enabled: template.data !== undefined,
  })
  const workspaces = useQuery(workspacesQuery)
  if (template.error instanceof ApiError && template.error.status === 404) {
    return <NotFound title={`No template called ${name}`} text="It was deleted, or it is not yours to see." />
  }
  const failed = [template, parameters, workspaces].find((query) => query.isError)
  const displayName = template.data?.display_name || name
  return (
    <Page title="New workspace" above={[{ label: 'Templates', link: { to: '/templates' } }]}>
      <div className="px-6 pt-6 pb-12 max-sm:px-3 max-sm:pt-4">
        <header className="mb-5 flex flex-wrap items-baseline gap-x-3">
          <h1 className="text-xl font-bold">New workspace</h1>
          <span className="text-sm text-muted">{displayName}</span>
        </header>
        {template.data && parameters.data && workspaces.data ? (
          <CreateForm
            template={template.data}
            parameters={parameters.data}
            taken={new Set(workspaces.data.map((workspace) => workspace.name.toLowerCase()))}
          />
        ) : failed ? (
          <Failure title="The template could not be read" error={failed.error} onRetry={() => void failed.refetch()} />
        ) : (
          <Delayed>
            <Skeleton className="h-80 max-w-[768px] rounded-card" />
          </Delayed>
        )}
      </div>
    </Page>
  )
}

interface CreateFormProps {
  template: Template
  parameters: readonly TemplateVersionParameter[]
  taken: ReadonlySet<string>
}

function CreateForm({ template, parameters, taken }: CreateFormProps) {
  const [proposed, setProposed] = useState(() => proposeName(taken))
  const [name, setName] = useState(proposed)
  const [values, setValues] = useState<Record<string, string>>({})
  const [isTried, setTried] = useState(false)
  const create = useCreateWorkspace()
  const goToTerminal = useGoToTerminal()

  const proposeAnother = () => {
    const next = proposeName(taken)
    setProposed(next)
    setName(next)
  }
  const currentValue = (parameter: TemplateVersionParameter) => values[parameter.name] ?? parameter.default_value
  const wrongName = nameProblem(name, taken)
  const isComplete =
    wrongName === undefined &&
    parameters.every((parameter) => valueProblem(parameter, currentValue(parameter)) === undefined)

  const submit = (event: FormEvent) => {
    event.preventDefault()
    setTried(true)
    if (!isComplete || create.isPending) return
    const changed = parameters.filter((parameter) => currentValue(parameter) !== parameter.default_value)
    create.mutate(
      {
        template_id: template.id,
        name,
        rich_parameter_values: changed.map((parameter) => ({ name: parameter.name, value: currentValue(parameter) })),
      },
      { onSuccess: (workspace) => void goToTerminal(workspace) },
    )
  }

  return (
    <form
      onSubmit={submit}
      noValidate
      className="grid items-start gap-5 lg:grid-cols-[minmax(0,768px)_minmax(280px,400px)]"
    >
      <div>
        <Card className="p-5!">
          <div className="flex flex-col gap-5">
            <TextField
              label="Name"
              hint={name === proposed ? 'proposed' : undefined}
              autoFocus
              value={name}
              problem={wrongName}
              onFocus={(event) => event.currentTarget.select()}
              onChange={(event) => setName(event.target.value)}
              action={
                <Tooltip text="Another name">
                  <Button size="icon" aria-label="Propose another" onClick={proposeAnother}>
                    <Dices className="size-4" aria-hidden />
                  </Button>
                </Tooltip>
              }
            />
            {parameters.map((parameter) => (
              <ParameterField
                key={parameter.name}
                parameter={parameter}
                value={currentValue(parameter)}
                isTried={isTried}
                onChange={(value) => setValues((before) => ({ ...before, [parameter.name]: value }))}
              />
            ))}
          </div>
        </Card>
        {create.isError && <Refusal error={create.error} />}
        <div className="mt-4 flex flex-wrap items-center gap-3">
          <Button look="primary" type="submit" busy={create.isPending} disabled={isTried && !isComplete}>
            {create.isPending ? 'Creating' : 'Create workspace'}
            <Kbd onAccent>
              <CornerDownLeft className="size-3" aria-label="Enter" />
            </Kbd>
          </Button>
          <span className="text-sm text-muted">Its terminal opens when it is ready.</span>
        </div>
      </div>
      <WhatWillHappen template={template} />
    </form>
  )
}

function Refusal({ error }: { error: unknown }) {
  const { message, detail } = describeError(error)
  return (
    <p role="alert" className="mt-4 rounded-card border border-failed bg-failed-soft p-3 text-sm">
      <span className="font-semibold">{message}</span> {detail}
    </p>
  )
}

function WhatWillHappen({ template }: { template: Template }) {
  const { data: resources } = useQuery(versionResourcesQuery(template.active_version_id))
  const started = (resources ?? []).filter((resource) => resource.workspace_transition === 'start' && !resource.hide)
  const persistent = persistentAddresses(resources ?? [])
  const usual = template.build_time_stats.start.P50
  const isThisComputer = started.some((resource) => resource.type.startsWith('host_'))
  return (
    <section className="rounded-card border border-line bg-surface">
      <div className="p-4">
        <h2 className="mb-3 font-semibold">What will happen</h2>
        <ul className="flex flex-col gap-2">
          {started.map((resource) => (
            <li key={resource.id} className="flex items-baseline gap-2.5">
              <Plus className="size-3.5 shrink-0 self-center text-running" aria-hidden />
              <code className="min-w-0 flex-1 text-xs break-all">{addressOf(resource)}</code>
              <span className="shrink-0 text-sm text-muted">
                {persistent.has(addressOf(resource)) ? 'stays' : 'goes on stop'}
              </span>
            </li>
          ))}
        </ul>
      </div>
      <p className="border-t border-line px-4 py-3 text-sm text-muted">
        {usual ? `Usually ready in ${duration(usual)}. ` : ''}
        {isThisComputer
          ? 'It runs as you, with your files: it is not a sandbox.'
          : 'Made by Terraform, on this deployment.'}
      </p>
    </section>
  )
}
