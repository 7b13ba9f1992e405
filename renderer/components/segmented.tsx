// A segmented control: a radio group with few choices, operated with arrow keys.

import { RadioGroup } from 'radix-ui'
import { classNames } from './class-names.ts'

export interface Choice {
  value: string
  label: string
}

interface SegmentedProps {
  id?: string
  label: string
  value: string
  choices: readonly Choice[]
  disabled?: boolean
  onChange: (value: string) => void
}

export function Segmented({ id, label, value, choices, disabled, onChange }: SegmentedProps) {
  return (
    <RadioGroup.Root
      id={id}
      aria-label={label}
      value={value}
      onValueChange={onChange}
      disabled={disabled ?? false}
      orientation="horizontal"
      className="inline-flex w-fit max-w-full flex-wrap overflow-hidden rounded-control border border-line-control has-disabled:opacity-60"
    >
      {choices.map((choice, index) => (
        <RadioGroup.Item
          key={choice.value}
          value={choice.value}
          className={classNames(
            'h-8 px-3.5 text-sm transition-colors hover:bg-hover focus-visible:-outline-offset-2',
            'data-[state=checked]:bg-accent-soft data-[state=checked]:font-semibold data-[state=checked]:text-accent-text',
            index > 0 && 'border-l border-line-strong',
          )}
        >
          {choice.label}
        </RadioGroup.Item>
      ))}
    </RadioGroup.Root>
  )
}
