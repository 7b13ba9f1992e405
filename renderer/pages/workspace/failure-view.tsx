// A failed build: the diagnostic with its source position, the available actions and the build's details.

import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { CircleX, Copy, History, type LucideIcon, RotateCw, ScrollText } from 'lucide-react'
import type { ReactNode } from 'react'
import type { WorkspaceBuild } from '../../../api/workspaces/builds.ts'
import type { Workspace } from '../../../api/workspaces/workspaces.ts'
import { counted } from '../../../lib/counted.ts'
import { buildsQuery } from '../../api/builds.ts'
import { type LogLine, useBuildLog } from '../../api/log-stream.ts'
import { useCreateBuild } from '../../api/workspaces.ts'
import { Card, Fact, Facts } from '../../components/card.tsx'
import { copyText } from '../../components/copy-text.ts'
import { Ago, duration } from '../../components/time.tsx'
import { notify } from '../../notices.ts'
import { CodeExcerpt } from '../../workspace/diagnostics/code-excerpt.tsx'
import { type FoundDiagnostic, parseDiagnostics } from '../../workspace/diagnostics/diagnostics.ts'
import { LogView } from '../../workspace/log-view.tsx'

export function FailureView({ workspace }: { workspace: Workspace }) {
  const { latest_build: build } = workspace
  const log = useBuildLog(build.id)
  const found = firstError(build, log.lines)
  return (
    <div className="flex flex-col gap-4">
      <FailureCard failure={found} />
      <div className="grid gap-4 md:grid-cols-2">
        <NextSteps workspace={workspace} failure={found} />
        <BuildDetails build={build} lines={log.lines} />
      </div>
      <LogView
        title="Build log"
        log={log}
        emptyText="No output."
        fileName={`${workspace.name}-build-${build.build_number}`}
        className="h-[280px]"
      />
    </div>
  )
}

/** The diagnostic that failed the build, or else the error of the job. */
export function firstError(build: WorkspaceBuild, lines: readonly LogLine[]): FoundDiagnostic {
  const texts = [
    build.job.error ?? '',
    lines
      .filter((line) => line.level === 'error')
      .map((line) => line.output)
      .join('\n'),
  ]
  const errors = texts.flatMap(parseDiagnostics).filter((diagnostic) => diagnostic.severity === 'error')
  const error = errors.find((diagnostic) => diagnostic.file) ?? errors[0]
  if (error) return error
  const [summary = '', ...rest] = (build.job.error || 'The build failed without an error message.').split('\n')
  return { severity: 'error', summary, detail: rest.join('\n').trim(), excerpt: [] }
}

const formatPosition = ({ file, line, column }: FoundDiagnostic): string =>
  [file, line, column].filter((part) => part !== undefined).join(':')

export function FailureCard({ failure }: { failure: FoundDiagnostic }) {
  return (
    <section role="alert" className="overflow-hidden rounded-card border border-failed bg-surface">
      <div className="flex gap-3 px-5 py-4">
        <CircleX className="mt-0.5 size-5 shrink-0 text-failed" aria-hidden />
        <div className="min-w-0">
          <h2 className="font-semibold break-words">
            {failure.summary}
            {failure.address && (
              <>
                {' '}
                in <code className="text-sm">{failure.address}</code>
              </>
            )}
          </h2>
          {failure.detail && (
            <p className="mt-1 max-w-[72ch] break-words whitespace-pre-wrap text-muted">{failure.detail}</p>
          )}
        </div>
      </div>
      {failure.file && (
        <div className="border-t border-line">
          <CodeExcerpt position={formatPosition(failure)} lines={failure.excerpt} />
        </div>
      )}
    </section>
  )
}

function NextSteps({ workspace, failure }: { workspace: Workspace; failure: FoundDiagnostic }) {
  const { latest_build: build } = workspace
  const start = useCreateBuild()
  const { data: builds = [] } = useQuery(buildsQuery(workspace.id))
  const lastSuccessful = builds.find(
    (other) =>
      other.transition === 'start' &&
      other.job.status === 'succeeded' &&
      other.template_version_id !== build.template_version_id,
  )
  const copy = async () => {
    const position = failure.file ? `${formatPosition(failure)}\n` : ''
    await copyText(`${workspace.name}, build ${build.build_number}\n${failure.summary}\n${position}${failure.detail}`)
    notify('Details copied')
  }
  return (
    <Card title="Next steps">
      <ul className="-mx-2 flex flex-col">
        {failure.file && (
          <ActionItem icon={ScrollText}>
            Fix {failure.line ? `line ${failure.line} of ` : ''}
            <code className="text-xs">{failure.file}</code> and push a new version with{' '}
            <code className="text-xs">coder templates push</code>
          </ActionItem>
        )}
        <ActionItem icon={RotateCw} onPress={() => start.mutate({ workspace, transition: build.transition })}>
          Retry {build.transition}
        </ActionItem>
        {lastSuccessful && (
          <ActionItem
            icon={History}
            onPress={() =>
              start.mutate({ workspace, transition: 'start', versionId: lastSuccessful.template_version_id })
            }
          >
            Start with version {lastSuccessful.template_version_name}, last successful{' '}
            <Ago at={lastSuccessful.created_at} />
          </ActionItem>
        )}
        <ActionItem icon={Copy} onPress={() => void copy()}>
          Copy details for the template's maintainer
        </ActionItem>
      </ul>
    </Card>
  )
}

function ActionItem({
  icon: Icon,
  onPress,
  children,
}: {
  icon: LucideIcon
  onPress?: () => void
  children: ReactNode
}) {
  const content = (
    <>
      <Icon className="mt-0.5 size-4 shrink-0 text-muted" aria-hidden />
      <span className="min-w-0 break-words">{children}</span>
    </>
  )
  const shape = 'flex w-full items-start gap-2.5 rounded-control px-2 py-1.5 text-left text-sm'
  return (
    <li>
      {onPress ? (
        <button type="button" onClick={onPress} className={`${shape} hover:bg-hover`}>
          {content}
        </button>
      ) : (
        <div className={shape}>{content}</div>
      )}
    </li>
  )
}

function BuildDetails({ build, lines }: { build: WorkspaceBuild; lines: readonly LogLine[] }) {
  const { started_at: started, completed_at: completed } = build.job
  // Later lines may belong to the cleanup.
  const stage = lines.findLast((line) => line.level === 'error' && line.stage)?.stage
  return (
    <Card title="Build details">
      <Facts>
        <Fact name="Build">
          {build.build_number}, {build.transition}
        </Fact>
        {stage && <Fact name="Stage">{stage}</Fact>}
        {started && completed && <Fact name="Duration">{duration(Date.parse(completed) - Date.parse(started))}</Fact>}
        {build.template_version_name && <Fact name="Version">{build.template_version_name}</Fact>}
        <Fact name="Log">
          <Link
            to="/@{$owner}/$name/logs"
            params={{ owner: build.workspace_owner_name ?? 'me', name: build.workspace_name }}
            className="text-accent-text hover:underline"
          >
            {counted(lines.length, 'line')}
          </Link>
        </Fact>
      </Facts>
    </Card>
  )
}
