import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { ManifestScript } from '../../api/agents/agent-protocol.ts'
import type { Manifest } from '../manifest.ts'
import { openScriptFolder } from './script-folder.ts'
import { killScripts, runScripts, type ScriptOutcome } from './scripts.ts'

const folder = mkdtempSync(join(tmpdir(), 'coder-local-scripts-'))

const data = join(folder, 'data')
mkdirSync(data)

const manifest: Manifest = {
  agent_id: '',
  agent_name: 'main',
  workspace_id: '',
  workspace_name: 'test',
  owner_name: 'ada',
  access_url: '',
  directory: folder,
  motd_file: '',
  environment: { SHELL: '/bin/sh', FROM_TEMPLATE: 'yes' },
  metadata: [],
  healthchecks: [],
  terminals: { kept_lines: 0, kept_days: 1 },
  scripts: [],
  monitors: null,
}

interface RunResult {
  readonly outcomes: ScriptOutcome[]
  readonly lines: string[]
  readonly reported: { status: string; exit_code: number }[]
}

async function run(
  scripts: readonly Partial<ManifestScript>[],
  onLine: (line: string) => void = () => undefined,
): Promise<RunResult> {
  const lines: string[] = []
  const reported: RunResult['reported'] = []
  const outcomes = await runScripts({
    scripts: scripts.map((script, index) => ({ ...emptyScript, id: `${process.pid}-${index}`, ...script })),
    stage: 'start',
    manifest,
    folder: data,
    pipesGraceMs: 200,
    logs: {
      write(_source, _level, line) {
        lines.push(line)
        onLine(line)
      },
      flush: async () => undefined,
    },
    reports: { script: async (ended) => void reported.push(ended) },
  })
  return { outcomes, lines, reported }
}

const emptyScript: ManifestScript = {
  id: '',
  log_source_id: 'source',
  display_name: '',
  log_path: '',
  script: '',
  cron: '',
  run_on_start: true,
  run_on_stop: false,
  start_blocks_login: false,
  timeout_seconds: 0,
}

test('a script runs in the folder and environment of the workspace; its lines reach the log and the file', async () => {
  const log_path = join(folder, 'logs', 'script.log')
  const script =
    'echo "$PWD $FROM_TEMPLATE $CODER_WORKSPACE_NAME"; echo trouble >&2; printf "no newline"; test -d "$CODER_SCRIPT_BIN_DIR"'
  const { outcomes, lines } = await run([{ script, log_path }])
  expect(outcomes).toEqual([{ exitCode: 0, status: 'ok' }])
  expect(lines.toSorted()).toEqual([`${folder} yes test`, 'no newline', 'trouble'].toSorted())
  expect(readFileSync(log_path, 'utf8').trimEnd().split('\n')).toHaveLength(3)
})

test('only the user can read the data and log of a script', async () => {
  const { lines } = await run([{ id: 'private', script: 'echo "$CODER_SCRIPT_DATA_DIR $CODER_SCRIPT_BIN_DIR"' }])
  expect(lines).toEqual([`${join(data, 'private')} ${join(data, 'bin')}`])
  const modeOf = (name: string) => statSync(join(data, name)).mode & 0o777
  expect(modeOf('private')).toBe(0o700)
  expect(modeOf('bin')).toBe(0o700)
  expect(modeOf('private.log')).toBe(0o600)
})

test('the script folder is private, keeps what current scripts use, and is never a link of another user', () => {
  const agent = { workspace_id: 'workspace', agent_name: 'main', scripts: [{ ...emptyScript, id: 'current' }] }
  const dataDir = join(folder, 'deployment')
  const expected = join(dataDir, 'workspaces', 'workspace', 'scripts', 'main')
  expect(openScriptFolder(dataDir, {}, agent)).toBe(expected)
  for (const name of ['bin', 'current', 'current.log', 'stale', 'stale.log']) mkdirSync(join(expected, name))
  chmodSync(expected, 0o755)
  openScriptFolder(dataDir, {}, agent)
  expect(statSync(expected).mode & 0o777).toBe(0o700)
  expect(readdirSync(expected).toSorted()).toEqual(['bin', 'current', 'current.log'])
  const state = { XDG_STATE_HOME: join(folder, 'state') }
  expect(openScriptFolder(undefined, state, agent)).toBe(join(folder, 'state/coder-local/scripts/workspace/main'))

  rmSync(expected, { recursive: true })
  symlinkSync(folder, expected)
  const other = openScriptFolder(dataDir, {}, agent)
  expect(other).toContain('coder-scripts-')
  expect(statSync(other).mode & 0o777).toBe(0o700)
  rmSync(other, { recursive: true })
})

test('scripts run in parallel, and each exit is reported', async () => {
  const fifo = join(folder, 'fifo')
  const { reported } = await run([
    { script: `mkfifo ${fifo} && echo hello > ${fifo}` },
    { script: `until [ -p ${fifo} ]; do sleep 0.01; done; read line < ${fifo}; exit 3` },
    { script: 'kill -KILL $$' },
  ])
  expect(reported.map(({ status, exit_code }) => [exit_code, status]).toSorted()).toEqual([
    [0, 'ok'],
    [137, 'exit_failure'],
    [3, 'exit_failure'],
  ])
})

test('a script that exceeds its timeout is terminated with its child processes', async () => {
  const { outcomes, lines } = await run([{ script: 'sleep 1000 & echo $!; sleep 1000', timeout_seconds: 1 }])
  expect(outcomes[0]?.status).toBe('timed_out')
  expect(lines.at(-1)).toContain('after its timeout of 1 s')
})

test('a script whose output stays open is not waited for, and the log suggests a redirection', async () => {
  const { outcomes, lines } = await run([{ script: 'sleep 3 & echo started' }])
  expect(outcomes).toEqual([{ exitCode: 0, status: 'pipes_left_open' }])
  expect(lines[0]).toBe('started')
  expect(lines[1]).toContain('Redirect')
})

test('running scripts are terminated when the agent stops', async () => {
  const { outcomes } = await run([{ script: 'echo begun; sleep 1000' }], (line) => line === 'begun' && killScripts())
  expect(outcomes[0]?.status).toBe('exit_failure')
})
