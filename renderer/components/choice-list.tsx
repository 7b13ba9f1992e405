// A vertical list of choices with descriptions, for one or several selected values.

import { Check } from 'lucide-react'
import { Checkbox, RadioGroup } from 'radix-ui'
import { classNames } from './class-names.ts'
import { Icon } from './icon.tsx'
import type { Choice } from './segmented.tsx'

interface DescribedChoice extends Choice {
  description?: string
  /** URL of an icon. */
  icon?: string
}

interface SingleChoiceListProps {
  id?: string
  label: string
  value: string
  choices: readonly DescribedChoice[]
  disabled?: boolean
  onChange: (value: string) => void
}

const rowClass = classNames(
  'group flex items-start gap-2.5 rounded-control px-2.5 py-1.5 text-left transition-colors hover:bg-hover',
  'data-[state=checked]:bg-accent-soft disabled:pointer-events-none disabled:opacity-60 focus-visible:-outline-offset-2',
)

const listClass = 'flex flex-col gap-0.5 rounded-control border border-line-control p-1'

export function SingleChoiceList({ id, label, value, choices, disabled, onChange }: SingleChoiceListProps) {
  return (
    <RadioGroup.Root
      id={id}
      aria-label={label}
      value={value}
      onValueChange={onChange}
      disabled={disabled ?? false}
      className={listClass}
    >
      {choices.map((choice) => (
        <RadioGroup.Item key={choice.value} value={choice.value} className={rowClass}>
          <span className="mt-[3px] grid size-3.5 shrink-0 place-items-center rounded-full border border-line-control group-data-[state=checked]:border-accent">
            <RadioGroup.Indicator className="size-2 rounded-full bg-accent" />
          </span>
          <ChoiceLabel {...choice} />
        </RadioGroup.Item>
      ))}
    </RadioGroup.Root>
  )
}

interface MultipleChoiceListProps {
  label: string
  values: readonly string[]
  choices: readonly DescribedChoice[]
  disabled?: boolean
  onChange: (values: string[]) => void
}

/** Selected values keep the order of the choices. */
export function MultipleChoiceList({ label, values, choices, disabled, onChange }: MultipleChoiceListProps) {
  const toggle = (value: string, isChosen: boolean) =>
    onChange(
      choices.map((choice) => choice.value).filter((other) => (other === value ? isChosen : values.includes(other))),
    )
  return (
    <fieldset aria-label={label} className={listClass}>
      {choices.map((choice) => (
        <Checkbox.Root
          key={choice.value}
          checked={values.includes(choice.value)}
          disabled={disabled ?? false}
          onCheckedChange={(isChosen) => toggle(choice.value, isChosen === true)}
          className={rowClass}
        >
          <span className="mt-[3px] grid size-3.5 shrink-0 place-items-center rounded-sm border border-line-control group-data-[state=checked]:border-accent group-data-[state=checked]:bg-accent">
            <Checkbox.Indicator>
              <Check className="size-3 text-on-accent" strokeWidth={3} aria-hidden />
            </Checkbox.Indicator>
          </span>
          <ChoiceLabel {...choice} />
        </Checkbox.Root>
      ))}
    </fieldset>
  )
}

function ChoiceLabel({ label, description, icon = '' }: DescribedChoice) {
  return (
    <>
      <Icon src={icon} className="mt-[3px] size-4" />
      <span className="min-w-0">
        <span className="block text-sm group-data-[state=checked]:font-semibold group-data-[state=checked]:text-accent-text">
          {label}
        </span>
        {description && <span className="block text-sm text-muted">{description}</span>}
      </span>
    </>
  )
}
