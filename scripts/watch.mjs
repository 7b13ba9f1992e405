// Runs a deployment that follows the sources (`npm run dev`). Vite serves the pages and reloads them; a change of coderd,
// agent or CLI rebuilds them and restarts coderd, which workspaces and terminals survive. The data folder is in .cache/,
// unless CODER_CONFIG_DIR is set.

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { context } from 'esbuild'
import { createServer } from 'vite'
import { bundleOptions } from './build.mjs'
import { presentBundles } from './bundles.mjs'
import { runQuietly } from './child-process.mjs'
import { findNode } from './node-runtime.mjs'
import { PlainError, runScript } from './progress.mjs'
import { inProject } from './project.mjs'

const serverPort = process.env.CODER_LOCAL_DEV_PORT ?? '3980'
const serverUrl = `http://127.0.0.1:${serverPort}`
const environment = { CODER_CONFIG_DIR: inProject('.cache/dev'), ...process.env }
const coder = inProject('dist/cli/coder.js')

const startLimitMs = 120_000
const pollMs = 100
// A change in lib/ rebuilds several bundles one after another; this delay combines them into one restart of coderd.
const settleMs = 150

/** @type {import('node:child_process').ChildProcess | undefined} */
let coderd
/** @type {NodeJS.Timeout | undefined} */
let pendingRestart
let restarting = Promise.resolve()

/** Serves the pages and proxies all other requests to coderd. */
async function servePages() {
  const toServer = { target: serverUrl, changeOrigin: true, ws: true, headers: { origin: serverUrl } }
  const pages = await createServer({
    configFile: inProject('vite.config.ts'),
    // Not all of /api: the dev server serves the modules of renderer/api under it.
    server: { host: 'localhost', proxy: { '^/api/(v2|local)/': toServer, '/bin': toServer, '/healthz': toServer } },
  })
  await pages.listen()
  return pages
}

/** @param {import('./bundles.mjs').Bundle} bundle */
async function watchBundle(bundle) {
  const options = bundleOptions(bundle)
  // The shell is not part of coderd: a new window loads it.
  const restart = bundle.runsOn === 'node' ? [restartAfterBuild] : []
  const watcher = await context({ ...options, plugins: [...(options.plugins ?? []), ...restart] })
  await watcher.watch()
}

/** @type {import('esbuild').Plugin} */
const restartAfterBuild = {
  name: 'restart-after-build',
  setup(build) {
    build.onEnd(({ errors }) => {
      if (errors.length > 0) return
      clearTimeout(pendingRestart)
      pendingRestart = setTimeout(() => {
        restarting = restarting.then(restartServer)
      }, settleMs)
    })
  },
}

async function restartServer() {
  await stopServer()
  coderd = spawn(findNode(), [coder, 'server', '--http-address', `127.0.0.1:${serverPort}`], {
    env: environment,
    stdio: 'inherit',
    // In a separate process group, so that Ctrl-C reaches it only once, through this process.
    detached: true,
  })
}

async function stopServer() {
  if (!coderd || coderd.exitCode !== null || coderd.signalCode !== null) return
  coderd.kill('SIGTERM')
  await once(coderd, 'exit')
}

async function waitForServer() {
  const deadline = Date.now() + startLimitMs
  while (Date.now() < deadline) {
    if (await isServing()) return
    await sleep(pollMs)
  }
  throw new PlainError(
    `coderd did not respond at ${serverUrl} within ${startLimitMs / 1000} s. Its output is printed above.`,
  )
}

async function isServing() {
  try {
    return (await fetch(`${serverUrl}/healthz`)).ok
  } catch {
    return false
  }
}

/**
 * A one-time sign-in link with the address of the pages.
 * @param {import('vite').ViteDevServer} pages
 */
async function signInLink(pages) {
  const { status, output } = await runQuietly(findNode(), [coder, 'login-link'], { env: environment })
  const link = output.match(/https?:\/\/\S+/)?.[0]
  if (status !== 0 || link === undefined) throw new PlainError(`Could not create a sign-in link:\n${output}`)
  const { pathname, search, hash } = new URL(link)
  return new URL(pathname + search + hash, pages.resolvedUrls?.local[0]).href
}

/** @param {import('vite').ViteDevServer} pages */
async function stop(pages) {
  clearTimeout(pendingRestart)
  await restarting
  await Promise.all([stopServer(), pages.close()])
  process.exit()
}

await runScript(async () => {
  const pages = await servePages()
  await Promise.all(presentBundles().map(watchBundle))
  process.once('SIGINT', () => stop(pages))
  process.once('SIGTERM', () => stop(pages))
  await waitForServer()
  console.log(`\nOpen ${await signInLink(pages)}\n`)
})
// After a failed start, Vite and the watchers would keep the process alive.
if (process.exitCode) process.exit()
