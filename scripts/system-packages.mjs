// Programs of the operating system that tests use, and the Debian packages that contain them. `npm test` and `.ci/run`
// install missing packages if the user has the permission. Runs on Node.js 20 before any npm package is installed.

import { accessSync, constants } from 'node:fs'
import path from 'node:path'
import { runQuietly } from './child-process.mjs'
import { PlainError, runScript, stage } from './progress.mjs'

export const debianPackages = /** @type {const} */ ({
  'chromium-headless-shell': 'chromium-headless-shell',
  curl: 'curl',
  Xvfb: 'xvfb',
  ip: 'iproute2',
  git: 'git',
  setpriv: 'util-linux',
  prlimit: 'util-linux',
  mount: 'mount',
  ssh: 'openssh-client',
  scp: 'openssh-client',
  sftp: 'openssh-client',
  'ssh-agent': 'openssh-client',
  'ssh-keygen': 'openssh-client',
  sshd: 'openssh-server',
  rsync: 'rsync',
  vim: 'vim',
  less: 'less',
  htop: 'htop',
  tmux: 'tmux',
  fish: 'fish',
  zsh: 'zsh',
  dockerd: 'docker.io',
  docker: 'docker.io',
  busybox: 'busybox-static',
})

/** @typedef {keyof typeof debianPackages} SystemProgram */

/** Shared libraries of Electron that no package above installs. */
const debianLibraryPackages = /** @type {const} */ ({
  'libgtk-3.so.0': 'libgtk-3-0',
  'libnss3.so': 'libnss3',
  'libgbm.so.1': 'libgbm1',
})

/** `0` disables the installation of system packages. */
const installVariable = 'CODER_LOCAL_TEST_INSTALL'

// Folders of system programs such as sshd and ip, which an ordinary user's PATH does not contain.
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
 * The error for a missing program that tests need, with the command that installs it.
 * @param {SystemProgram} program
 */
export const explainMissing = (program) =>
  `${program} is not installed. On Debian: apt-get install ${debianPackages[program]}.`

async function findMissingPackages() {
  const programs = Object.entries(debianPackages).filter(([program]) => !findProgram(program))
  const installed = await listLibraries()
  const libraries = Object.entries(debianLibraryPackages).filter(([library]) => !installed.includes(library))
  return [...new Set([...programs, ...libraries].map(([, name]) => name))].sort()
}

/** The output of `ldconfig -p`, which names all shared libraries of the system. */
async function listLibraries() {
  const { output } = await runQuietly(findProgram('ldconfig') ?? 'ldconfig', ['-p'])
  return output
}

/**
 * Installs the Debian packages of missing programs as root or with password-less sudo.
 * Rejects with a PlainError when apt-get fails.
 * @returns {Promise<string | undefined>} the reason if missing packages were not installed
 */
export async function installSystemPackages() {
  const missing = await findMissingPackages()
  if (missing.length === 0) return undefined
  const all = missing.join(' ')
  if (process.env[installVariable] === '0') return `Not installed because of ${installVariable}=0: ${all}.`
  if (!findProgram('apt-get')) return `Not installed because this system has no apt-get: ${all}.`
  const prefix = await findPrivilege()
  if (!prefix) return `Not installed because that needs root or password-less sudo: ${all}.`
  await stage(`Installing ${all}`, async () => {
    await aptGet(prefix, 'update')
    await installEach(prefix, missing)
  })
  return undefined
}

/**
 * Installs all packages together, and if that fails one by one, because apt-get installs none if a release lacks one.
 * @param {string[]} prefix
 * @param {string[]} packages
 */
async function installEach(prefix, packages) {
  const install = (/** @type {string[]} */ names) =>
    aptGet(prefix, 'install', '-y', '--no-install-recommends', ...names)
  try {
    await install(packages)
  } catch (error) {
    if (packages.length === 1) throw error
    /** @type {string[]} */
    const failures = []
    for (const name of packages) await install([name]).catch((reason) => failures.push(reason.message))
    if (failures.length > 0) throw new PlainError(failures.join('\n'))
  }
}

/** @returns {Promise<string[] | undefined>} the command prefix that runs a command as root; undefined without permission */
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
