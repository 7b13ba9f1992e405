// Playwright tests of the dashboard in a browser, with a deployment that runs for the length of one test.

import { test as base } from '@playwright/test'
import { startTestPostgres } from '../../server/testing/postgres.ts'
import { type Deployment, startDeployment } from './deployment.ts'
import { drawInDom } from './pages.ts'

interface Fixtures {
  readonly deployment: Deployment
  /** Whether the deployment runs its own PostgreSQL. By default it uses the one of the worker. */
  readonly hasOwnPostgres: boolean
}

interface WorkerFixtures {
  /** Admin URL of the PostgreSQL that the tests of a worker share. */
  readonly postgresUrl: string
}

export const test = base.extend<Fixtures, WorkerFixtures>({
  postgresUrl: [
    // biome-ignore lint/correctness/noEmptyPattern: Playwright reads the required fixtures from the pattern
    async ({}, use) => {
      const postgres = await startTestPostgres()
      await use(postgres.adminUrl)
      await postgres.stop()
    },
    { scope: 'worker' },
  ],
  hasOwnPostgres: [false, { option: true }],
  deployment: async ({ hasOwnPostgres, postgresUrl }, use) => {
    const deployment = await startDeployment(hasOwnPostgres ? {} : { postgresUrl })
    await use(deployment)
    await deployment.close()
  },
})

/** The same with terminals that draw in the DOM: text drawn with WebGL cannot be read from the page. */
export const terminalTest = test.extend({
  launchOptions: [
    async ({ launchOptions }, use) => use({ ...launchOptions, args: [...(launchOptions.args ?? []), drawInDom] }),
    { scope: 'worker' },
  ],
})
