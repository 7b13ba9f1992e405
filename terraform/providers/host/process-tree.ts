// Terminates a process with all its descendants, including those in other sessions or process groups.

import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'

interface RunningProcess {
  readonly pid: number
  readonly parent: number
  /** The session on Linux; elsewhere the process group, because ps does not show sessions. */
  readonly session: number
  readonly startedAt: string
}

// The time between SIGTERM and SIGKILL, for processes that clean up.
const graceMs = 2_000
// The time after SIGKILL until a process counts as stuck, for example in I/O on an unreachable network disk.
const killMs = 2_000
const firstPollMs = 1
const maxPollMs = 20

/** Sends SIGTERM to the whole tree, then SIGKILL after the grace period or an abort. Returns the pids that did not end. */
export async function terminateProcessTree(
  pid: number,
  startedAt: string,
  signal: AbortSignal,
): Promise<readonly number[]> {
  const tree = collectTree(pid, startedAt)
  send(tree, 'SIGTERM')
  await waitUntilGone(tree, graceMs, signal)
  // Processes started in the meantime belong to the tree too.
  const left = runningProcesses(expandTree(tree, listProcesses()))
  if (left.length === 0) return []
  send(left, 'SIGKILL')
  await waitUntilGone(left, killMs)
  return runningProcesses(left).map((process) => process.pid)
}

function collectTree(pid: number, startedAt: string): RunningProcess[] {
  const all = listProcesses()
  const root = all.find((process) => process.pid === pid && process.startedAt === startedAt)
  return root ? expandTree([root], all) : []
}

/** Adds children, and sessions whose leader is in the tree, until the tree no longer grows. */
function expandTree(seed: readonly RunningProcess[], all: readonly RunningProcess[]): RunningProcess[] {
  const tree = new Map(seed.map((process) => [process.pid, process]))
  for (let size = -1; size !== tree.size; ) {
    size = tree.size
    for (const process of all) {
      if (tree.has(process.pid) || process.pid === globalThis.process.pid) continue
      if (tree.has(process.parent) || tree.has(process.session)) tree.set(process.pid, process)
    }
  }
  return [...tree.values()]
}

function send(tree: readonly RunningProcess[], signal: NodeJS.Signals): void {
  for (const { pid } of runningProcesses(tree)) {
    try {
      process.kill(pid, signal)
    } catch (error) {
      // ESRCH: it ended in the meantime. After other errors, the process remains among the survivors.
      if ((error as NodeJS.ErrnoException).code !== 'ESRCH') continue
    }
  }
}

async function waitUntilGone(tree: readonly RunningProcess[], limitMs: number, signal?: AbortSignal): Promise<void> {
  const deadline = performance.now() + limitMs
  for (let pollMs = firstPollMs; runningProcesses(tree).length > 0; pollMs = Math.min(maxPollMs, pollMs * 2)) {
    if (performance.now() >= deadline || signal?.aborted) return
    await sleep(pollMs)
  }
}

function runningProcesses(tree: readonly RunningProcess[]): RunningProcess[] {
  if (process.platform === 'linux') return tree.filter(({ pid, startedAt }) => readProc(pid)?.startedAt === startedAt)
  const running = new Map(listProcesses().map((process) => [process.pid, process.startedAt]))
  return tree.filter(({ pid, startedAt }) => running.get(pid) === startedAt)
}

function listProcesses(): RunningProcess[] {
  if (process.platform !== 'linux') return listByPs()
  return readdirSync('/proc').flatMap((name) => (/^\d+$/.test(name) ? (readProc(Number(name)) ?? []) : []))
}

/** Undefined if the process does not exist or is a zombie. */
function readProc(pid: number): RunningProcess | undefined {
  let stat: string
  try {
    stat = readFileSync(`/proc/${pid}/stat`, 'latin1')
  } catch {
    return undefined
  }
  // The name is in parentheses and may contain any character, so fields start after the last one; the first is the state.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  if (fields[0] === 'Z' || fields[0] === 'X') return undefined
  return { pid, parent: Number(fields[1]), session: Number(fields[3]), startedAt: fields[19] ?? '' }
}

function listByPs(): RunningProcess[] {
  const lines = execFileSync('ps', ['-A', '-o', 'pid=,ppid=,pgid=,stat=,lstart='], { encoding: 'utf8' }).split('\n')
  return lines.flatMap((line) => {
    const [, pid, parent, group, state, startedAt] = /^\s*(\d+)\s+(\d+)\s+(\d+)\s+(\S+)\s+(.*?)\s*$/.exec(line) ?? []
    if (!pid || state?.startsWith('Z')) return []
    return [{ pid: Number(pid), parent: Number(parent), session: Number(group), startedAt: startedAt ?? '' }]
  })
}
