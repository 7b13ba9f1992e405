// `coder dotfiles`: brings one's own settings into a workspace: clones a repository and runs its install script, or,
// where it has none, links its dotfiles into the home folder.

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

/** Run instead of linking; the first that is there. */
const installScripts = ['install.sh', 'install', 'bootstrap.sh', 'bootstrap', 'setup.sh', 'setup'].flatMap((name) => [
  name,
  `script/${name.replace(/\.sh$/, '')}`,
])

export async function dotfiles([repository = '']: readonly string[], options: DotfilesOptions): Promise<void> {
  const folder = resolve(dataDirOf(options), options.repoDir)
  await confirm(`Apply the dotfiles of ${repository}? They may run a script of their own.`, {
    skip: options.yes ?? false,
    defaultsToYes: true,
  })
  await fetchRepository(repository, folder, options.branch)
  const script = installScripts.find((name) => isFile(join(folder, name)))
  if (script) {
    note(`Running ${script}.`)
    await run(join(folder, script), [], folder)
  } else linkAll(folder, resolve(options.symlinkDir || homedir()))
  print('The dotfiles are applied.')
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

/** Links every dotfile of the repository. A file that is in the way is kept beside it with `.bak`. */
function linkAll(folder: string, target: string): void {
  const names = readdirSync(folder).filter((name) => name.startsWith('.') && name !== '.git' && name !== '.gitignore')
  if (names.length === 0)
    throw new CommandError('The repository holds neither an install script nor dotfiles.', {
      detail: `Install scripts are called ${installScripts.join(', ')}; dotfiles begin with a dot.`,
    })
  mkdirSync(target, { recursive: true })
  for (const name of names) {
    link(join(folder, name), join(target, name))
    note(`Linked ${name}.`)
  }
}

function link(source: string, place: string): void {
  const there = lstatSync(place, { throwIfNoEntry: false })
  if (there?.isSymbolicLink()) {
    if (readlinkSync(place) === source) return
    unlinkSync(place)
  } else if (there) renameSync(place, `${place}.bak`)
  symlinkSync(source, place)
}

/** Its output is the person's to read. @throws CommandError when it fails. */
function run(program: string, args: readonly string[], cwd: string): Promise<void> {
  return new Promise((done, fail) => {
    const child = spawn(program, args, { cwd, stdio: ['inherit', process.stderr, process.stderr] })
    child.on('error', (error) => fail(new CommandError(`${program} cannot be run.`, { detail: error.message })))
    child.on('exit', (code, signal) =>
      code === 0 ? done() : fail(new CommandError(`${program} failed (${signal ?? `exit status ${code}`}).`)),
    )
  })
}
