// `npm run check`: format, lint, types, import directions, cycles and dead exports, all in parallel. Prints one line per
// check, then the output of the failed ones. `npm run check -- --write` also applies the fixes of formatter and linter.

import { readdirSync } from 'node:fs'
import path from 'node:path'
import { performance } from 'node:perf_hooks'
import { runQuietly } from './child-process.mjs'
import { findNode } from './node-runtime.mjs'
import { packagesAreInstalled } from './prepare.mjs'
import { PlainError, runScript, seconds } from './progress.mjs'
import { inProject, presentCodeFolders } from './project.mjs'

/**
 * @typedef {object} Check
 * @property {string} name
 * @property {string} program  a command of an installed package
 * @property {string[]} args
 */

/** @returns {Check[]} */
function listChecks() {
  const folders = presentCodeFolders().filter(hasSources)
  const mayWrite = process.argv.includes('--write')
  return [
    {
      name: 'format and lint',
      program: 'biome',
      args: ['check', '--diagnostic-level=warn', mayWrite ? '--write' : '--error-on-warnings'],
    },
    { name: 'import directions, layers and cycles', program: 'node', args: [inProject('scripts/check-imports.mjs')] },
    { name: 'dead files, exports and packages', program: 'knip', args: ['--no-progress'] },
    ...[...folders, 'scripts'].map((folder) => ({
      name: `types of ${folder}`,
      program: 'tsc',
      args: typeArguments(folder),
    })),
  ]
}

/**
 * Single-threaded, because the folders are checked in parallel and each thread of TypeScript computes all types again.
 * Incremental: unchanged files are not checked again.
 * @param {string} folder
 */
function typeArguments(folder) {
  const buildInfo = inProject('.cache/types', `${folder}.tsbuildinfo`)
  return ['-p', folder, '--singleThreaded', '--incremental', '--tsBuildInfoFile', buildInfo]
}

/** @param {string} folder */
function hasSources(folder) {
  return readdirSync(inProject(folder), { recursive: true }).some((file) => /\.tsx?$/.test(String(file)))
}

/** @param {Check} check */
async function runCheck({ name, program, args }) {
  const startedAt = performance.now()
  const { status, output } = await runQuietly(program, args, {
    env: { ...process.env, PATH: commandPath(), ...(process.stdout.isTTY ? { FORCE_COLOR: '1' } : { NO_COLOR: '1' }) },
    shell: process.platform === 'win32',
  })
  const result = status === 0 ? 'ok    ' : 'FAILED'
  console.log(`${result} ${name} (${seconds(performance.now() - startedAt)})`)
  return { name, status, output }
}

/** A PATH that finds the commands of the packages and the project's own Node. */
function commandPath() {
  return [inProject('node_modules/.bin'), path.dirname(findNode()), process.env.PATH].join(path.delimiter)
}

await runScript(async () => {
  if (!packagesAreInstalled())
    throw new PlainError('The installed packages differ from the lockfile. Run `npm ci` first.')
  const startedAt = performance.now()
  const failed = (await Promise.all(listChecks().map(runCheck))).filter(({ status }) => status !== 0)
  for (const { name, output } of failed) console.log(`\n── ${name} ──\n${output.trimEnd()}`)
  console.log(
    `\n${failed.length === 0 ? 'All checks passed' : `${failed.length} checks failed`} in ${seconds(performance.now() - startedAt)}.`,
  )
  if (failed.length > 0) process.exitCode = 1
})
