// A session key for another program of the user: `coder login` and editors open this page and ask for the key.

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
    document.title = 'Key for another program · Coder Local'
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
        Copy it and paste it into the program that asked for it: a terminal with{' '}
        <code className="text-text">coder</code>, or an editor. It signs that program in as{' '}
        <strong className="text-text">{me?.username}</strong>.
      </p>
      {key.data === undefined ? (
        <Delayed>
          <Skeleton className="h-8" />
        </Delayed>
      ) : (
        <KeyToCopy value={key.data} />
      )}
      <p className="mt-6 border-t border-line pt-4 text-sm text-muted">
        Whoever has this key can do what you can, for a week after its last use. Show it to nobody; it ends with{' '}
        <code className="text-text">coder logout</code> where it was pasted.
      </p>
      <ButtonLink to="/workspaces" look="quiet" className="mt-3 -ml-3">
        To your workspaces
      </ButtonLink>
    </SignInFrame>
  )
}

const shownAsCopiedMs = 2_000

function KeyToCopy({ value }: { value: string }) {
  const [isCopied, setCopied] = useState(false)
  const input = useRef<HTMLInputElement>(null)
  useEffect(() => {
    if (!isCopied) return
    const timer = setTimeout(() => setCopied(false), shownAsCopiedMs)
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
      <Button look="primary" autoFocus onClick={copy} className="h-9">
        {isCopied ? <Check className="size-4" aria-hidden /> : <Copy className="size-4" aria-hidden />}
        {isCopied ? 'Copied' : 'Copy key'}
      </Button>
      <p aria-live="polite" className="sr-only">
        {isCopied ? 'The key is on the clipboard.' : ''}
      </p>
    </div>
  )
}
