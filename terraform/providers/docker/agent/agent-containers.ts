// Records the containers that run an agent, in the data folder: coderd opens a way to itself in those that have no route to
// it (server/container-bridges). A record exists before its container starts, and until the container is removed.

import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { EngineAddress } from '../engine/address.ts'

export interface AgentContainer {
  readonly id: string
  readonly engine: EngineAddress
  /** The deployment's URL in the container's command or environment; undefined if it has none. */
  readonly agentUrl?: string | undefined
}

export const agentContainersDir = (dataDir: string): string => join(dataDir, 'agent-containers')

const recordPath = (dataDir: string, id: string) => join(agentContainersDir(dataDir), `${id}.json`)

export function recordAgentContainer(dataDir: string, container: AgentContainer): void {
  mkdirSync(agentContainersDir(dataDir), { recursive: true, mode: 0o700 })
  const path = recordPath(dataDir, container.id)
  // The address may contain a TLS key.
  writeFileSync(`${path}.unfinished`, JSON.stringify(container), { mode: 0o600 })
  renameSync(`${path}.unfinished`, path)
}

export const forgetAgentContainer = (dataDir: string, id: string): void =>
  rmSync(recordPath(dataDir, id), { force: true })

/** Creates the folder if it does not exist. */
export function readAgentContainers(dataDir: string): AgentContainer[] {
  const dir = agentContainersDir(dataDir)
  mkdirSync(dir, { recursive: true, mode: 0o700 })
  const names = readdirSync(dir).filter((name) => name.endsWith('.json'))
  return names.flatMap((name) => parseRecord(join(dir, name)) ?? [])
}

/** Undefined for a record that was removed meanwhile, or truncated by a crash of the machine, which ended the container. */
function parseRecord(path: string): AgentContainer | undefined {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as AgentContainer
  } catch {
    return undefined
  }
}
