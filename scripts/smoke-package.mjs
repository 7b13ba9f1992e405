// Smoke test of a package created by package.mjs: starts its server on the packaged Node with an empty data folder, and
// requests the build info. `node scripts/smoke-package.mjs` prints the response, or exits with status 1.

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { packagedNode, packageFolder } from './package-layout.mjs'
import { PlainError, runScript } from './progress.mjs'

// Includes the creation of a database cluster, on a machine that may be running other tests.
const startLimitMs = 60_000
const pollMs = 50

await runScript(async () => {
  const resources = path.join(packageFolder, 'resources')
  if (!existsSync(resources))
    throw new PlainError(`No package found at ${packageFolder}. Run \`npm run package\` first.`)
  const dataFolder = await mkdtemp(path.join(tmpdir(), 'coder-local-smoke-'))
  const server = startServer(resources, dataFolder)
  try {
    const url = await waitForAddress(server, dataFolder)
    console.log(JSON.stringify(await fetchBuildInfo(url)))
  } finally {
    await stop(server)
    await rm(dataFolder, { recursive: true, force: true })
  }
})

/**
 * @param {string} resources
 * @param {string} dataFolder
 */
function startServer(resources, dataFolder) {
  const command = path.join(resources, 'dist/cli/coder.js')
  return spawn(path.join(resources, packagedNode), [command, 'server', '--http-address', '127.0.0.1:0'], {
    cwd: dataFolder,
    // Without the checkout's environment: the package must be self-contained.
    env: { PATH: '/usr/bin:/bin', HOME: dataFolder, CODER_CONFIG_DIR: dataFolder },
    // Standard output is reserved for the response.
    stdio: ['ignore', process.stderr, process.stderr],
  })
}

/**
 * @param {import('node:child_process').ChildProcess} server
 * @param {string} dataFolder
 * @returns {Promise<string>}
 */
async function waitForAddress(server, dataFolder) {
  const runFile = path.join(dataFolder, 'run.json')
  const deadline = Date.now() + startLimitMs
  while (!existsSync(runFile)) {
    if (hasExited(server))
      throw new PlainError('The packaged server exited before it responded. The reason is printed above.')
    if (Date.now() > deadline)
      throw new PlainError(`The packaged server did not respond within ${startLimitMs / 1000} s.`)
    await sleep(pollMs)
  }
  return JSON.parse(readFileSync(runFile, 'utf8')).url
}

/** @param {string} url */
async function fetchBuildInfo(url) {
  const response = await fetch(`${url}/api/v2/buildinfo`)
  if (!response.ok)
    throw new PlainError(`The packaged server responded to /api/v2/buildinfo with status ${response.status}.`)
  return await response.json()
}

/** @param {import('node:child_process').ChildProcess} server */
async function stop(server) {
  if (hasExited(server)) return
  const ended = once(server, 'exit')
  server.kill('SIGTERM')
  await ended
}

/** @param {import('node:child_process').ChildProcess} server */
function hasExited(server) {
  return server.exitCode !== null || server.signalCode !== null
}
