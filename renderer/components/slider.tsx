// A slider and number input for an integer in a range.

import { inputClass } from './field.tsx'

interface SliderProps {
  id?: string
  label: string
  value: string
  min: number
  max: number
  disabled?: boolean
  onChange: (value: string) => void
  'aria-invalid'?: boolean
  'aria-describedby'?: string | undefined
}

export function Slider({ id, label, value, min, max, disabled, onChange, ...described }: SliderProps) {
  return (
    <div className="flex items-center gap-4">
      <input
        type="range"
        aria-label={`${label}, from ${min} to ${max}`}
        min={min}
        max={max}
        value={value === '' ? min : value}
        disabled={disabled}
        onChange={(event) => onChange(event.target.value)}
        className="h-8 min-w-0 flex-1 accent-accent disabled:opacity-60"
      />
      <input
        {...described}
        id={id}
        inputMode="numeric"
        value={value}
        disabled={disabled}
        onChange={(event) => onChange(event.target.value)}
        className={inputClass('tabular w-20! shrink-0')}
      />
    </div>
  )
}
