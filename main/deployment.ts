// The deployment behind the window: attaches to a running one or starts it, restarts it after a crash, and stops it only
// at the user's request. Provides the state for the start-up page. Does not know windows.

import { createClient } from '../api/client.ts'
import { createLaunchCode, localSecretHeader, stopDeployment } from '../api/local.ts'
import { type StartupError, superviseDeployment, waitUntilStopped } from '../lib/deployment.ts'
import type { RunFile } from '../lib/run-file.ts'
import type { StartupStep } from '../lib/startup-step.ts'
import { coderdCommand, coderdEnvironment } from './programs.ts'
import type { StartupView } from './startup-bridge.ts'

export interface ShellDeployment {
  /** The running deployment; null while none is running. */
  run(): RunFile | null
  view(): StartupView
  /** Starts again after a failure or a stop. */
  retry(): void
  /** A one-time link that signs in the owner of this computer. Rejects when no deployment is running. */
  createLink(): Promise<string>
  /** Stops coderd and its database gracefully. */
  stop(): Promise<void>
}

export interface DeploymentListener {
  /** The deployment has started or restarted. */
  onRunning(run: RunFile): void
  /** The deployment is not running and its state has changed. */
  onView(view: StartupView): void
}

export function openDeployment(dataDir: string, listener: DeploymentListener): ShellDeployment {
  let run: RunFile | null = null
  let view: StartupView = { phase: 'starting', steps: [], isRestart: false }
  let isSupervised = false
  let isStopping = false

  const show = (next: StartupView) => {
    run = null
    view = next
    listener.onView(view)
  }
  const addStep = (step: StartupStep) => {
    if (view.phase === 'starting') show({ ...view, steps: withStep(view.steps, step) })
  }

  async function supervise(): Promise<void> {
    if (isSupervised) return
    isSupervised = true
    show({ phase: 'starting', steps: [], isRestart: false })
    try {
      const options = { dataDir, command: coderdCommand(), env: { ...coderdEnvironment(), CODER_CONFIG_DIR: dataDir } }
      await superviseDeployment(
        { ...options, onStep: addStep },
        {
          running(deployment) {
            run = deployment.run
            listener.onRunning(run)
          },
          crashed: () => show({ phase: 'starting', steps: [], isRestart: true }),
        },
      )
      if (!isStopping) show({ phase: 'stopped' })
    } catch (error) {
      show(failure(error as Error, stepsOf(view)))
    } finally {
      isSupervised = false
    }
  }

  void supervise()
  return {
    run: () => run,
    view: () => view,
    retry: () => void supervise(),
    async createLink() {
      return (await ownerClient(run).call(createLaunchCode)).url
    },
    async stop() {
      if (!run) return
      isStopping = true
      const stopped = run
      await ownerClient(run).call(stopDeployment)
      await waitUntilStopped(stopped)
    },
  }
}

function ownerClient(run: RunFile | null) {
  if (!run) throw new Error('The deployment is not running.')
  return createClient({ baseUrl: run.url, headers: { [localSecretHeader]: run.secret } })
}

const stepsOf = (view: StartupView) => (view.phase === 'stopped' ? [] : view.steps)

function withStep(steps: readonly StartupStep[], step: StartupStep): StartupStep[] {
  const isKnown = steps.some(({ name }) => name === step.name)
  return isKnown ? steps.map((other) => (other.name === step.name ? step : other)) : [...steps, step]
}

function failure(error: Error & Partial<StartupError>, steps: readonly StartupStep[]): StartupView {
  const { message, detail = '', lastLines = [], logFile = '' } = error
  return { phase: 'failed', steps, message, detail, lastLines, logFile }
}
