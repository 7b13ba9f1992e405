// Shows a session key for another program: `coder login` and editors open this page and prompt for the key.

import { useQuery } from '@tanstack/react-query'
import { Check, Copy } from 'lucide-react'
import { useEffect, useRef, useState } from 'react'
import { createSessionKeyForCli, meQuery } from '../../api/users.ts'
import { Button, ButtonLink } from '../../components/button.tsx'
import { copyText } from '../../components/copy-text.ts'
import { Failure } from '../../components/failure.tsx'
import { inputClass } from '../../components/field.tsx'
import { Delayed, Skeleton } from '../../components/skeleton.tsx'
import { SignInFrame } from '../sign-in/sign-in-frame.tsx'

/** Created once per page load. */
const keyQuery = {
  queryKey: ['cli-auth-key'],
  queryFn: createSessionKeyForCli,
  staleTime: Infinity,
  gcTime: 0,
  retry: false,
}

export function CliAuthPage() {
  const { data: me } = useQuery(meQuery)
  const key = useQuery(keyQuery)
  useEffect(() => {
    document.title = 'Session key · Coder Local'
  }, [])
  if (key.isError) {
    return (
      <main className="h-dvh overflow-y-auto p-4">
        <Failure title="Could not create a session key" error={key.error} onRetry={() => void key.refetch()} />
      </main>
    )
  }
  return (
    <SignInFrame title="Your session key">
      <p className="mb-5 text-muted">
        Paste this key into the program that requested it: the <code className="text-text">coder</code> CLI or an
        editor. It signs the program in as <strong className="text-text">{me?.username}</strong>.
      </p>
      {key.data === undefined ? (
        <Delayed>
          <Skeleton className="h-8" />
        </Delayed>
      ) : (
        <KeyToCopy value={key.data} />
      )}
      <p className="mt-6 border-t border-line pt-4 text-sm text-muted">
        This key gives full access to your account. It expires a week after its last use. Do not share it. To revoke it,
        run <code className="text-text">coder logout</code> where you pasted it.
      </p>
      <ButtonLink to="/workspaces" variant="quiet" className="mt-3 -ml-3">
        Go to workspaces
      </ButtonLink>
    </SignInFrame>
  )
}

const copiedLabelMs = 2_000

function KeyToCopy({ value }: { value: string }) {
  const [isCopied, setCopied] = useState(false)
  const input = useRef<HTMLInputElement>(null)
  useEffect(() => {
    if (!isCopied) return
    const timer = setTimeout(() => setCopied(false), copiedLabelMs)
    return () => clearTimeout(timer)
  }, [isCopied])
  const copy = async () => {
    await copyText(value)
    setCopied(true)
  }
  return (
    <div className="flex flex-col gap-3">
      <input
        ref={input}
        readOnly
        aria-label="Session key"
        value={value}
        spellCheck={false}
        onFocus={() => input.current?.select()}
        className={inputClass('h-10 border-line-strong font-mono text-sm')}
      />
      <Button variant="primary" autoFocus onClick={copy} className="h-9">
        {isCopied ? <Check className="size-4" aria-hidden /> : <Copy className="size-4" aria-hidden />}
        {isCopied ? 'Copied' : 'Copy key'}
      </Button>
      <p aria-live="polite" className="sr-only">
        {isCopied ? 'Copied the key to the clipboard.' : ''}
      </p>
    </div>
  )
}
