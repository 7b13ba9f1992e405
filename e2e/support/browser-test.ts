// Playwright tests of the dashboard in a browser, with a deployment that runs for the length of one test.

import { test as base } from '@playwright/test'
import { type Deployment, startDeployment } from './deployment.ts'
import { drawInDom } from './pages.ts'

interface Fixtures {
  readonly deployment: Deployment
  /** Whether the deployment runs its own PostgreSQL. By default it uses the one that all tests share. */
  readonly hasOwnPostgres: boolean
}

export const test = base.extend<Fixtures>({
  hasOwnPostgres: [false, { option: true }],
  deployment: async ({ hasOwnPostgres }, use) => {
    const deployment = await startDeployment(hasOwnPostgres ? {} : { database: 'shared' })
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
