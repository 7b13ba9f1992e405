// The line beside the submit button of a parameter form: a lost connection, or the number of invalid fields.

import { WifiOff } from 'lucide-react'
import type { ReactNode } from 'react'
import type { FormState } from '../../api/parameter-form.ts'
import { hasError } from './parameters.ts'

interface FormStatusProps {
  state: FormState
  isSubmitted: boolean
  /** Errors of fields that are not parameters. */
  otherErrors?: number
  /** Shown if nothing is wrong. */
  children?: ReactNode
}

export function FormStatus({ state, isSubmitted, otherErrors = 0, children }: FormStatusProps) {
  const invalidCount = (state.evaluated?.parameters.filter(hasError).length ?? 0) + otherErrors
  if (!state.isConnected)
    return (
      <span role="status" className="flex items-center gap-1.5 text-sm text-attention-text">
        <WifiOff className="size-4 shrink-0" aria-hidden />
        The deployment is not responding. The form is updated when it reconnects.
      </span>
    )
  if (isSubmitted && invalidCount > 0)
    return (
      <span role="status" className="text-sm text-failed-text">
        {invalidCount === 1 ? '1 field is' : `${invalidCount} fields are`} invalid.
      </span>
    )
  return <span className="text-sm text-muted">{children}</span>
}
