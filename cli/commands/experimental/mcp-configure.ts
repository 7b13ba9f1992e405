// `coder exp mcp configure …`: tells an AI tool on this computer where our tools are, in that tool's own settings.
// Writes no session: the server that the tool starts finds it as every command does.

import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { basename, dirname, join, resolve } from 'node:path'
import type { AgentOptions } from '../../connection/agent-connection.ts'
import type { GlobalOptions } from '../../connection/local-deployment.ts'
import { ownCommand } from '../../launch/entrypoints.ts'
import { isObject } from '../../mcp/json-rpc.ts'
import { CommandError } from '../../output/errors.ts'
import { print } from '../../output/print.ts'

type Settings = Record<string, unknown>

/** What every one of them writes under `mcpServers`. */
function serverEntry(options: GlobalOptions, env: Readonly<Record<string, string | undefined>> = {}): Settings {
  const [command, ...args] = ownCommand('exp', 'mcp', 'server')
  const folder = options.globalConfig
  const url = options.url
  const needed = {
    ...(folder && { CODER_CONFIG_DIR: resolve(folder) }),
    ...(url && { CODER_URL: url }),
    ...Object.fromEntries(Object.entries(env).filter(([, value]) => value)),
  }
  return { command, args, ...(Object.keys(needed).length > 0 && { env: needed }) }
}

export async function configureClaudeDesktop(_args: readonly string[], options: GlobalOptions): Promise<void> {
  const file = join(claudeDesktopFolder(), 'claude_desktop_config.json')
  changeSettings(file, (settings) => addServer(settings, serverEntry(options)))
  print(`Claude Desktop has the tools, by ${file}. Start it anew to see them.`)
}

function claudeDesktopFolder(): string {
  if (process.platform === 'darwin') return join(homedir(), 'Library', 'Application Support', 'Claude')
  if (process.platform === 'win32') return join(process.env.APPDATA ?? join(homedir(), 'AppData', 'Roaming'), 'Claude')
  return join(process.env.XDG_CONFIG_HOME ?? join(homedir(), '.config'), 'Claude')
}

export async function configureCursor(
  _args: readonly string[],
  options: GlobalOptions & { readonly project?: boolean },
): Promise<void> {
  const file = join(options.project ? process.cwd() : homedir(), '.cursor', 'mcp.json')
  changeSettings(file, (settings) => addServer(settings, serverEntry(options)))
  print(`Cursor has the tools, by ${file}.`)
}

interface ClaudeCodeOptions extends AgentOptions {
  readonly aiAgentapiUrl?: string
  readonly claudeApiKey?: string
  readonly claudeConfigPath?: string
  readonly claudeMdPath?: string
  readonly claudeSystemPrompt?: string
  readonly claudeCoderPrompt?: string
  readonly claudeAppStatusSlug?: string
}

export async function configureClaudeCode([folder = '']: readonly string[], options: ClaudeCodeOptions): Promise<void> {
  const project = resolve(folder)
  const file = options.claudeConfigPath ?? join(homedir(), '.claude.json')
  const slug = options.claudeAppStatusSlug
  // In a workspace the tool tells how its work goes, in the name of the workspace.
  const env = slug
    ? {
        CODER_MCP_APP_STATUS_SLUG: slug,
        CODER_AGENT_URL: options.agentUrl,
        CODER_MCP_AI_AGENTAPI_URL: options.aiAgentapiUrl,
      }
    : {}
  changeSettings(file, (settings) => {
    // Whoever has a key needs no account, and is not asked for one.
    if (options.claudeApiKey)
      Object.assign(settings, { primaryApiKey: options.claudeApiKey, hasCompletedOnboarding: true })
    const projects = objectIn(settings, 'projects', file)
    const its = objectIn(projects, project, file)
    addServer(its, serverEntry(options, env))
    if (slug) allowTool(its, 'mcp__coder__coder_report_task')
  })
  const prompts = promptsOf(options)
  const memory = options.claudeMdPath ?? join(homedir(), '.claude', 'CLAUDE.md')
  if (prompts.length > 0) changeMemory(memory, prompts)
  print(`Claude Code has the tools in ${basename(project)}, by ${file}.`)
}

function addServer(settings: Settings, entry: Settings): void {
  objectIn(settings, 'mcpServers').coder = entry
}

function allowTool(settings: Settings, name: string): void {
  const allowed = Array.isArray(settings.allowedTools) ? settings.allowedTools : []
  settings.allowedTools = [...new Set([...allowed, name])]
}

/** The object under a key, made when there is none. */
function objectIn(settings: Settings, key: string, file = 'the file'): Settings {
  const there = settings[key]
  if (there !== undefined && !isObject(there))
    throw new CommandError(`"${key}" in ${file} is not an object.`, { hint: 'repair the file, or take it away.' })
  const inside = { ...there }
  settings[key] = inside
  return inside
}

/** Everything else in the file stays. @throws CommandError when it is no JSON: then nothing is written. */
function changeSettings(file: string, change: (settings: Settings) => void): void {
  const before = readText(file)
  let settings: unknown
  try {
    settings = before.trim() === '' ? {} : JSON.parse(before)
  } catch (error) {
    throw new CommandError(`${file} is not JSON, and stays as it is.`, { detail: (error as Error).message })
  }
  if (!isObject(settings)) throw new CommandError(`${file} does not hold an object, and stays as it is.`)
  const changed = { ...settings }
  change(changed)
  replaceFile(file, `${JSON.stringify(changed, null, 2)}\n`)
}

interface Prompt {
  readonly tag: string
  readonly text: string
}

function promptsOf({ claudeCoderPrompt, claudeSystemPrompt, claudeAppStatusSlug }: ClaudeCodeOptions): Prompt[] {
  const coder = claudeCoderPrompt ?? (claudeAppStatusSlug ? reportingPrompt : '')
  return [
    { tag: 'coder-prompt', text: coder },
    { tag: 'system-prompt', text: claudeSystemPrompt ?? '' },
  ].filter(({ text }) => text !== '')
}

const reportingPrompt =
  'Call coder_report_task when you begin, at each larger step, whenever you wait for an answer, and when you are done.'

/** Puts each text between its tags, where an earlier one stood or else in front; what people wrote stays. */
function changeMemory(file: string, prompts: readonly Prompt[]): void {
  let memory = readText(file)
  for (const { tag, text } of [...prompts].reverse()) {
    const block = `<${tag}>\n${text}\n</${tag}>\n`
    const earlier = new RegExp(`<${tag}>[\\s\\S]*?</${tag}>\\n?`)
    memory = earlier.test(memory) ? memory.replace(earlier, () => block) : `${block}${memory}`
  }
  replaceFile(file, memory)
}

function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return ''
    throw new CommandError(`${file} cannot be read: ${(error as Error).message}`)
  }
}

/** Whole or not at all: the tool may be running. */
function replaceFile(file: string, text: string): void {
  mkdirSync(dirname(file), { recursive: true })
  const fresh = `${file}.${process.pid}.tmp`
  writeFileSync(fresh, text, { mode: 0o600 })
  renameSync(fresh, file)
}
