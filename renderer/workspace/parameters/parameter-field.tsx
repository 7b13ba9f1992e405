// One template parameter as a form field. The server supplies its options and diagnostics.

import { Eye, EyeOff, FolderOpen } from 'lucide-react'
import { type ReactNode, useState } from 'react'
import type { PreviewParameter } from '../../../api/templates/template-versions.ts'
import { Button } from '../../components/button.tsx'
import { MultipleChoiceList, SingleChoiceList } from '../../components/choice-list.tsx'
import { Field, inputClass, TextField } from '../../components/field.tsx'
import { Icon } from '../../components/icon.tsx'
import { Segmented } from '../../components/segmented.tsx'
import { Slider } from '../../components/slider.tsx'
import { Switch } from '../../components/switch.tsx'
import { TagInput } from '../../components/tag-input.tsx'
import { Tooltip } from '../../components/tooltip.tsx'
import { desktop } from '../../desktop.ts'
import { chooseControl, findParameterMessage, limitsOf, parseList, plainText } from './parameters.ts'

interface ParameterFieldProps {
  parameter: PreviewParameter
  value: string
  /** The value comes from the selected preset. */
  isFromPreset: boolean
  /** The form was submitted: missing values are marked in all fields. */
  isSubmitted: boolean
  /** The workspace exists: its immutable parameters cannot be changed. */
  isExisting?: boolean
  onChange: (value: string) => void
}

export function ParameterField({
  parameter: declared,
  value,
  isFromPreset,
  isSubmitted,
  isExisting = false,
  onChange,
}: ParameterFieldProps) {
  const isLocked = isExisting && !declared.mutable
  const parameter = isLocked ? { ...declared, styling: { ...declared.styling, disabled: true } } : declared
  const [isTouched, setTouched] = useState(false)
  const message = findParameterMessage(parameter, isTouched || isSubmitted)
  const label = parameter.display_name || parameter.name
  const change = (next: string) => {
    setTouched(true)
    onChange(next)
  }
  const shared = {
    label,
    icon: parameter.icon ? <Icon src={parameter.icon} /> : undefined,
    hint: isLocked ? 'cannot be changed' : formatHint(parameter, isFromPreset, isExisting),
    description: plainText(parameter.description) || undefined,
    problem: message?.severity === 'error' ? message.text : undefined,
    warning: message?.severity === 'warning' ? message.text : undefined,
  }
  return (
    // Once the field loses the focus, a missing value is reported.
    // biome-ignore lint/a11y/noStaticElementInteractions: it only observes focus; the control inside is interactive
    <div onBlur={() => setTouched(true)}>
      <Control shared={shared} parameter={parameter} value={value} onChange={change} />
    </div>
  )
}

function formatHint(parameter: PreviewParameter, isFromPreset: boolean, isExisting: boolean): string | undefined {
  const hints = [
    isFromPreset && 'from the preset',
    parameter.ephemeral && (isExisting ? 'for the next start only' : 'for the first start only'),
    !parameter.mutable && 'cannot be changed later',
    formatRange(parameter),
    parameter.styling.disabled && 'set by the template',
  ]
  return hints.filter(Boolean).join(' · ') || undefined
}

function formatRange(parameter: PreviewParameter): string | undefined {
  const limits = parameter.type === 'number' ? limitsOf(parameter) : undefined
  return limits && `${limits.min} to ${limits.max}`
}

interface FieldProps {
  label: string
  icon: ReactNode
  hint: string | undefined
  description: string | undefined
  problem: string | undefined
  warning: string | undefined
}

interface ControlProps {
  shared: FieldProps
  parameter: PreviewParameter
  value: string
  onChange: (value: string) => void
}

function Control({ shared, parameter, value, onChange }: ControlProps) {
  const disabled = parameter.styling.disabled ?? false
  const { placeholder } = parameter.styling
  const textFieldProps = {
    ...shared,
    disabled,
    placeholder,
    value,
    onChange: (event: { target: { value: string } }) => onChange(event.target.value),
  }
  switch (chooseControl(parameter)) {
    case 'choices':
    case 'dropdown':
      return <Choices shared={shared} parameter={parameter} value={value} onChange={onChange} />
    case 'multi-select':
      return (
        <Field {...shared}>
          {() => (
            <MultipleChoiceList
              label={shared.label}
              values={parseList(value)}
              choices={choicesOf(parameter)}
              disabled={disabled}
              onChange={(values) => onChange(JSON.stringify(values))}
            />
          )}
        </Field>
      )
    case 'tags':
      return (
        <Field {...shared}>
          {(control) => (
            <TagInput
              {...control}
              values={parseList(value)}
              placeholder={placeholder}
              disabled={disabled}
              onChange={(values) => onChange(JSON.stringify(values))}
            />
          )}
        </Field>
      )
    case 'switch':
      return (
        <Field {...shared}>
          {(control) => (
            <Switch
              {...control}
              label={parameter.styling.label || (value === 'true' ? 'On' : 'Off')}
              isOn={value === 'true'}
              disabled={disabled}
              onChange={(isOn) => onChange(String(isOn))}
            />
          )}
        </Field>
      )
    case 'checkbox':
      return (
        <Field {...shared}>
          {(control) => (
            <span className="flex min-h-8 items-center gap-2.5">
              <input
                {...control}
                type="checkbox"
                className="size-4 accent-accent"
                checked={value === 'true'}
                disabled={disabled}
                onChange={(event) => onChange(String(event.target.checked))}
              />
              <label htmlFor={control.id} className="text-sm">
                {parameter.styling.label || 'Yes'}
              </label>
            </span>
          )}
        </Field>
      )
    case 'slider': {
      const { min, max } = limitsOf(parameter) ?? { min: 0, max: 0 }
      return (
        <Field {...shared}>
          {(control) => (
            <Slider
              {...control}
              label={shared.label}
              min={min}
              max={max}
              value={value}
              disabled={disabled}
              onChange={onChange}
            />
          )}
        </Field>
      )
    }
    case 'long-text':
      return (
        <Field {...shared}>
          {(control) => (
            <textarea
              {...control}
              rows={4}
              className={inputClass('block h-auto! py-2 font-mono text-sm')}
              placeholder={placeholder}
              disabled={disabled}
              value={value}
              onChange={(event) => onChange(event.target.value)}
            />
          )}
        </Field>
      )
    case 'number':
      return <TextField {...textFieldProps} inputMode="numeric" className="max-w-40" />
    case 'secret':
      return <SecretField {...textFieldProps} />
    case 'folder':
      return <TextField {...textFieldProps} mono action={<FolderPicker onPick={onChange} />} />
    case 'text':
      return <TextField {...textFieldProps} />
  }
}

// More choices, longer labels or descriptions are listed vertically.
const maxSegments = 5
const maxSegmentLength = 24
// More choices use a dropdown.
const maxListed = 8

const choicesOf = ({ options }: PreviewParameter) =>
  options.map(({ name, description, value, icon }) => ({
    value: value.value,
    label: name || value.value,
    description: plainText(description),
    icon,
  }))

function Choices({ shared, parameter, value, onChange }: ControlProps) {
  const disabled = parameter.styling.disabled ?? false
  const choices = choicesOf(parameter)
  const isDropdown = chooseControl(parameter) === 'dropdown' || choices.length > maxListed
  const fitsInRow =
    choices.length <= maxSegments &&
    choices.every(({ label, description, icon }) => label.length <= maxSegmentLength && description + icon === '')
  const chosen = choices.find((choice) => choice.value === value)
  const group = { label: shared.label, value, choices, disabled, onChange }
  if (!isDropdown)
    return (
      <Field {...shared}>
        {({ id }) => (fitsInRow ? <Segmented id={id} {...group} /> : <SingleChoiceList id={id} {...group} />)}
      </Field>
    )
  return (
    <Field {...shared} description={chosen?.description || shared.description}>
      {(control) => (
        <select
          {...control}
          className={inputClass()}
          value={value}
          disabled={disabled}
          onChange={(event) => onChange(event.target.value)}
        >
          {!chosen && <option value={value}>{value || (parameter.styling.placeholder ?? 'Choose…')}</option>}
          {choices.map((choice) => (
            <option key={choice.value} value={choice.value}>
              {choice.label}
            </option>
          ))}
        </select>
      )}
    </Field>
  )
}

function SecretField(field: Parameters<typeof TextField>[0]) {
  const [isShown, setShown] = useState(false)
  const name = isShown ? 'Hide' : 'Show'
  return (
    <TextField
      {...field}
      type={isShown ? 'text' : 'password'}
      autoComplete="off"
      action={
        <Tooltip text={name}>
          <Button size="icon" aria-label={`${name} ${field.label}`} onClick={() => setShown(!isShown)}>
            {isShown ? <EyeOff className="size-4" aria-hidden /> : <Eye className="size-4" aria-hidden />}
          </Button>
        </Tooltip>
      }
    />
  )
}

/** Only the desktop app has a native folder dialog. */
function FolderPicker({ onPick }: { onPick: (folder: string) => void }) {
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
