// One parameter of a template as a form field.

import { FolderOpen } from 'lucide-react'
import { useState } from 'react'
import type { TemplateVersionParameter } from '../../../api/template-versions.ts'
import { Button } from '../../components/button.tsx'
import { Field, inputClass, TextField } from '../../components/field.tsx'
import { Segmented } from '../../components/segmented.tsx'
import { desktop } from '../../desktop.ts'
import { controlOf, valueProblem } from '../../workspace/parameters.ts'

interface ParameterFieldProps {
  parameter: TemplateVersionParameter
  value: string
  /** The form was sent once: what is wrong shows everywhere. */
  isTried: boolean
  onChange: (value: string) => void
}

// More choices than this, or longer ones, go into a list that opens.
const maxSegments = 5
const maxSegmentLength = 24

export function ParameterField({ parameter, value, isTried, onChange }: ParameterFieldProps) {
  const [isTouched, setTouched] = useState(false)
  const problem = isTouched || isTried ? valueProblem(parameter, value) : undefined
  const label = parameter.display_name || parameter.name
  const hint = parameter.mutable ? undefined : 'cannot be changed later'
  const description = parameter.description_plaintext || parameter.description || undefined
  const shared = { label, hint, description, problem }
  const change = (next: string) => {
    setTouched(true)
    onChange(next)
  }
  switch (controlOf(parameter)) {
    case 'choices':
      return <Choices {...shared} parameter={parameter} value={value} onChange={change} />
    case 'switch':
      return (
        <Field {...shared}>
          {() => <Segmented label={label} value={value} choices={yesAndNo} onChange={change} />}
        </Field>
      )
    case 'long-text':
      return (
        <Field {...shared}>
          {(control) => (
            <textarea
              {...control}
              rows={4}
              className={inputClass('h-auto! py-2 font-mono text-sm')}
              value={value}
              onChange={(event) => change(event.target.value)}
            />
          )}
        </Field>
      )
    case 'number':
      return (
        <TextField
          {...shared}
          inputMode="numeric"
          className="max-w-40"
          value={value}
          onChange={(event) => change(event.target.value)}
        />
      )
    case 'folder':
      return (
        <TextField
          {...shared}
          mono
          value={value}
          onChange={(event) => change(event.target.value)}
          action={<PickFolder onPick={change} />}
        />
      )
    case 'text':
      return <TextField {...shared} value={value} onChange={(event) => change(event.target.value)} />
  }
}

const yesAndNo = [
  { value: 'true', label: 'Yes' },
  { value: 'false', label: 'No' },
]

interface ChoicesProps {
  label: string
  hint: string | undefined
  description: string | undefined
  problem: string | undefined
  parameter: TemplateVersionParameter
  value: string
  onChange: (value: string) => void
}

function Choices({ parameter, value, onChange, ...shared }: ChoicesProps) {
  const { options } = parameter
  const fitsInRow = options.length <= maxSegments && options.every((option) => option.name.length <= maxSegmentLength)
  const chosen = options.find((option) => option.value === value)
  return (
    <Field {...shared} description={chosen?.description || shared.description}>
      {(control) =>
        fitsInRow ? (
          <Segmented
            id={control.id}
            label={shared.label}
            value={value}
            choices={options.map((option) => ({ value: option.value, label: option.name }))}
            onChange={onChange}
          />
        ) : (
          <select
            {...control}
            className={inputClass()}
            value={value}
            onChange={(event) => onChange(event.target.value)}
          >
            {options.map((option) => (
              <option key={option.value} value={option.value}>
                {option.name}
              </option>
            ))}
          </select>
        )
      }
    </Field>
  )
}

/** Only the desktop window has a dialog for folders of the computer. */
function PickFolder({ onPick }: { onPick: (folder: string) => void }) {
  if (!desktop) return null
  const bridge = desktop
  const pick = async () => {
    const folder = await bridge.pickFolder()
    if (folder) onPick(folder)
  }
  return (
    <Button onClick={() => void pick()}>
      <FolderOpen className="size-4" aria-hidden /> Choose…
    </Button>
  )
}
