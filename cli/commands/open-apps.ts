// `coder open vscode` and `coder open app`: opens a workspace in the editor, or one of its apps in the browser.

import type { WorkspaceAgent } from '../../api/agents.ts'
import { createSessionKey } from '../../api/keys.ts'
import type { Workspace } from '../../api/workspaces.ts'
import { requireWorkspace } from '../build.ts'
import { type Connection, connect } from '../connect.ts'
import { CommandError } from '../errors.ts'
import type { GlobalOptions } from '../local-deployment.ts'
import { openAddress } from '../open-address.ts'
import { note, print } from '../output.ts'

interface EditorOptions extends GlobalOptions {
  readonly generateToken?: boolean
}

export async function openEditor([name = '', directory]: readonly string[], options: EditorOptions): Promise<void> {
  const connection = await connect(options)
  const { workspace, agent } = await requireAgent(connection, name)
  const address = new URL('vscode://coder.coder-remote/open')
  const query = {
    owner: workspace.owner_name,
    workspace: workspace.name,
    agent: agent.name,
    folder: directory ?? agent.expanded_directory ?? '',
    url: connection.url,
    token: options.generateToken ? await mintToken(connection) : '',
  }
  for (const [field, value] of Object.entries(query)) if (value) address.searchParams.set(field, value)
  await show(address.href, 'Visual Studio Code')
}

const mintToken = async ({ client }: Connection) =>
  (await client.call(createSessionKey, { params: { user: 'me' } })).key

export async function openApp([name = '', slug]: readonly string[], options: GlobalOptions): Promise<void> {
  const connection = await connect(options)
  const { workspace, agent } = await requireAgent(connection, name)
  const app = agent.apps.find((candidate) => candidate.slug === slug)
  if (!app)
    throw new CommandError(slug ? `${name} has no app ${slug}.` : 'Which app?', {
      detail: `Apps: ${agent.apps.map((candidate) => candidate.slug).join(', ') || 'none'}`,
    })
  const address = app.external
    ? (app.url ?? '')
    : `${connection.url}/@${workspace.owner_name}/${workspace.name}.${agent.name}/apps/${app.slug}/`
  await show(address, 'the browser')
}

/** @param name of the workspace, or `workspace.agent` where it has several. */
async function requireAgent(
  connection: Connection,
  name: string,
): Promise<{ workspace: Workspace; agent: WorkspaceAgent }> {
  const [workspaceName = '', agentName] = name.split('.')
  const workspace = await requireWorkspace(connection, workspaceName)
  const agents = workspace.latest_build.resources.flatMap((resource) => resource.agents ?? [])
  const agent = agentName ? agents.find((candidate) => candidate.name === agentName) : agents[0]
  if (agent) return { workspace, agent }
  throw new CommandError(
    agents.length === 0 ? `${workspaceName} is not running.` : `${workspaceName} has no agent ${agentName}.`,
    agents.length === 0
      ? { hint: `start it with \`coder start ${workspaceName}\`.` }
      : { detail: `Agents: ${agents.map((candidate) => candidate.name).join(', ')}` },
  )
}

async function show(address: string, program: string): Promise<void> {
  if (await openAddress(address)) return note(`Opened in ${program}.`)
  note(`${program} could not be opened from here. The address is:`)
  print(address)
}
