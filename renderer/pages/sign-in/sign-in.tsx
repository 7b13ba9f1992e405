// The sign-in page: sign-in form, set-up of a deployment without users, and advice after an expired sign-in link.

import { useQuery, useQueryClient } from '@tanstack/react-query'
import { getRouteApi, Link, useRouter } from '@tanstack/react-router'
import { type FormEvent, useEffect, useState } from 'react'
import { ApiError } from '../../../api/errors.ts'
import { createAdministrator, hasUsersQuery, signIn } from '../../api/users.ts'
import { Button } from '../../components/button.tsx'
import { Failure } from '../../components/failure.tsx'
import { TextField } from '../../components/field.tsx'
import { Delayed, Skeleton } from '../../components/skeleton.tsx'
import { describeError } from '../../describe-error.ts'
import { validateName } from '../../workspace/names.ts'
import { SignInFrame } from './sign-in-frame.tsx'

const route = getRouteApi('/login')

export function SignInPage() {
  const hasUsers = useQuery(hasUsersQuery)
  const { reason } = route.useSearch()
  useEffect(() => {
    document.title = 'Sign in · Coder Local'
  }, [])
  if (hasUsers.isPending) {
    return (
      <SignInFrame title="">
        <Delayed>
          <Skeleton className="h-40" />
        </Delayed>
      </SignInFrame>
    )
  }
  if (hasUsers.isError) {
    return (
      <main className="h-dvh overflow-y-auto p-4">
        <Failure
          title="Could not load the sign-in page"
          error={hasUsers.error}
          onRetry={() => void hasUsers.refetch()}
        />
      </main>
    )
  }
  return hasUsers.data ? <SignIn isLinkStale={reason === 'stale-link'} /> : <FirstUser />
}

/** Explains how to sign in without a password. */
function SignInLinkHelp() {
  return (
    <p className="mt-6 border-t border-line pt-4 text-sm text-muted">
      No password? Run <code className="text-text">coder login-link</code> in a terminal on the computer that runs this
      deployment to get a one-time sign-in link, or choose “Open in browser” in the desktop window.
    </p>
  )
}

function useRedirectAfterSignIn() {
  const cache = useQueryClient()
  const router = useRouter()
  const { redirect } = route.useSearch()
  return async () => {
    cache.clear()
    // Only a path of this origin: `//host` is the address of another site.
    const target = redirect && /^\/(?![/\\])/.test(redirect) ? redirect : '/'
    router.history.push(target)
  }
}

function SignIn({ isLinkStale }: { isLinkStale: boolean }) {
  const finish = useRedirectAfterSignIn()
  const [problem, setProblem] = useState('')
  const [isBusy, setBusy] = useState(false)
  const submit = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault()
    const values = new FormData(event.currentTarget)
    setBusy(true)
    try {
      await signIn({ email: String(values.get('email')).trim(), password: String(values.get('password')) })
      await finish()
    } catch (error) {
      setProblem(describeError(error).message)
      setBusy(false)
    }
  }
  return (
    <SignInFrame title="Sign in">
      {isLinkStale && (
        <div role="alert" className="mb-5 rounded-card border border-attention bg-attention-soft/40 p-3 text-sm">
          <p className="font-semibold">This sign-in link has expired or was already used.</p>
          <p className="mt-1">
            Each link works once. To get a new one, run <code className="whitespace-nowrap">coder login-link</code>, or
            choose “Open in browser” in the desktop window.
          </p>
        </div>
      )}
      <form onSubmit={submit} className="flex flex-col gap-4">
        <TextField label="Email" name="email" type="email" required autoComplete="username" autoFocus />
        <TextField
          label="Password"
          name="password"
          type="password"
          required
          autoComplete="current-password"
          problem={problem || undefined}
          onChange={() => setProblem('')}
        />
        <Button variant="primary" type="submit" busy={isBusy}>
          {isBusy ? 'Signing in' : 'Sign in'}
        </Button>
        <Link to="/reset-password" className="text-sm text-muted hover:text-text">
          Forgot your password?
        </Link>
      </form>
      <SignInLinkHelp />
    </SignInFrame>
  )
}

const isAboutSetupCode = (error: unknown) =>
  error instanceof ApiError && error.validations.some(({ field }) => field === 'setup_code')

function FirstUser() {
  const finish = useRedirectAfterSignIn()
  const [username, setUsername] = useState('')
  const [requiresSetupCode, setRequiresSetupCode] = useState(false)
  const [problem, setProblem] = useState('')
  const [isBusy, setBusy] = useState(false)
  const submit = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault()
    const values = new FormData(event.currentTarget)
    setBusy(true)
    try {
      await createAdministrator({
        username,
        email: String(values.get('email')).trim(),
        password: String(values.get('password')),
        setup_code: requiresSetupCode ? String(values.get('setup_code')) : null,
      })
      await finish()
    } catch (error) {
      if (isAboutSetupCode(error)) setRequiresSetupCode(true)
      const { message, detail } = describeError(error)
      setProblem([message, detail].filter(Boolean).join(' '))
      setBusy(false)
    }
  }
  const usernameError = username === '' ? undefined : validateName(username, new Set())?.replace('workspace', 'user')
  return (
    <SignInFrame title="Set up this deployment">
      <p className="mb-5 text-muted">
        No account exists yet. The first account becomes the owner. To continue without a password, run{' '}
        <code className="whitespace-nowrap text-text">coder login-link</code> on the computer that runs this deployment
        and open the link.
      </p>
      <form onSubmit={submit} className="flex flex-col gap-4">
        <TextField
          label="Username"
          name="username"
          required
          autoComplete="username"
          autoFocus
          value={username}
          problem={usernameError}
          onChange={(event) => setUsername(event.target.value)}
        />
        <TextField label="Email" name="email" type="email" required autoComplete="email" />
        <TextField
          label="Password"
          name="password"
          type="password"
          required
          autoComplete="new-password"
          problem={requiresSetupCode ? undefined : problem || undefined}
          onChange={() => setProblem('')}
        />
        {requiresSetupCode && (
          <TextField
            label="Setup code"
            name="setup_code"
            required
            autoComplete="one-time-code"
            autoFocus
            problem={problem || undefined}
            onChange={() => setProblem('')}
          />
        )}
        <Button variant="primary" type="submit" busy={isBusy} disabled={usernameError !== undefined}>
          {isBusy ? 'Setting up' : 'Create owner'}
        </Button>
      </form>
    </SignInFrame>
  )
}
