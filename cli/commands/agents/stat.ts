// `coder stat`: resource usage of the computer and of the current container. Templates display it as agent metadata.

import { cpus, homedir } from 'node:os'
import { setTimeout as sleep } from 'node:timers/promises'
import {
  containerMemory,
  diskUsage,
  hostMemory,
  isInContainer,
  type ResourceUsage,
  readGroup,
} from '../../../lib/resource-usage.ts'
import { CommandError } from '../../output/errors.ts'
import { print, printJson } from '../../output/print.ts'
import { type ColumnValues, formatTable, type ListOptions, selectColumns } from '../../output/tables.ts'

/** Binary prefixes, in powers of 1024. */
const prefixes = ['Ki', 'Mi', 'Gi', 'Ti'] as const
type Prefix = (typeof prefixes)[number]

interface Usage {
  readonly used: number
  readonly total: number | null
  readonly unit: 'cores' | 'B'
}

interface Stats {
  readonly hostCpu: Usage
  readonly hostMemory: Usage
  readonly homeDisk: Usage
  readonly containerCpu: Usage | null
  readonly containerMemory: Usage | null
}

const columns: ColumnValues<Stats, 'stats'> = {
  'host cpu': ({ hostCpu }) => formatUsage(hostCpu),
  'host memory': ({ hostMemory }) => formatUsage(hostMemory),
  'home disk': ({ homeDisk }) => formatUsage(homeDisk),
  'container cpu': ({ containerCpu }) => (containerCpu ? formatUsage(containerCpu) : ''),
  'container memory': ({ containerMemory }) => (containerMemory ? formatUsage(containerMemory) : ''),
}

export async function stat(_args: readonly string[], options: ListOptions<'stats'>): Promise<void> {
  const [hostCpu, containerCpu] = await Promise.all([hostCpuUsage(), containerCpuUsage()])
  const stats: Stats = {
    hostCpu,
    hostMemory: inBytes(hostMemory()),
    homeDisk: diskOf(homedir()),
    containerCpu,
    containerMemory: containerMemoryUsage(),
  }
  if (options.output === 'json') printJson([jsonOf(stats)])
  else print(formatTable(selectColumns(columns, options.column), [stats]))
}

const jsonOf = (stats: Stats) => ({
  host_cpu: stats.hostCpu,
  host_memory: stats.hostMemory,
  home_disk: stats.homeDisk,
  container_cpu: stats.containerCpu,
  container_memory: stats.containerMemory,
})

interface PartOptions {
  readonly output: string
  readonly host?: boolean
  readonly path?: string
  readonly prefix?: Prefix
}

/** Reports the container when run in one, else the computer. */
export async function statCpu(_args: readonly string[], { output, host }: PartOptions): Promise<void> {
  printUsage((host ? null : await containerCpuUsage()) ?? (await hostCpuUsage()), output)
}

export async function statMemory(_args: readonly string[], { output, host, prefix }: PartOptions): Promise<void> {
  printUsage((host ? null : containerMemoryUsage()) ?? inBytes(hostMemory()), output, prefix)
}

export async function statDisk(_args: readonly string[], { output, path, prefix }: PartOptions): Promise<void> {
  printUsage(diskOf(path ?? '/'), output, prefix)
}

function printUsage(usage: Usage, output: string, prefix?: Prefix): void {
  if (output === 'json') printJson(usage)
  else print(formatUsage(usage, prefix))
}

/** `0.3/2 cores (15%)`, `4.36/23.5 GiB (19%)`. */
function formatUsage({ used, total, unit }: Usage, prefix: Prefix = 'Gi'): string {
  const size = unit === 'B' ? 1024 ** (prefixes.indexOf(prefix) + 1) : 1
  const named = unit === 'B' ? `${prefix}B` : unit
  const shown = (value: number) => threeDigits(value / size)
  if (total === null) return `${shown(used)} ${named}`
  return `${shown(used)}/${shown(total)} ${named}${total > 0 ? ` (${Math.round((used / total) * 100)}%)` : ''}`
}

/** At least three significant digits: `4.36`, `23.5`, `252`, `4585012`. */
const threeDigits = (value: number) => String(value >= 100 ? Math.round(value) : Number(value.toPrecision(3)))

const inBytes = ({ used, total }: ResourceUsage): Usage => ({ used, total, unit: 'B' })

function diskOf(path: string): Usage {
  try {
    return inBytes(diskUsage(path))
  } catch (error) {
    throw new CommandError(`Could not read the disk usage of ${path}.`, { detail: (error as Error).message })
  }
}

// CPU usage is measured over an interval.
const sampleMs = 200

async function hostCpuUsage(): Promise<Usage> {
  const busy = () =>
    cpus().reduce(
      ({ idle, all }, { times }) => ({
        idle: idle + times.idle,
        all: all + times.user + times.nice + times.sys + times.idle + times.irq,
      }),
      { idle: 0, all: 0 },
    )
  const before = busy()
  await sleep(sampleMs)
  const after = busy()
  const share = after.all === before.all ? 0 : 1 - (after.idle - before.idle) / (after.all - before.all)
  return { used: share * cpus().length, total: cpus().length, unit: 'cores' }
}

async function containerCpuUsage(): Promise<Usage | null> {
  if (!isInContainer()) return null
  const usedMicroseconds = () => Number(/^usage_usec (\d+)$/m.exec(readGroup('cpu.stat'))?.[1] ?? 0)
  const [startedAt, before] = [performance.now(), usedMicroseconds()]
  await sleep(sampleMs)
  const used = (usedMicroseconds() - before) / ((performance.now() - startedAt) * 1000)
  const [quota, period] = readGroup('cpu.max').split(' ')
  return { used, total: quota === 'max' ? null : Number(quota) / Number(period), unit: 'cores' }
}

function containerMemoryUsage(): Usage | null {
  const usage = containerMemory()
  return usage && inBytes(usage)
}
