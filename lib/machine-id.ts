// Identifies the machine, or container, in which a pid is valid. Processes with the same ID can inspect each other by pid.

import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync, readlinkSync } from 'node:fs'
import { hostname } from 'node:os'

let machineId: string | undefined

/** Opaque; survives reboots. Each container counts as a machine, because it has its own pids. */
export function readMachineId(): string {
  machineId ??= process.platform === 'linux' ? linuxMachineId() : otherMachineId()
  return machineId
}

function linuxMachineId(): string {
  return `${readFirst(['/etc/machine-id', '/var/lib/dbus/machine-id']) || hostname()}/${pidNamespace()}`
}

function readFirst(paths: readonly string[]): string {
  const found = paths.find((path) => existsSync(path))
  return found ? readFileSync(found, 'utf8').trim() : ''
}

function pidNamespace(): string {
  try {
    return readlinkSync('/proc/self/ns/pid')
  } catch {
    return '' // a kernel without namespaces
  }
}

function otherMachineId(): string {
  if (process.platform !== 'darwin') return hostname()
  const registry = execFileSync('ioreg', ['-rd1', '-c', 'IOPlatformExpertDevice'], { encoding: 'utf8' })
  return /"IOPlatformUUID" = "([^"]+)"/.exec(registry)?.[1] ?? hostname()
}
