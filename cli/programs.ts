// The programs that `coder` can turn into or start: coderd, the agent, the desktop window. Each is a bundle of its own
// with its own imports, so they are found by address, loaded only when asked for, and typed here by what is used.

import { fileURLToPath } from 'node:url'
import type { StartupStep } from '../lib/startup-step.ts'

export interface Setting {
  readonly flag: string
  readonly env: string
  readonly help: string
  readonly fallback: string
  readonly kind: string
}

/** What `coder server` uses of server/config. */
export interface ServerSettings {
  readonly settings: Readonly<Record<string, Setting>>
  /** @param flags by setting name. */
  loadConfig(flags: Record<string, string>, env: NodeJS.ProcessEnv): Promise<ServerConfig>
  toSettingsFile(config: ServerConfig): Promise<string>
}

export interface ServerConfig {
  readonly dataDir: string
}

/** What `coder server` uses of server/main. */
export interface ServerProgram {
  runServer(config: ServerConfig, onStep: (step: StartupStep) => void): Promise<RunningServer>
}

export interface RunningServer {
  /** Where it answers on this computer. */
  readonly url: string
  /** Stops coderd and its database in good order. */
  stop(): Promise<void>
  /** Resolves when coderd has stopped, by whomever it was asked to. */
  readonly stopped: Promise<void>
}

/** What the commands for the database use of server/maintenance. */
export interface MaintenanceProgram {
  openPostgres(config: ServerConfig): Promise<{ readonly url: string; close(): Promise<void> }>
  resetPassword(config: ServerConfig, user: string, password: string): Promise<{ username: string }>
  createAdminUser(config: ServerConfig, user: { username: string; email: string; password: string }): Promise<unknown>
}

/** What `coder agent` uses of agent/main. */
export interface AgentProgram {
  runAgent(args: readonly string[]): Promise<void>
}

export async function loadServerSettings(): Promise<ServerSettings> {
  return await import(new URL('../server/config.ts', import.meta.url).href)
}

export async function loadServer(): Promise<ServerProgram> {
  return await import(new URL('../server/main.ts', import.meta.url).href)
}

export async function loadMaintenance(): Promise<MaintenanceProgram> {
  return await import(new URL('../server/maintenance.ts', import.meta.url).href)
}

export async function loadAgent(): Promise<AgentProgram> {
  return await import(new URL('../agent/main.ts', import.meta.url).href)
}

/** Starts this command line again with other arguments, on the same Node. */
export function ownCommand(...args: readonly string[]): [string, ...string[]] {
  return [process.execPath, fileURLToPath(new URL('./main.ts', import.meta.url)), ...args]
}

/** The folder that Electron is given: its package.json names the built shell, dist/main. */
export const shellFolder = (): string => fileURLToPath(new URL('..', new URL('../dist/', import.meta.url)))
