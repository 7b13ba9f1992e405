// Inputs for settings. Text is committed on Enter or when the input loses the focus, not at each key.

import { useEffect, useState } from 'react'
import { inputClass } from '../../components/field.tsx'
import { Switch } from '../../components/switch.tsx'

interface NumberInputProps {
  readonly id: string
  readonly value: number
  readonly min: number
  readonly max: number
  readonly step?: number
  readonly unit?: string
  readonly onChange: (value: number) => void
}

export function NumberInput({ id, value, min, max, step = 1, unit, onChange }: NumberInputProps) {
  const [text, setText] = useState(String(value))
  useEffect(() => setText(String(value)), [value])
  const commit = () => {
    const entered = Number(text)
    const next = text.trim() === '' || Number.isNaN(entered) ? value : Math.min(max, Math.max(min, entered))
    setText(String(next))
    if (next !== value) onChange(next)
  }
  return (
    <span className="flex items-center gap-2">
      <input
        id={id}
        type="number"
        min={min}
        max={max}
        step={step}
        className={inputClass('tabular w-28')}
        value={text}
        onChange={(event) => setText(event.target.value)}
        onBlur={commit}
        onKeyDown={(event) => event.key === 'Enter' && commit()}
      />
      {unit && <span className="text-sm text-muted">{unit}</span>}
    </span>
  )
}

interface TextInputProps {
  readonly id: string
  readonly value: string
  readonly placeholder: string
  readonly maxLength: number
  readonly onChange: (value: string) => void
}

export function TextInput({ id, value, placeholder, maxLength, onChange }: TextInputProps) {
  const [text, setText] = useState(value)
  useEffect(() => setText(value), [value])
  const commit = () => {
    if (text.trim() !== value) onChange(text.trim())
  }
  return (
    <input
      id={id}
      className={inputClass('w-64 max-w-full')}
      spellCheck={false}
      placeholder={placeholder}
      maxLength={maxLength}
      value={text}
      onChange={(event) => setText(event.target.value)}
      onBlur={commit}
      onKeyDown={(event) => event.key === 'Enter' && commit()}
    />
  )
}

interface SelectProps {
  readonly id: string
  readonly value: string
  readonly choices: readonly { readonly value: string; readonly label: string }[]
  readonly onChange: (value: string) => void
}

export function Select({ id, value, choices, onChange }: SelectProps) {
  return (
    <select
      id={id}
      className={inputClass('w-64 max-w-full')}
      value={value}
      onChange={(event) => onChange(event.target.value)}
    >
      {choices.map((choice) => (
        <option key={choice.value} value={choice.value}>
          {choice.label}
        </option>
      ))}
    </select>
  )
}

interface ToggleProps {
  readonly id: string
  readonly isOn: boolean
  readonly onChange: (isOn: boolean) => void
}

export const Toggle = ({ id, isOn, onChange }: ToggleProps) => (
  <Switch id={id} label={isOn ? 'On' : 'Off'} isOn={isOn} onChange={onChange} />
)
