import { expect, test } from 'vitest'
import type { ProvisionerJob, ProvisionerJobLog } from '../../api/organizations/provisioner-jobs.ts'
import { createStagePrinter } from './follow-job.ts'

const line = (stage: string, output: string, ms: number, level: ProvisionerJobLog['log_level'] = 'info') => ({
  id: ms,
  created_at: new Date(ms).toISOString(),
  log_source: 'provisioner' as const,
  log_level: level,
  stage,
  output,
})

test('a stage is printed when it starts and, with its duration, when it finishes', () => {
  const printed: string[] = []
  const lines = createStagePrinter((text) => printed.push(text))
  lines.line(line('Planning', '', 0))
  lines.line(line('Planning', 'agent will be created', 10))
  lines.line(line('Planning', 'details', 11, 'debug'))
  lines.line(line('Starting', '', 23))
  lines.end({ status: 'failed', completed_at: new Date(1023).toISOString() } as ProvisionerJob)
  expect(printed).toEqual([
    '⧗ Planning',
    '  agent will be created',
    '✔ Planning [23ms]',
    '⧗ Starting',
    '✘ Starting [1.0s]',
  ])
})

test('a stage that logged an error has failed, even if others follow', () => {
  const printed: string[] = []
  const lines = createStagePrinter((text) => printed.push(text))
  lines.line(line('Planning', 'main.tf:3: unknown', 0, 'error'))
  lines.line(line('Cleaning Up', '', 5))
  lines.end({ status: 'succeeded', completed_at: new Date(7).toISOString() } as ProvisionerJob)
  expect(printed).toEqual([
    '⧗ Planning',
    '  main.tf:3: unknown',
    '✘ Planning [5ms]',
    '⧗ Cleaning Up',
    '✔ Cleaning Up [2ms]',
  ])
})
