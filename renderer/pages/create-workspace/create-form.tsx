// The form for a new workspace: name, presets and parameters. The parameters are evaluated after each change; parameters
// that no longer exist are not submitted.

import { CornerDownLeft, Dices, WifiOff } from 'lucide-react'
import { type FormEvent, useState } from 'react'
import type { Preset, PreviewParameter } from '../../../api/templates/template-versions.ts'
import type { Template } from '../../../api/templates/templates.ts'
import { type FormState, useParameterForm } from '../../api/parameter-form.ts'
import { useCreateWorkspace } from '../../api/workspaces.ts'
import { Button } from '../../components/button.tsx'
import { Card } from '../../components/card.tsx'
import { Failure } from '../../components/failure.tsx'
import { TextField } from '../../components/field.tsx'
import { Kbd } from '../../components/kbd.tsx'
import { Delayed, Skeleton } from '../../components/skeleton.tsx'
import { Tooltip } from '../../components/tooltip.tsx'
import { describeError } from '../../describe-error.ts'
import { nameProblem, proposeName } from '../../workspace/names.ts'
import { useGoToTerminal } from '../../workspace/open-folder.ts'
import { isWrong } from '../../workspace/parameters.ts'
import { ParameterField } from './parameter-field.tsx'
import { answersOf, Presets } from './presets.tsx'
import { ResourcePreview } from './resource-preview.tsx'
import { readSearchParameters } from './search-parameters.ts'
import { TemplateDiagnostics } from './template-diagnostics.tsx'

interface CreateFormProps {
  template: Template
  presets: readonly Preset[]
  /** The only parameters of a classic template; undefined for others. */
  classicNames: readonly string[] | undefined
  taken: ReadonlySet<string>
  onRetry: () => void
}

export function CreateForm({ template, presets, classicNames, taken, onRetry }: CreateFormProps) {
  const [address] = useState(() => readSearchParameters(location.search))
  const [proposed, setProposed] = useState(() => proposeName(taken))
  const [name, setName] = useState(address.name ?? proposed)
  const [preset, setPreset] = useState(() => presets.find(({ Default }) => Default))
  const [isTried, setTried] = useState(false)
  const [isChecking, setChecking] = useState(false)
  const { form, state: whole } = useParameterForm(template.active_version_id, {
    ...(preset && answersOf(preset)),
    ...address.answers,
  })
  const state = onlyThese(whole, classicNames)
  const create = useCreateWorkspace()
  const goToTerminal = useGoToTerminal()

  if (!state.evaluated) return state.failure ? <Unreadable error={state.failure} onRetry={onRetry} /> : <Opening />

  const { parameters, diagnostics } = state.evaluated
  const wrongName = nameProblem(name, taken)
  // The preset applies until one of its values is changed.
  const presetAnswers = preset ? answersOf(preset) : {}
  const isPresetWhole = Object.entries(presetAnswers).every(([key, value]) => state.answers[key] === value)
  const isComplete = wrongName === undefined && isAcceptable(state)

  const proposeAnother = () => {
    const next = proposeName(taken)
    setProposed(next)
    setName(next)
  }
  const choose = (next: Preset | undefined) => {
    setPreset(next)
    if (next) form.answer(answersOf(next))
  }
  const submit = async (event: FormEvent) => {
    event.preventDefault()
    setTried(true)
    if (create.isPending || isChecking) return
    // The latest answer may not be validated yet.
    setChecking(true)
    const settled = onlyThese(await form.settled(), classicNames)
    setChecking(false)
    if (wrongName || !isAcceptable(settled)) return showFirstProblem(event.target)
    create.mutate(
      {
        template_id: template.id,
        name,
        rich_parameter_values: valuesOf(settled),
        ...(preset && isPresetWhole && { template_version_preset_id: preset.ID }),
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
        <Presets presets={presets} chosenId={isPresetWhole ? preset?.ID : undefined} onChoose={choose} />
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
                <Tooltip text="Propose another name">
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
                value={shownValue(state, parameter)}
                isOfPreset={isPresetWhole && presetAnswers[parameter.name] !== undefined}
                isTried={isTried}
                onChange={(value) => form.answer({ [parameter.name]: value })}
              />
            ))}
          </div>
        </Card>
        {create.isError && <Refusal error={create.error} />}
        <div className="mt-4 flex flex-wrap items-center gap-3">
          <Button
            look="primary"
            type="submit"
            busy={create.isPending || isChecking}
            disabled={isTried && !isComplete && !state.isEvaluating}
          >
            {create.isPending ? 'Creating' : 'Create workspace'}
            <Kbd onAccent>
              <CornerDownLeft className="size-3" aria-label="Enter" />
            </Kbd>
          </Button>
          <Footnote state={state} isTried={isTried && !state.isEvaluating} isNameWrong={wrongName !== undefined} />
        </div>
      </div>
      <ResourcePreview template={template} />
    </form>
  )
}

function onlyThese(state: FormState, names: readonly string[] | undefined): FormState {
  if (!names || !state.evaluated) return state
  const parameters = state.evaluated.parameters.filter(({ name }) => names.includes(name))
  return { ...state, evaluated: { ...state.evaluated, parameters } }
}

/** Whether neither the template nor a value has an error. */
const isAcceptable = ({ evaluated }: FormState): boolean =>
  evaluated !== undefined &&
  !evaluated.parameters.some(isWrong) &&
  !evaluated.diagnostics.some(({ severity }) => severity === 'error')

/** The answer, or else the template's value. A disabled parameter always has the template's value. */
const shownValue = ({ answers }: FormState, { name, value, styling }: PreviewParameter): string =>
  (styling.disabled ? undefined : answers[name]) ?? value.value

const valuesOf = (state: FormState) =>
  (state.evaluated?.parameters ?? [])
    .filter(({ name, value }) => value.valid || state.answers[name] !== undefined)
    .map((parameter) => ({ name: parameter.name, value: shownValue(state, parameter) }))

/** Waits for the next rendering, which marks invalid fields. */
function showFirstProblem(form: EventTarget): void {
  requestAnimationFrame(() => {
    if (form instanceof HTMLElement) form.querySelector<HTMLElement>('[aria-invalid=true]')?.focus()
  })
}

interface FootnoteProps {
  state: FormState
  isTried: boolean
  isNameWrong: boolean
}

function Footnote({ state, isTried, isNameWrong }: FootnoteProps) {
  const wrong = (state.evaluated?.parameters.filter(isWrong).length ?? 0) + (isNameWrong ? 1 : 0)
  if (!state.isConnected)
    return (
      <span role="status" className="flex items-center gap-1.5 text-sm text-attention-text">
        <WifiOff className="size-4 shrink-0" aria-hidden />
        The deployment is not responding. The form is updated when it reconnects.
      </span>
    )
  if (isTried && wrong > 0)
    return (
      <span role="status" className="text-sm text-failed-text">
        {wrong === 1 ? 'One field is' : `${wrong} fields are`} not valid.
      </span>
    )
  return <span className="text-sm text-muted">The terminal opens when the workspace is ready.</span>
}

const Opening = () => (
  <Delayed>
    <Skeleton className="h-80 max-w-[768px] rounded-card" />
  </Delayed>
)

const Unreadable = ({ error, onRetry }: { error: unknown; onRetry: () => void }) => (
  <Failure title="Could not load the template's parameters" error={error} onRetry={onRetry} />
)

function Refusal({ error }: { error: unknown }) {
  const { message, detail } = describeError(error)
  return (
    <p role="alert" className="mt-4 rounded-card border border-failed bg-failed-soft p-3 text-sm break-words">
      <span className="font-semibold">{message}</span> {detail}
    </p>
  )
}
