// A labeled input with a hint and an error, linked for screen readers.

import { type ComponentProps, type ReactNode, useId } from 'react'
import { classNames } from './class-names.ts'

const control =
  'w-full rounded-control border bg-surface px-2.5 text-base text-text outline-offset-0 disabled:opacity-60 ' +
  'aria-invalid:border-failed aria-invalid:outline-failed'

export const inputClass = (extra?: string): string => classNames(control, 'h-8 border-line-control', extra)

interface FieldProps {
  label: string
  /** URL of an icon before the label. */
  icon?: ReactNode
  /** One or two words next to the label. */
  hint?: ReactNode
  /** A sentence below the control. */
  description?: ReactNode
  problem?: string | undefined
  /** A remark about a valid value. */
  warning?: string | undefined
  children: (control: { id: string; 'aria-invalid': boolean; 'aria-describedby': string | undefined }) => ReactNode
}

export function Field({ label, icon, hint, description, problem, warning, children }: FieldProps) {
  const id = useId()
  const below = problem ?? warning ?? description
  return (
    <div>
      <div className="mb-1.5 flex flex-wrap items-baseline gap-x-2">
        <label
          htmlFor={id}
          className={classNames('font-semibold', Boolean(icon) && 'flex items-center gap-1.5 self-center')}
        >
          {icon}
          {label}
        </label>
        {hint && <span className="text-sm text-muted">{hint}</span>}
      </div>
      {children({ id, 'aria-invalid': problem !== undefined, 'aria-describedby': below ? `${id}-below` : undefined })}
      {below && (
        <p
          id={`${id}-below`}
          className={classNames(
            'mt-1.5 text-sm break-words',
            problem ? 'text-failed-text' : warning ? 'text-attention-text' : 'text-muted',
          )}
        >
          {below}
        </p>
      )}
    </div>
  )
}

type TextFieldProps = Omit<FieldProps, 'children'> & ComponentProps<'input'> & { mono?: boolean; action?: ReactNode }

export function TextField({
  label,
  icon,
  hint,
  description,
  problem,
  warning,
  mono,
  action,
  className,
  ...input
}: TextFieldProps) {
  return (
    <Field label={label} icon={icon} hint={hint} description={description} problem={problem} warning={warning}>
      {(control) => (
        <div className="flex gap-2">
          <input
            spellCheck={false}
            autoCapitalize="off"
            {...input}
            {...control}
            className={inputClass(classNames(mono && 'font-mono text-sm', className))}
          />
          {action}
        </div>
      )}
    </Field>
  )
}
