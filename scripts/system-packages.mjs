// Programs of the operating system that tests use, and the Debian packages that contain them. `npm test` and `.ci/run`
// install what is missing where they have the right to. Runs on Node.js 20 before any npm package is installed.

import { accessSync, constants } from 'node:fs'
import path from 'node:path'
import { runQuietly } from './child-process.mjs'
import { PlainError, runScript, stage } from './progress.mjs'

export const debianPackages = /** @type {const} */ ({
  chromium: 'chromium',
  curl: 'curl',
  Xvfb: 'xvfb',
  ip: 'iproute2',
  git: 'git',
  setpriv: 'util-linux',
  prlimit: 'util-linux',
  mount: 'mount',
  ssh: 'openssh-client',
  'ssh-keygen': 'openssh-client',
  sshd: 'openssh-server',
  vim: 'vim',
  less: 'less',
  htop: 'htop',
  tmux: 'tmux',
  fish: 'fish',
  zsh: 'zsh',
})

/** @typedef {keyof typeof debianPackages} SystemProgram */

/** `0` leaves the operating system as it is. */
const installVariable = 'CODER_LOCAL_TEST_INSTALL'

// An ordinary user's PATH has no folders of system programs, where sshd and ip are.
const systemFolders = ['/usr/local/sbin', '/usr/sbin', '/sbin']

/**
 * @param {string} program
 * @returns {string | undefined} the absolute path of its executable
 */
export function findProgram(program) {
  const folders = [...(process.env.PATH ?? '').split(path.delimiter), ...systemFolders]
  return folders.map((folder) => path.join(folder, program)).find(isExecutable)
}

/** @param {string} file */
function isExecutable(file) {
  try {
    accessSync(file, constants.X_OK)
    return true
  } catch {
    return false
  }
}

/**
 * How a person installs a program that tests need.
 * @param {SystemProgram} program
 */
export const explainMissing = (program) =>
  `${program} is not installed. On Debian: apt-get install ${debianPackages[program]}.`

function findMissingPackages() {
  const missing = Object.entries(debianPackages).filter(([program]) => !findProgram(program))
  return [...new Set(missing.map(([, name]) => name))].sort()
}

/**
 * Installs the Debian packages of missing programs if this user may: as root or with sudo that asks no password.
 * Rejects with a PlainError when apt-get fails.
 * @returns {Promise<string | undefined>} why missing packages stay missing
 */
export async function installSystemPackages() {
  const missing = findMissingPackages()
  if (missing.length === 0) return undefined
  const all = missing.join(' ')
  if (process.env[installVariable] === '0') return `Not installed because of ${installVariable}=0: ${all}.`
  if (!findProgram('apt-get')) return `Not installed because this system has no apt-get: ${all}.`
  const prefix = await findPrivilege()
  if (!prefix) return `Not installed because that needs root or password-less sudo: ${all}.`
  await stage(`Installing ${all}`, async () => {
    await aptGet(prefix, 'update')
    await aptGet(prefix, 'install', '-y', '--no-install-recommends', ...missing)
  })
  return undefined
}

/** @returns {Promise<string[] | undefined>} the command line before one that needs root; undefined without the right */
async function findPrivilege() {
  if (process.getuid?.() === 0) return []
  if (!findProgram('sudo')) return undefined
  const { status } = await runQuietly('sudo', ['-n', 'true'])
  return status === 0 ? ['sudo', '-n'] : undefined
}

/**
 * @param {string[]} prefix
 * @param {...string} args
 */
async function aptGet(prefix, ...args) {
  const [program = '', ...rest] = [...prefix, 'env', 'DEBIAN_FRONTEND=noninteractive', 'apt-get', '-qq', ...args]
  const { status, output } = await runQuietly(program, rest)
  if (status !== 0) throw new PlainError(`apt-get ${args[0]} failed:\n${output}`)
}

if (import.meta.filename === process.argv[1]) {
  await runScript(async () => {
    const reason = await installSystemPackages()
    if (reason) throw new PlainError(reason)
  })
}
