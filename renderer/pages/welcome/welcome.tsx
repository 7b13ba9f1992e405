// Shown while the user has no workspaces: opens a folder, or starts a workspace on this computer with its terminal.

import { useQuery } from '@tanstack/react-query'
import { FolderOpen, Laptop } from 'lucide-react'
import type { Template } from '../../../api/templates/templates.ts'
import { thisComputerQuery } from '../../api/local.ts'
import { templatesQuery } from '../../api/templates.ts'
import { Button, ButtonLink } from '../../components/button.tsx'
import { Kbd } from '../../components/kbd.tsx'
import { Skeleton } from '../../components/skeleton.tsx'
import { StatusDot } from '../../components/status-dot.tsx'
import { duration } from '../../components/time.tsx'
import { describeError } from '../../describe-error.ts'
import { Page } from '../../shell/page.tsx'
import { useFolderDialog } from '../../workspace/folder-dialog.tsx'
import { useStartOnThisComputer } from '../../workspace/open-folder.ts'

export function WelcomePage() {
  const openFolder = useFolderDialog()
  return (
    <Page title="Welcome">
      <div className="mx-auto w-full max-w-[820px] px-6 pt-[7vh] pb-12 max-sm:px-3 max-sm:pt-6">
        <h1 className="text-2xl font-bold tracking-tight">What do you want to work on?</h1>
        <p className="mt-1 text-muted">Everything runs on this computer, without telemetry.</p>
        <section className="mt-6 flex flex-wrap items-center gap-4 rounded-card border border-accent bg-surface p-5">
          <FolderOpen className="size-7 shrink-0 text-accent" strokeWidth={1.75} aria-hidden />
          <div className="min-w-[220px] flex-1">
            <h2 className="font-semibold">Open a folder</h2>
            <p className="text-sm text-muted">Creates a workspace named after the folder and opens a terminal in it.</p>
          </div>
          <Button variant="primary" onClick={openFolder}>
            Open folder… <Kbd onAccent>O</Kbd>
          </Button>
        </section>
        <h2 className="mt-8 mb-3 font-semibold">Or start from a template</h2>
        <ThisComputerCard />
      </div>
    </Page>
  )
}

function ThisComputerCard() {
  const computer = useQuery(thisComputerQuery)
  const { data: templates = [] } = useQuery(templatesQuery)
  const { start, isPending } = useStartOnThisComputer()
  if (computer.isPending) return <Skeleton className="h-40 max-w-[420px] rounded-card" />
  if (computer.isError) {
    const { message, detail } = describeError(computer.error)
    return (
      <section role="alert" className="max-w-[420px] rounded-card border border-failed bg-surface p-4 text-sm">
        <p className="font-semibold">Could not load computer details</p>
        <p className="mt-1 text-muted">{[message, detail].filter(Boolean).join(' ')}</p>
        <Button className="mt-3" onClick={() => void computer.refetch()}>
          Try again
        </Button>
      </section>
    )
  }
  const { hostname, username, home, os, arch, template_id: templateId, problem } = computer.data
  const template = templates.find(({ id }) => id === templateId)
  return (
    <section className="max-w-[420px] rounded-card border border-line bg-surface p-4">
      <div className="flex items-start gap-3">
        <Laptop className="mt-0.5 size-5 shrink-0 text-muted" aria-hidden />
        <div className="min-w-0 flex-1">
          <h3 className="font-semibold">This computer</h3>
          <p className="mt-0.5 truncate text-sm text-muted">
            {hostname} · {os} {arch}
          </p>
        </div>
      </div>
      <p className="mt-3 text-sm text-muted">
        Runs a shell as <span className="text-text">{username}</span> in <code className="text-text">{home}</code> with
        your permissions. This is not a sandbox.
      </p>
      <p className="mt-3 flex items-center gap-2 text-sm text-muted">
        <StatusDot tone={templateId ? 'running' : problem ? 'failed' : 'changing'} />
        {templateId ? formatReadiness(template) : problem ? 'Could not prepare the template' : 'Preparing the template'}
      </p>
      {problem && (
        <p role="alert" className="mt-2 text-sm text-muted">
          {problem}. Restart Coder Local to retry.
        </p>
      )}
      <div className="mt-4 flex flex-wrap gap-2">
        <Button variant="plain" disabled={!templateId} busy={isPending} onClick={() => void start()}>
          {isPending ? 'Starting' : 'Start on this computer'}
        </Button>
        {template && (
          <ButtonLink variant="quiet" to="/templates/$template/workspace" params={{ template: template.name }}>
            Customize
          </ButtonLink>
        )}
      </div>
    </section>
  )
}

function formatReadiness(template: Template | undefined): string {
  const usual = template?.build_time_stats.start.P50
  return usual ? `Usually ready in ${duration(usual)}` : 'Ready'
}
