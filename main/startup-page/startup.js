// Draws the start-up page from the view that the shell sends (main/startup-bridge.ts). Plain JavaScript, because it is
// served without a build.

/** @typedef {import('../startup-bridge.ts').StartupView} StartupView */
/** @typedef {import('../../lib/startup-step.ts').StartupStep} StartupStep */

/** @type {import('../startup-bridge.ts').StartupBridge} */
const shell = window.coderStartup

const tickMs = 100

/** @param {string} id */
const element = (id) => /** @type {HTMLElement} */ (document.getElementById(id))

/** The running step, and when its duration was received. */
let running = /** @type {{ step: StartupStep, line: HTMLElement, receivedAt: number } | null} */ (null)

/** @param {StartupView} view */
function draw(view) {
  const isFailed = view.phase === 'failed'
  const isRestart = view.phase === 'starting' && view.isRestart
  element('title').textContent = {
    starting: isRestart ? 'Coder Local exited unexpectedly and is restarting' : 'Starting Coder Local',
    failed: 'Could not start Coder Local',
    stopped: 'Coder Local is stopped',
  }[view.phase]
  drawSteps(view.phase === 'stopped' ? [] : view.steps)
  element('failure').hidden = !isFailed
  if (isFailed) {
    element('message').textContent = view.message
    element('detail').textContent = view.detail
    element('last-lines').textContent = view.lastLines.join('\n')
  }
  element('stopped').hidden = view.phase !== 'stopped'
  element('actions').hidden = view.phase === 'starting'
  element('retry').textContent = isFailed ? 'Retry' : 'Start'
  element('copy').hidden = !isFailed
}

/** @param {readonly StartupStep[]} steps */
function drawSteps(steps) {
  running = null
  element('steps').replaceChildren(
    ...steps.map((step) => {
      const line = drawStep(step)
      if (step.state === 'running') running = { step, line, receivedAt: performance.now() }
      return line
    }),
  )
}

/** @param {StartupStep} step */
function drawStep(step) {
  const line = document.createElement('li')
  line.className = step.state
  line.append(part('state', ''), part('title', step.title), part('time', timeOf(step, step.ms)))
  // The cause of a failure is shown below the steps.
  if (step.detail && step.state === 'running') line.append(part('detail', step.detail))
  return line
}

/**
 * @param {string} name
 * @param {string} text
 */
function part(name, text) {
  const span = document.createElement('span')
  span.className = name
  span.textContent = text
  return span
}

/**
 * @param {StartupStep} step
 * @param {number} ms
 */
function timeOf({ state, limitMs }, ms) {
  if (state === 'done') return duration(ms)
  if (state === 'failed') return `failed after ${duration(ms)}`
  return `${duration(ms)} of at most ${duration(limitMs)}`
}

/** @param {number} ms */
const duration = (ms) => (ms < 1000 ? `${Math.round(ms)} ms` : `${(ms / 1000).toFixed(ms < 10_000 ? 1 : 0)} s`)

function tick() {
  if (!running) return
  const { step, line, receivedAt } = running
  const ms = step.ms + performance.now() - receivedAt
  line.classList.toggle('late', ms > step.limitMs)
  const time = line.querySelector('.time')
  if (time) time.textContent = timeOf(step, ms)
}

/** @param {HTMLElement} button */
function confirmCopy(button) {
  button.textContent = 'Copied'
  setTimeout(() => {
    button.textContent = 'Copy diagnostics'
  }, 2000)
}

element('retry').addEventListener('click', () => shell.retry())
element('copy').addEventListener('click', () => shell.copyDiagnostics().then(() => confirmCopy(element('copy'))))
element('logs').addEventListener('click', () => shell.openLogs())

shell.onView(draw)
shell.view().then(draw)
setInterval(tick, tickMs)
