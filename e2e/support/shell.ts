// The desktop window as people open it, in a real Electron: on a deployment's data folder, which it starts or attaches
// to by itself.

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { test as base, type ElectronApplication, _electron as electron, expect, type Page } from '@playwright/test'
import { type Deployment, prepareDeployment } from './deployment.ts'

const checkout = fileURLToPath(new URL('../..', import.meta.url))
const heldApp = fileURLToPath(new URL('held-app', import.meta.url))

const isRoot = process.getuid?.() === 0
// Without a graphics card, and without one in software either, terminals draw in the DOM, where their text can be read
// from the page. (The switch that does so in a browser, drawInDom, has no effect in the tests' Electron.)
const withoutWebGl = ['--disable-gpu', '--disable-software-rasterizer']
const switches = [...(isRoot ? ['--no-sandbox'] : []), ...withoutWebGl]

function executable(): string {
  const folder = process.env.CODER_LOCAL_TEST_ELECTRON
  if (!folder)
    throw new Error('CODER_LOCAL_TEST_ELECTRON names no folder with an Electron: run scripts/test-electron.mjs.')
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
  /** Quits as the menu's Quit does. */
  quit(): Promise<void>
}

/** A test of the shell: with a deployment that it is to start, and a way to open its window, which ends with the test. */
export const test = base.extend<{ deployment: Deployment; open: () => Promise<Shell> }>({
  // biome-ignore lint/correctness/noEmptyPattern: Playwright reads from it what a fixture needs
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
    args: [...switches, heldApp, checkout],
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
      // A shell that is started before this one is gone would only bring its window to the front, and end.
      await ended
    },
  }
}

/** The window has the dashboard, signed in. */
export async function expectDashboard({ page }: Shell): Promise<void> {
  await expect(page.getByRole('navigation').first()).toBeVisible({ timeout: 30_000 })
}

/** Starts the shell once more, to its end: a second start on a data folder has no window of its own. */
export async function startAgain(deployment: Deployment): Promise<{ status: number | null; output: string }> {
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

/** Presses an item of the application menu, which is not part of any page. The app may end by it. */
export async function pressMenu({ app }: Shell, label: string): Promise<void> {
  await app.evaluate(({ Menu }, wanted) => {
    const items = Menu.getApplicationMenu()?.items.flatMap(({ submenu }) => submenu?.items ?? []) ?? []
    const item = items.find((candidate) => candidate.label === wanted)
    if (!item) throw new Error(`no menu item ${wanted}; there are ${items.map((each) => each.label).join(', ')}`)
    setImmediate(() => item.click())
  }, label)
}
