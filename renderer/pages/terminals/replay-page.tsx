// Plays terminal recordings, made here or by any program that writes asciicast files. The file is read in the browser and
// not uploaded.

import { FileVideo } from 'lucide-react'
import { type DragEvent, lazy, type ReactNode, Suspense, useRef, useState } from 'react'
import { type Cast, readCast } from '../../../lib/asciicast.ts'
import { Button } from '../../components/button.tsx'
import { classNames } from '../../components/class-names.ts'
import { EmptyState } from '../../components/empty-state.tsx'
import { Failure } from '../../components/failure.tsx'
import { Page } from '../../shell/page.tsx'

const CastView = lazy(() => import('../../terminal/recordings/cast-view.tsx'))

interface Recording {
  readonly name: string
  readonly cast: Cast
}

export function ReplayPage() {
  const [recording, setRecording] = useState<Recording>()
  const [problem, setProblem] = useState<unknown>()
  const open = async (file: File) => {
    try {
      setRecording({ name: file.name, cast: readCast(await file.text()) })
      setProblem(undefined)
    } catch (error) {
      setProblem(error)
    }
  }
  return (
    <Page fills title="Replay" parents={[{ label: 'Terminals', link: { to: '/terminals' } }]}>
      <DropZone onFile={open}>
        {problem !== undefined && (
          <div className="max-h-1/2 shrink-0 overflow-y-auto px-3 pb-6 sm:px-6">
            <Failure error={problem} title="Could not play the file" />
          </div>
        )}
        {recording ? (
          <>
            <header className="flex h-10 shrink-0 items-center gap-3 border-b border-line bg-sunken px-4 text-sm">
              <span className="min-w-0 flex-1 truncate font-semibold">{recording.cast.title || recording.name}</span>
              <ChooseFile onFile={open} label="Choose another file…" />
            </header>
            <Suspense fallback={<div className="flex-1 bg-terminal" />}>
              <CastView key={recording.name} cast={recording.cast} />
            </Suspense>
          </>
        ) : (
          <EmptyState
            icon={<FileVideo className="size-7" strokeWidth={1.5} aria-hidden />}
            title="Play a recording"
            action={<ChooseFile onFile={open} label="Choose a file…" isPrimary />}
          >
            Drop an asciicast file (.cast) here. To record one, use the context menu of a terminal.
          </EmptyState>
        )}
      </DropZone>
    </Page>
  )
}

function DropZone({ onFile, children }: { onFile: (file: File) => void; children: ReactNode }) {
  const [isOver, setOver] = useState(false)
  const over = (event: DragEvent, next: boolean) => {
    if (!event.dataTransfer.types.includes('Files')) return
    event.preventDefault()
    setOver(next)
  }
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: the file button is the keyboard alternative
    <div
      className={classNames('flex min-h-0 flex-1 flex-col', isOver && 'outline-2 -outline-offset-4 outline-accent')}
      onDragOver={(event) => over(event, true)}
      onDragLeave={(event) => over(event, false)}
      onDrop={(event) => {
        over(event, false)
        const [file] = event.dataTransfer.files
        if (file) onFile(file)
      }}
    >
      {children}
    </div>
  )
}

interface ChooseFileProps {
  onFile: (file: File) => void
  label: string
  isPrimary?: boolean
}

function ChooseFile({ onFile, label, isPrimary = false }: ChooseFileProps) {
  const input = useRef<HTMLInputElement>(null)
  return (
    <>
      <Button
        variant={isPrimary ? 'primary' : 'plain'}
        size={isPrimary ? 'medium' : 'small'}
        onClick={() => input.current?.click()}
      >
        {label}
      </Button>
      <input
        ref={input}
        type="file"
        accept=".cast,.json,.txt"
        aria-label="Recording"
        className="hidden"
        onChange={(event) => {
          const [file] = event.target.files ?? []
          if (file) onFile(file)
          event.target.value = ''
        }}
      />
    </>
  )
}
