// Time from starting coderd until the dashboard answers: with an empty data folder, compared with initdb alone in the same
// run, and with an existing data folder.

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { type Deployment, prepareDeployment } from '../e2e/support/deployment.ts'
import { changeOwner, grantTraversal, unprivilegedAccount } from '../server/database/postgres/account.ts'
import { bundledPostgres, prepareBinaries } from '../server/database/postgres/binaries.ts'
import { runInitdb } from '../server/database/postgres/initdb.ts'
import { type Figure, median } from './figures.ts'

const rounds = 3
const restarts = 5
// Limits: time added by the first start to initdb, and duration of a later start.
const firstStartSeconds = 1.0
const laterStartSeconds = 0.4
// Polling interval, below the resolution of the figures.
const pollMs = 2

export async function measureStart(): Promise<Figure[]> {
  const bare: number[] = []
  const first: number[] = []
  const later: number[] = []
  for (let round = 0; round < rounds; round++) {
    bare.push(await timeInitdb())
    const deployment = await prepareDeployment()
    try {
      first.push(await timeStart(deployment))
      for (let restart = 0; restart < restarts; restart++) {
        await deployment.stop()
        later.push(await timeStart(deployment))
      }
    } finally {
      await deployment.close()
    }
  }
  const initdb = median(bare)
  return [
    {
      name: 'empty folder → dashboard answers',
      value: median(first),
      limit: initdb + firstStartSeconds,
      unit: 's',
      basis: `bare initdb ${initdb.toFixed(2)} + ${firstStartSeconds.toFixed(1)}`,
    },
    { name: 'existing folder → dashboard answers', value: median(later), limit: laterStartSeconds, unit: 's' },
  ]
}

/** Seconds from the start until the dashboard answers. */
async function timeStart(deployment: Deployment): Promise<number> {
  const startedAt = performance.now()
  const started = deployment.start()
  while (!(await showsDashboard(deployment.address))) await sleep(pollMs)
  const tookMs = performance.now() - startedAt
  await started
  return tookMs / 1000
}

async function showsDashboard(address: string): Promise<boolean> {
  try {
    const answer = await fetch(address)
    return answer.ok && (await answer.text()).includes('<div id=')
  } catch {
    return false // Nothing listens on the port yet.
  }
}

/** Duration of initdb in seconds, with our settings and without fsync. */
async function timeInitdb(): Promise<number> {
  const account = unprivilegedAccount()
  const folder = mkdtempSync(join(tmpdir(), 'coder-local-initdb-'))
  try {
    if (account) grantTraversal(folder, account)
    changeOwner(folder, account)
    const binaries = prepareBinaries(bundledPostgres(), account)
    const startedAt = performance.now()
    await runInitdb({ binaries, folder, account })
    return (performance.now() - startedAt) / 1000
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
