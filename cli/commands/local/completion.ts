// `coder completion`: installs shell completion. `coder complete`, which the shells call, prints the candidates.

import { appendFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { basename, dirname } from 'node:path'
import type { Command } from 'commander'
import { listUsers } from '../../../api/account/users.ts'
import { listTerminals } from '../../../api/agents/terminals.ts'
import { listOrganizations } from '../../../api/organizations/organizations.ts'
import { listTemplates } from '../../../api/templates/templates.ts'
import { listWorkspaces } from '../../../api/workspaces/workspaces.ts'
import { complete, type ListNames } from '../../completion/complete.ts'
import { completions, type Shell, shells } from '../../completion/shell-scripts.ts'
import { type Connection, connect } from '../../connection/connect.ts'
import type { GlobalOptions } from '../../connection/local-deployment.ts'
import { requireAgent } from '../../lookup/find-agent.ts'
import { CommandError } from '../../output/errors.ts'
import { print } from '../../output/print.ts'
import { confirm } from '../../prompts/prompts.ts'
import { sessionName } from '../../terminals/session-names.ts'

interface CompletionOptions extends GlobalOptions {
  readonly shell?: Shell
  readonly print?: boolean
  readonly yes?: boolean
}

export async function completion(_args: readonly string[], options: CompletionOptions): Promise<void> {
  const shell = options.shell ?? currentShell()
  const { script, file } = completions[shell]
  const name = commandName()
  // Piped output, as in `source <(coder completion)`.
  if (options.print || !(options.yes || process.stdout.isTTY)) {
    process.stdout.write(script(name))
    return
  }
  const target = file(process.env)
  await confirm(`Add completion for ${name} to ${target}?`, { skip: options.yes ?? false, defaultsToYes: true })
  writeBlock(target, name, script(name))
  print(`Added completion for ${name} to ${target}. Start a new ${shell} to use it.`)
}

function currentShell(): Shell {
  const name = basename(process.env.SHELL ?? '').replace(/\.exe$/, '')
  const current = shells.find((shell) => shell === name || (shell === 'powershell' && name === 'pwsh'))
  if (current) return current
  throw new CommandError(`Could not determine the shell: SHELL is "${process.env.SHELL ?? ''}".`, {
    hint: `pass it with --shell: ${shells.join(', ')}.`,
  })
}

/** The name under which the command is installed. */
const commandName = () => process.env.CODER_LOCAL_COMMAND ?? 'coder'

/** Replaces the block of an earlier call, so that the command is idempotent. */
function writeBlock(file: string, name: string, script: string): void {
  const [first, last] = [`# >>> ${name} completion >>>`, `# <<< ${name} completion <<<`]
  const block = `${first}\n${script}${last}\n`
  mkdirSync(dirname(file), { recursive: true })
  const text = existsSync(file) ? readFileSync(file, 'utf8') : ''
  const [from, to] = [text.indexOf(first), text.indexOf(last)]
  if (from < 0 || to < from) appendFileSync(file, `${text === '' || text.endsWith('\n') ? '' : '\n'}${block}`)
  else writeFileSync(file, text.slice(0, from) + block + text.slice(to + last.length + 1))
}

interface CompleteOptions extends GlobalOptions {
  readonly describe?: boolean
  readonly tabs?: boolean
}

export async function printCandidates(
  words: readonly string[],
  options: CompleteOptions,
  command: Command,
): Promise<void> {
  const program = command.parent ?? command
  const candidates = await complete(program, words, namesFrom(options))
  for (const { value, description } of candidates) {
    if (options.describe) print(`${value.replaceAll(':', '\\:')}:${description}`)
    else print(options.tabs ? `${value}\t${description}` : value)
  }
}

/** Returns no names on errors: completion must not print that the deployment is unreachable. */
const namesFrom =
  (options: GlobalOptions): ListNames =>
  async (kind, args) => {
    const list = lists[kind]
    if (!list) return []
    try {
      return await list(await connect(options), args)
    } catch {
      return []
    }
  }

type List = (connection: Connection, args: readonly string[]) => ReturnType<ListNames>

const lists: Readonly<Record<string, List>> = {
  workspace: async ({ client }) =>
    (await client.call(listWorkspaces, { query: { q: 'owner:me' } })).workspaces.map(({ name }) => name),
  template: async ({ client }) => (await client.call(listTemplates)).map(({ name }) => name),
  async terminal(connection, [name = '']) {
    const { agent, workspace } = await requireAgent(connection, name)
    const { terminals } = await connection.client.call(listTerminals, { params: { workspaceagent: agent.id } })
    const agentKey = { workspaceId: workspace.id, agentName: agent.name }
    return terminals.map((session) => ({
      value: sessionName(session, agentKey),
      description: [session.last_command || session.title, session.cwd].filter(Boolean).join(' in '),
    }))
  },
  organization: async ({ client }) => (await client.call(listOrganizations)).map(({ name }) => name),
  user: async ({ client }) => (await client.call(listUsers, { query: {} })).users.map(({ username }) => username),
}
