// A new password for who forgot the old one: asking for a passcode, and using it from the link that was sent.

import { getRouteApi, Link } from '@tanstack/react-router'
import { type FormEvent, type ReactNode, useEffect, useState } from 'react'
import { askForPasscode, setForgottenPassword } from '../../api/users.ts'
import { Button } from '../../components/button.tsx'
import { describeError } from '../../components/failure.tsx'
import { TextField } from '../../components/field.tsx'
import { SignInFrame } from './sign-in.tsx'

/** A form that is sent once: what went wrong is shown at its last field, what comes instead of it when it went well. */
function useOnce(send: (values: FormData) => Promise<unknown>) {
  const [problem, setProblem] = useState('')
  const [state, setState] = useState<'open' | 'busy' | 'done'>('open')
  const submit = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault()
    const values = new FormData(event.currentTarget)
    setState('busy')
    try {
      await send(values)
      setState('done')
    } catch (error) {
      const { message, detail } = describeError(error)
      setProblem([message, detail].filter(Boolean).join(' '))
      setState('open')
    }
  }
  return { problem, forget: () => setProblem(''), isBusy: state === 'busy', isDone: state === 'done', submit }
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

export function ResetPasswordPage() {
  const form = useOnce((values) => askForPasscode(String(values.get('email')).trim()))
  if (form.isDone) {
    return (
      <Frame title="Look into your mail">
        <p className="text-muted">
          If there is an account with this address, a link to choose a new password is on its way. It works once, for 20
          minutes. Where no mail is set up, an owner of the deployment can set a password for you.
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
          problem={form.problem || undefined}
          onChange={form.forget}
        />
        <Button look="primary" type="submit" busy={form.isBusy}>
          {form.isBusy ? 'Asking' : 'Send me a link'}
        </Button>
      </form>
    </Frame>
  )
}

const changeRoute = getRouteApi('/reset-password/change')

export function ChangeForgottenPasswordPage() {
  const { email, otp } = changeRoute.useSearch()
  const form = useOnce((values) =>
    setForgottenPassword({
      email: email ?? String(values.get('email')).trim(),
      one_time_passcode: otp ?? '',
      password: String(values.get('password')),
    }),
  )
  if (form.isDone) {
    return (
      <Frame title="Your password is set">
        <p className="text-muted">You are signed out everywhere. Sign in with the new password.</p>
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
          problem={form.problem || undefined}
          onChange={form.forget}
        />
        <Button look="primary" type="submit" busy={form.isBusy}>
          {form.isBusy ? 'Setting it' : 'Set the password'}
        </Button>
      </form>
    </Frame>
  )
}
