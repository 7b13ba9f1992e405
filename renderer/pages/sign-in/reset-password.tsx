// Password reset: requesting a one-time passcode, and setting a password with the link from the email.

import { getRouteApi, Link } from '@tanstack/react-router'
import { type FormEvent, type ReactNode, useEffect, useState } from 'react'
import { ApiError } from '../../../api/errors.ts'
import { requestPasscode, resetPassword } from '../../api/users.ts'
import { Button } from '../../components/button.tsx'
import { TextField } from '../../components/field.tsx'
import { describeError } from '../../describe-error.ts'
import { SignInFrame } from './sign-in-frame.tsx'

/** State of a form that is submitted until it succeeds once. */
function useSubmitOnce(send: (values: FormData) => Promise<unknown>) {
  const [error, setError] = useState<unknown>()
  const [state, setState] = useState<'open' | 'busy' | 'done'>('open')
  const submit = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault()
    const values = new FormData(event.currentTarget)
    setState('busy')
    try {
      await send(values)
      setState('done')
    } catch (failure) {
      setError(failure)
      setState('open')
    }
  }
  return { error, clearError: () => setError(undefined), isBusy: state === 'busy', isDone: state === 'done', submit }
}

/** The server's validation error of a field, as a sentence. */
function problemOf(error: unknown, field: string): string | undefined {
  const found =
    error instanceof ApiError ? error.validations.find((validation) => validation.field === field) : undefined
  return found && `It ${found.detail}.`
}

/** An error that belongs to no field. */
function FormError({ error, fields, children }: { error: unknown; fields: readonly string[]; children?: ReactNode }) {
  if (error === undefined || fields.some((field) => problemOf(error, field))) return null
  const { message, detail } = describeError(error)
  return (
    <div role="alert" className="rounded-card border border-failed bg-failed-soft p-3 text-sm break-words">
      <p className="font-semibold">{message}</p>
      {detail && <p className="mt-0.5">{detail}</p>}
      {children}
    </div>
  )
}

function Frame({ title, children }: { title: string; children: ReactNode }) {
  useEffect(() => {
    document.title = `${title} · Coder Local`
  }, [title])
  return (
    <SignInFrame title={title}>
      {children}
      <p className="mt-6 border-t border-line pt-4 text-sm text-muted">
        <Link to="/login" search={{}} className="text-accent-text hover:underline">
          Back to sign in
        </Link>
      </p>
    </SignInFrame>
  )
}

const requestRoute = getRouteApi('/reset-password')

export function ResetPasswordPage() {
  const { email } = requestRoute.useSearch()
  const form = useSubmitOnce((values) => requestPasscode(String(values.get('email')).trim()))
  if (form.isDone) {
    return (
      <Frame title="Check your email">
        <p className="text-muted">
          If an account with this address exists, you will receive a link to set a new password. The link works once and
          expires after 20 minutes. If this deployment cannot send email, ask an owner to set a password for you.
        </p>
      </Frame>
    )
  }
  return (
    <Frame title="Forgot your password?">
      <form onSubmit={form.submit} className="flex flex-col gap-4">
        <TextField
          label="Email"
          name="email"
          type="email"
          required
          autoComplete="username"
          autoFocus
          defaultValue={email}
          problem={problemOf(form.error, 'email')}
          onChange={form.clearError}
        />
        <FormError error={form.error} fields={['email']} />
        <Button variant="primary" type="submit" busy={form.isBusy}>
          {form.isBusy ? 'Sending' : 'Send reset link'}
        </Button>
      </form>
    </Frame>
  )
}

const changeRoute = getRouteApi('/reset-password/change')

export function ChangeForgottenPasswordPage() {
  const { email, otp } = changeRoute.useSearch()
  const form = useSubmitOnce((values) =>
    resetPassword({
      email: email ?? String(values.get('email')).trim(),
      one_time_passcode: otp ?? '',
      password: String(values.get('password')),
    }),
  )
  if (form.isDone) {
    return (
      <Frame title="Password changed">
        <p className="text-muted">All your sessions are signed out. Sign in with the new password.</p>
      </Frame>
    )
  }
  if (otp === undefined) {
    return (
      <Frame title="This link is incomplete">
        <p className="text-muted">
          The one-time passcode is missing. Open the complete link from the email, or request a new one.
        </p>
        <p className="mt-4">
          <RequestNewLink email={email} />
        </p>
      </Frame>
    )
  }
  return (
    <Frame title="Choose a new password">
      <form onSubmit={form.submit} className="flex flex-col gap-4">
        <TextField
          label="Email"
          name="email"
          type="email"
          required
          autoComplete="username"
          readOnly={email !== undefined}
          defaultValue={email ?? ''}
        />
        <TextField
          label="New password"
          name="password"
          type="password"
          required
          autoComplete="new-password"
          autoFocus
          problem={problemOf(form.error, 'password')}
          onChange={form.clearError}
        />
        <FormError error={form.error} fields={['password']}>
          {isRefused(form.error) && <RequestNewLink email={email} />}
        </FormError>
        <Button variant="primary" type="submit" busy={form.isBusy}>
          {form.isBusy ? 'Setting password' : 'Set password'}
        </Button>
      </form>
    </Frame>
  )
}

/** The server rejected the passcode: incorrect, used or expired. */
const isRefused = (error: unknown): boolean => error instanceof ApiError && error.status === 400

const RequestNewLink = ({ email }: { email: string | undefined }) => (
  <Link
    to="/reset-password"
    search={email === undefined ? {} : { email }}
    className="font-semibold text-accent-text hover:underline"
  >
    Request a new link
  </Link>
)
