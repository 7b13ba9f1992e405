// Layout of the pages without a session.

import type { ReactNode } from 'react'
import { Logo } from '../../shell/sidebar.tsx'

export function SignInFrame({ title, children }: { title: string; children: ReactNode }) {
  return (
    <main className="flex h-dvh flex-col items-center overflow-y-auto px-4 pt-[14vh] pb-8">
      <div className="w-full max-w-[380px]">
        <div className="mb-6 flex items-center gap-2.5 font-semibold">
          <Logo /> Coder Local
        </div>
        {title && <h1 className="mb-4 text-2xl font-bold tracking-tight">{title}</h1>}
        {children}
      </div>
    </main>
  )
}
