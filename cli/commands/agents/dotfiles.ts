// `coder dotfiles`: clones the user's dotfiles repository and runs its install script, or links its dotfiles into the home
// folder if it has none.

import { spawn } from 'node:child_process'
import {
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readlinkSync,
  renameSync,
  statSync,
  symlinkSync,
  unlinkSync,
} from 'node:fs'
import { homedir } from 'node:os'
import { join, resolve } from 'node:path'
import { dataDirOf, type GlobalOptions } from '../../connection/local-deployment.ts'
import { CommandError } from '../../output/errors.ts'
import { note, print } from '../../output/print.ts'
import { confirm } from '../../prompts/prompts.ts'

interface DotfilesOptions extends GlobalOptions {
  readonly symlinkDir?: string
  readonly repoDir: string
  readonly branch?: string
  readonly yes?: boolean
}

/** In order of preference. */
const installScripts = ['install.sh', 'install', 'bootstrap.sh', 'bootstrap', 'setup.sh', 'setup'].flatMap((name) => [
  name,
  `script/${name.replace(/\.sh$/, '')}`,
])

export async function dotfiles([repository = '']: readonly string[], options: DotfilesOptions): Promise<void> {
  const folder = resolve(dataDirOf(options), options.repoDir)
  await confirm(`Apply the dotfiles of ${repository}? This may run a script of the repository.`, {
    skip: options.yes ?? false,
    defaultsToYes: true,
  })
  await fetchRepository(repository, folder, options.branch)
  const script = installScripts.find((name) => isFile(join(folder, name)))
  if (script) {
    note(`Running ${script}.`)
    await run(join(folder, script), [], folder)
  } else linkAll(folder, resolve(options.symlinkDir || homedir()))
  print('The dotfiles were applied.')
}

const isFile = (path: string) => existsSync(path) && statSync(path).isFile()

async function fetchRepository(repository: string, folder: string, branch: string | undefined): Promise<void> {
  if (existsSync(join(folder, '.git'))) {
    note(`Updating ${folder}.`)
    if (branch) await run('git', ['checkout', branch], folder)
    await run('git', ['pull', '--ff-only'], folder)
    return
  }
  mkdirSync(folder, { recursive: true })
  note(`Cloning ${repository}.`)
  await run('git', ['clone', ...(branch ? ['--branch', branch] : []), '--', repository, folder], folder)
}

/** Links every dotfile of the repository. An existing file is renamed to `.bak`. */
function linkAll(folder: string, target: string): void {
  const names = readdirSync(folder).filter((name) => name.startsWith('.') && name !== '.git' && name !== '.gitignore')
  if (names.length === 0)
    throw new CommandError('The repository contains neither an install script nor dotfiles.', {
      detail: `Install scripts are named ${installScripts.join(', ')}; names of dotfiles start with a dot.`,
    })
  mkdirSync(target, { recursive: true })
  for (const name of names) {
    link(join(folder, name), join(target, name))
    note(`Linked ${name}.`)
  }
}

function link(source: string, path: string): void {
  const existing = lstatSync(path, { throwIfNoEntry: false })
  if (existing?.isSymbolicLink()) {
    if (readlinkSync(path) === source) return
    unlinkSync(path)
  } else if (existing) renameSync(path, `${path}.bak`)
  symlinkSync(source, path)
}

/** Runs a program with its output on stderr. @throws CommandError when it fails */
function run(program: string, args: readonly string[], cwd: string): Promise<void> {
  return new Promise((done, fail) => {
    const child = spawn(program, args, { cwd, stdio: ['inherit', process.stderr, process.stderr] })
    child.on('error', (error) => fail(new CommandError(`Could not run ${program}.`, { detail: error.message })))
    child.on('exit', (code, signal) =>
      code === 0 ? done() : fail(new CommandError(`${program} failed (${signal ?? `exit status ${code}`}).`)),
    )
  })
}
