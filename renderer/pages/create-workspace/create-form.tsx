// The form for a new workspace: name, presets and parameters. The parameters are evaluated after each change; parameters
// that no longer exist are not submitted.

import { CornerDownLeft, Dices } from 'lucide-react'
import { type FormEvent, useState } from 'react'
import type { Preset } from '../../../api/templates/template-versions.ts'
import type { Template } from '../../../api/templates/templates.ts'
import { useParameterForm } from '../../api/parameter-form.ts'
import { useCreateWorkspace } from '../../api/workspaces.ts'
import { Button } from '../../components/button.tsx'
import { Card } from '../../components/card.tsx'
import { Failure } from '../../components/failure.tsx'
import { TextField } from '../../components/field.tsx'
import { Kbd } from '../../components/kbd.tsx'
import { Delayed, Skeleton } from '../../components/skeleton.tsx'
import { Tooltip } from '../../components/tooltip.tsx'
import { describeError } from '../../describe-error.ts'
import { TemplateDiagnostics } from '../../workspace/diagnostics/template-diagnostics.tsx'
import { suggestName, validateName } from '../../workspace/names.ts'
import { useGoToTerminal } from '../../workspace/open-folder.ts'
import { FormStatus } from '../../workspace/parameters/form-status.tsx'
import {
  filterParameters,
  focusFirstInvalidField,
  isAcceptable,
  shownValue,
  toRichParameterValues,
} from '../../workspace/parameters/form-values.ts'
import { ParameterField } from '../../workspace/parameters/parameter-field.tsx'
import { getPresetValues, Presets } from './presets.tsx'
import { ResourcePreview } from './resource-preview.tsx'
import { readSearchParameters } from './search-parameters.ts'

interface CreateFormProps {
  template: Template
  presets: readonly Preset[]
  /** The only parameters of a classic template; undefined for others. */
  classicNames: readonly string[] | undefined
  takenNames: ReadonlySet<string>
  onRetry: () => void
}

export function CreateForm({ template, presets, classicNames, takenNames, onRetry }: CreateFormProps) {
  const [prefilled] = useState(() => readSearchParameters(location.search))
  const [suggested, setSuggested] = useState(() => suggestName(takenNames))
  const [name, setName] = useState(prefilled.name ?? suggested)
  const [preset, setPreset] = useState(() => presets.find(({ Default }) => Default))
  const [isSubmitted, setSubmitted] = useState(false)
  const [isChecking, setChecking] = useState(false)
  const { form, state: unfiltered } = useParameterForm(template.active_version_id, {
    ...(preset && getPresetValues(preset)),
    ...prefilled.values,
  })
  const state = filterParameters(unfiltered, classicNames)
  const create = useCreateWorkspace()
  const goToTerminal = useGoToTerminal()

  if (!state.evaluated)
    return state.failure ? <LoadFailure error={state.failure} onRetry={onRetry} /> : <FormSkeleton />

  const { parameters, diagnostics } = state.evaluated
  const nameError = validateName(name, takenNames)
  // The preset applies until one of its values is changed.
  const presetValues = preset ? getPresetValues(preset) : {}
  const isPresetUnchanged = Object.entries(presetValues).every(([key, value]) => state.values[key] === value)
  const isComplete = nameError === undefined && isAcceptable(state)

  const suggestAnotherName = () => {
    const next = suggestName(takenNames)
    setSuggested(next)
    setName(next)
  }
  const choose = (next: Preset | undefined) => {
    setPreset(next)
    if (next) form.setValues(getPresetValues(next))
  }
  const submit = async (event: FormEvent) => {
    event.preventDefault()
    setSubmitted(true)
    if (create.isPending || isChecking) return
    // The latest value may not be validated yet.
    setChecking(true)
    const settled = filterParameters(await form.settled(), classicNames)
    setChecking(false)
    if (nameError || !isAcceptable(settled)) return focusFirstInvalidField(event.target)
    create.mutate(
      {
        template_id: template.id,
        name,
        rich_parameter_values: toRichParameterValues(settled),
        ...(preset && isPresetUnchanged && { template_version_preset_id: preset.ID }),
      },
      { onSuccess: (workspace) => void goToTerminal(workspace) },
    )
  }

  return (
    <form
      onSubmit={(event) => void submit(event)}
      noValidate
      className="grid items-start gap-5 lg:grid-cols-[minmax(0,768px)_minmax(280px,400px)]"
    >
      <div className="min-w-0">
        <TemplateDiagnostics diagnostics={diagnostics} />
        <Presets presets={presets} chosenId={isPresetUnchanged ? preset?.ID : undefined} onChoose={choose} />
        <Card className="p-5!">
          <div className="flex flex-col gap-5">
            <TextField
              label="Name"
              hint={name === suggested ? 'suggested' : undefined}
              autoFocus
              value={name}
              problem={nameError}
              onFocus={(event) => event.currentTarget.select()}
              onChange={(event) => setName(event.target.value)}
              action={
                <Tooltip text="Suggest another name">
                  <Button size="icon" aria-label="Suggest another name" onClick={suggestAnotherName}>
                    <Dices className="size-4" aria-hidden />
                  </Button>
                </Tooltip>
              }
            />
            {parameters.map((parameter) => (
              <ParameterField
                key={parameter.name}
                parameter={parameter}
                value={shownValue(state, parameter)}
                isFromPreset={isPresetUnchanged && presetValues[parameter.name] !== undefined}
                isSubmitted={isSubmitted}
                onChange={(value) => form.setValues({ [parameter.name]: value })}
              />
            ))}
          </div>
        </Card>
        {create.isError && <CreateError error={create.error} />}
        <div className="mt-4 flex flex-wrap items-center gap-3">
          <Button
            variant="primary"
            type="submit"
            busy={create.isPending || isChecking}
            disabled={isSubmitted && !isComplete && !state.isEvaluating}
          >
            {create.isPending ? 'Creating' : 'Create workspace'}
            <Kbd onAccent>
              <CornerDownLeft className="size-3" aria-label="Enter" />
            </Kbd>
          </Button>
          <FormStatus
            state={state}
            isSubmitted={isSubmitted && !state.isEvaluating}
            otherErrors={nameError === undefined ? 0 : 1}
          >
            The terminal opens when the workspace is ready.
          </FormStatus>
        </div>
      </div>
      <ResourcePreview template={template} />
    </form>
  )
}

const FormSkeleton = () => (
  <Delayed>
    <Skeleton className="h-80 max-w-[768px] rounded-card" />
  </Delayed>
)

const LoadFailure = ({ error, onRetry }: { error: unknown; onRetry: () => void }) => (
  <Failure title="Could not load the template's parameters" error={error} onRetry={onRetry} />
)

function CreateError({ error }: { error: unknown }) {
  const { message, detail } = describeError(error)
  return (
    <p role="alert" className="mt-4 rounded-card border border-failed bg-failed-soft p-3 text-sm break-words">
      <span className="font-semibold">{message}</span> {detail}
    </p>
  )
}
