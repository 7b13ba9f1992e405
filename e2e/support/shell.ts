// The desktop application in a real Electron. It starts the deployment of a data folder or attaches to the running one.

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { test as base, type ElectronApplication, _electron as electron, expect, type Page } from '@playwright/test'
import { type Deployment, prepareDeployment } from './deployment.ts'

const checkout = fileURLToPath(new URL('../..', import.meta.url))
const delayedApp = fileURLToPath(new URL('delayed-app', import.meta.url))

const isRoot = process.getuid?.() === 0
// Without GPU and software rendering, terminals draw in the DOM, where tests can read their text. drawInDom, the switch of
// Chromium, has no effect in Electron.
const withoutWebGl = ['--disable-gpu', '--disable-software-rasterizer']
const switches = [...(isRoot ? ['--no-sandbox'] : []), ...withoutWebGl]

function executable(): string {
  const folder = process.env.CODER_LOCAL_TEST_ELECTRON
  if (!folder)
    throw new Error('CODER_LOCAL_TEST_ELECTRON is not set to the folder of an Electron. Run scripts/test-electron.mjs.')
  return join(folder, 'electron')
}

const environment = ({ env }: Deployment) => ({
  ...env,
  DISPLAY: process.env.DISPLAY ?? '',
  CODER_LOCAL_NODE: process.execPath,
})

export interface Shell {
  readonly app: ElectronApplication
  readonly page: Page
  /** Quits the application in the same way as its menu item. */
  quit(): Promise<void>
}

/** A test with a prepared deployment and a function that opens the application, which is quit at the end. */
export const test = base.extend<{ deployment: Deployment; open: () => Promise<Shell> }>({
  // biome-ignore lint/correctness/noEmptyPattern: Playwright reads the required fixtures from the pattern
  deployment: async ({}, use) => {
    const deployment = await prepareDeployment()
    await use(deployment)
    await deployment.close()
  },
  open: async ({ deployment }, use) => {
    let last: Shell | undefined
    await use(async () => {
      last = await openShell(deployment)
      return last
    })
    await last?.quit()
  },
})

async function openShell(deployment: Deployment): Promise<Shell> {
  const app = await electron.launch({
    executablePath: executable(),
    args: [...switches, delayedApp, checkout],
    env: environment(deployment),
    colorScheme: null,
  })
  const page = await app.firstWindow()
  const ended = once(app.process(), 'exit')
  return {
    app,
    page,
    async quit() {
      await app.close()
      // An application started before this one has exited would only bring its window to the front and exit.
      await ended
    },
  }
}

/** Waits until the window shows the dashboard with a signed-in user. */
export async function expectDashboard({ page }: Shell): Promise<void> {
  await expect(page.getByRole('navigation').first()).toBeVisible({ timeout: 30_000 })
}

/** Starts the application a second time and waits for its exit; a second start on a data folder opens no window. */
export async function startSecondInstance(deployment: Deployment): Promise<{ status: number | null; output: string }> {
  const child = spawn(executable(), [...switches, checkout], {
    env: environment(deployment),
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text
    })
  }
  const [status] = (await once(child, 'close')) as [number | null]
  return { status, output }
}

/** Clicks an item of the application menu. The application may quit as a result. */
export async function pressMenu({ app }: Shell, label: string): Promise<void> {
  await app.evaluate(({ Menu }, wanted) => {
    const items = Menu.getApplicationMenu()?.items.flatMap(({ submenu }) => submenu?.items ?? []) ?? []
    const item = items.find((candidate) => candidate.label === wanted)
    if (!item) throw new Error(`No menu item ${wanted}. Menu items: ${items.map((each) => each.label).join(', ')}`)
    setImmediate(() => item.click())
  }, label)
}
