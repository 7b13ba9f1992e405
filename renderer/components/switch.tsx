// A labeled on/off switch.

import type { ReactNode } from 'react'
import { classNames } from './class-names.ts'

interface SwitchProps {
  id?: string
  label: ReactNode
  isOn: boolean
  disabled?: boolean
  onChange: (isOn: boolean) => void
  'aria-invalid'?: boolean
  'aria-describedby'?: string | undefined
}

export function Switch({ label, isOn, onChange, ...button }: SwitchProps) {
  return (
    <button
      type="button"
      role="switch"
      aria-checked={isOn}
      {...button}
      onClick={() => onChange(!isOn)}
      className="flex min-h-8 w-fit items-center gap-2.5 rounded-control text-left disabled:opacity-60"
    >
      <span
        className={classNames(
          'relative h-5 w-9 shrink-0 rounded-full border transition-colors',
          isOn ? 'border-transparent bg-accent' : 'border-line-control bg-sunken',
        )}
      >
        <span
          className={classNames(
            'absolute top-1/2 size-3.5 -translate-y-1/2 rounded-full transition-all',
            isOn ? 'left-[18px] bg-on-accent' : 'left-[2px] bg-stopped',
          )}
        />
      </span>
      <span className="text-sm">{label}</span>
    </button>
  )
}
