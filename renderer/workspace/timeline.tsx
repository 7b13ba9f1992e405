// The steps of a build as bars on a common time axis.

import { classNames } from '../components/class-names.ts'
import { duration, useNow } from '../components/time.tsx'
import type { Step } from './build-timeline.ts'

// A narrower bar would be invisible.
const minBarPercent = 0.8
const updateIntervalMs = 200

export function Timeline({ steps }: { steps: readonly Step[] }) {
  const isRunning = steps.some((step) => step.endMs === undefined)
  return isRunning ? <LiveTimeline steps={steps} /> : <Bars steps={steps} now={0} />
}

function LiveTimeline({ steps }: { steps: readonly Step[] }) {
  return <Bars steps={steps} now={useNow(updateIntervalMs)} />
}

function Bars({ steps, now }: { steps: readonly Step[]; now: number }) {
  const start = Math.min(...steps.map((step) => step.startMs))
  const end = Math.max(...steps.map((step) => step.endMs ?? Math.max(now, step.startMs)))
  const span = Math.max(1, end - start)
  const percent = (ms: number) => (ms / span) * 100
  return (
    <ol className="flex flex-col gap-px">
      {steps.map((step) => {
        const stepEnd = step.endMs ?? Math.max(now, step.startMs)
        const width = Math.max(minBarPercent, percent(stepEnd - step.startMs))
        const left = Math.min(100 - width, percent(step.startMs - start))
        return (
          <li
            key={`${step.name} ${step.startMs}`}
            className="grid h-6 grid-cols-[minmax(100px,220px)_minmax(60px,1fr)_88px] items-center gap-3 text-sm max-sm:grid-cols-[minmax(0,1fr)_64px_84px]"
          >
            <span className={classNames('truncate', step.isAddress && 'font-mono text-xs')} title={step.name}>
              {step.name}
            </span>
            <span className="relative h-3.5" aria-hidden>
              <span
                className={classNames(
                  'absolute inset-y-0 rounded-[2px]',
                  step.failed
                    ? 'bg-failed'
                    : step.endMs === undefined
                      ? 'pulse-changing bg-changing'
                      : step.name === 'Queue'
                        ? 'bg-line-strong'
                        : 'bg-running-bar',
                )}
                style={{ left: `${left}%`, width: `${width}%` }}
              />
            </span>
            <span className="tabular text-right whitespace-nowrap text-muted">
              {duration(stepEnd - step.startMs)}
              {step.endMs === undefined && ' …'}
            </span>
          </li>
        )
      })}
    </ol>
  )
}
