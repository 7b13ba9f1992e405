// `coder exp mcp configure …`: registers the MCP server in the settings of an AI tool on this computer. Writes no session
// token: the server signs in like every other command.

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

/** The entry under `mcpServers`, which all tools share. */
function serverEntry(options: GlobalOptions, env: Readonly<Record<string, string | undefined>> = {}): Settings {
  const [command, ...args] = ownCommand('exp', 'mcp', 'server')
  const folder = options.globalConfig
  const url = options.url
  const entryEnv = {
    ...(folder && { CODER_CONFIG_DIR: resolve(folder) }),
    ...(url && { CODER_URL: url }),
    ...Object.fromEntries(Object.entries(env).filter(([, value]) => value)),
  }
  return { command, args, ...(Object.keys(entryEnv).length > 0 && { env: entryEnv }) }
}

export async function configureClaudeDesktop(_args: readonly string[], options: GlobalOptions): Promise<void> {
  const file = join(claudeDesktopFolder(), 'claude_desktop_config.json')
  changeSettings(file, (settings) => addServer(settings, serverEntry(options)))
  print(`Added the MCP server to ${file}. Restart Claude Desktop to use it.`)
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
  print(`Added the MCP server to ${file} for Cursor.`)
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
  // Inside a workspace, the tool reports its status as the workspace.
  const env = slug
    ? {
        CODER_MCP_APP_STATUS_SLUG: slug,
        CODER_AGENT_URL: options.agentUrl,
        CODER_MCP_AI_AGENTAPI_URL: options.aiAgentapiUrl,
      }
    : {}
  changeSettings(file, (settings) => {
    // With an API key, Claude Code needs no account: skip its onboarding.
    if (options.claudeApiKey)
      Object.assign(settings, { primaryApiKey: options.claudeApiKey, hasCompletedOnboarding: true })
    const projects = objectIn(settings, 'projects', file)
    const projectSettings = objectIn(projects, project, file)
    addServer(projectSettings, serverEntry(options, env))
    if (slug) allowTool(projectSettings, 'mcp__coder__coder_report_task')
  })
  const prompts = buildPrompts(options)
  const memoryFile = options.claudeMdPath ?? join(homedir(), '.claude', 'CLAUDE.md')
  if (prompts.length > 0) updateMemoryFile(memoryFile, prompts)
  print(`Added the MCP server to ${file} for Claude Code in ${basename(project)}.`)
}

function addServer(settings: Settings, entry: Settings): void {
  objectIn(settings, 'mcpServers').coder = entry
}

function allowTool(settings: Settings, name: string): void {
  const allowed = Array.isArray(settings.allowedTools) ? settings.allowedTools : []
  settings.allowedTools = [...new Set([...allowed, name])]
}

/** The object under a key, created if missing. */
function objectIn(settings: Settings, key: string, file = 'the file'): Settings {
  const existing = settings[key]
  if (existing !== undefined && !isObject(existing))
    throw new CommandError(`"${key}" in ${file} is not an object.`, { hint: 'repair or remove the file.' })
  const copy = { ...existing }
  settings[key] = copy
  return copy
}

/** Keeps the rest of the file. @throws CommandError when the file is not JSON, which is then not modified */
function changeSettings(file: string, change: (settings: Settings) => void): void {
  const before = readText(file)
  let settings: unknown
  try {
    settings = before.trim() === '' ? {} : JSON.parse(before)
  } catch (error) {
    throw new CommandError(`${file} is not valid JSON and was not modified.`, { detail: (error as Error).message })
  }
  if (!isObject(settings)) throw new CommandError(`${file} does not contain a JSON object and was not modified.`)
  const changed = { ...settings }
  change(changed)
  replaceFile(file, `${JSON.stringify(changed, null, 2)}\n`)
}

interface Prompt {
  readonly tag: string
  readonly text: string
}

function buildPrompts({ claudeCoderPrompt, claudeSystemPrompt, claudeAppStatusSlug }: ClaudeCodeOptions): Prompt[] {
  const coder = claudeCoderPrompt ?? (claudeAppStatusSlug ? reportingPrompt : '')
  return [
    { tag: 'coder-prompt', text: coder },
    { tag: 'system-prompt', text: claudeSystemPrompt ?? '' },
  ].filter(({ text }) => text !== '')
}

const reportingPrompt =
  'Call coder_report_task when you start, at each major step, whenever you wait for the user, and when you are done.'

/** Writes each text between its tags: replaces the earlier text, or inserts it at the top. Keeps the rest of the file. */
function updateMemoryFile(file: string, prompts: readonly Prompt[]): void {
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
    throw new CommandError(`Could not read ${file}: ${(error as Error).message}`)
  }
}

/** Replaces the file atomically, because the tool may be running. */
function replaceFile(file: string, text: string): void {
  mkdirSync(dirname(file), { recursive: true })
  const temporary = `${file}.${process.pid}.tmp`
  writeFileSync(temporary, text, { mode: 0o600 })
  renameSync(temporary, file)
}
