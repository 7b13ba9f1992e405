// An input for a list of texts: Enter or a comma adds one, Backspace in the empty input removes the last.

import { X } from 'lucide-react'
import { type KeyboardEvent, useState } from 'react'
import { classNames } from './class-names.ts'

interface TagInputProps {
  id?: string
  values: readonly string[]
  placeholder?: string | undefined
  disabled?: boolean
  onChange: (values: string[]) => void
  'aria-invalid'?: boolean
  'aria-describedby'?: string | undefined
}

export function TagInput({ values, placeholder, disabled, onChange, ...input }: TagInputProps) {
  const [typed, setTyped] = useState('')
  const add = (text: string) => {
    const fresh = text
      .split(',')
      .map((part) => part.trim())
      .filter((part) => part !== '' && !values.includes(part))
    setTyped('')
    if (fresh.length > 0) onChange([...values, ...new Set(fresh)])
  }
  const onKeyDown = (event: KeyboardEvent) => {
    // Enter in the empty input submits the form.
    if (event.key === 'Enter' && typed.trim() !== '') {
      event.preventDefault()
      add(typed)
    } else if (event.key === 'Backspace' && typed === '' && values.length > 0) onChange(values.slice(0, -1))
  }
  return (
    <div
      className={classNames(
        'flex min-h-8 w-full flex-wrap items-center gap-1.5 rounded-control border border-line-control bg-surface px-1.5 py-1',
        'has-[input:focus-visible]:outline-2 has-[input:focus-visible]:outline-accent',
        'has-[input[aria-invalid=true]]:border-failed',
        disabled && 'opacity-60',
      )}
    >
      {values.map((value) => (
        <span
          key={value}
          className="flex h-6 max-w-full items-center gap-0.5 rounded-sm bg-accent-soft pl-2 text-sm text-accent-text"
        >
          <span className="truncate">{value}</span>
          <button
            type="button"
            aria-label={`Remove ${value}`}
            disabled={disabled}
            onClick={() => onChange(values.filter((other) => other !== value))}
            className="grid size-6 place-items-center"
          >
            <X className="size-3.5" aria-hidden />
          </button>
        </span>
      ))}
      <input
        {...input}
        disabled={disabled}
        spellCheck={false}
        autoCapitalize="off"
        placeholder={values.length === 0 ? (placeholder ?? 'Type a value and press Enter') : ''}
        value={typed}
        onChange={(event) =>
          event.target.value.includes(',') ? add(event.target.value) : setTyped(event.target.value)
        }
        onKeyDown={onKeyDown}
        onBlur={() => add(typed)}
        className="h-6 min-w-24 flex-1 bg-transparent px-1 outline-none"
      />
    </div>
  )
}
