// `coder open vscode` and `coder open app`: opens a workspace in the editor, or one of its apps in the browser.

import { createSessionKey } from '../../api/keys.ts'
import { requireAgent } from '../agents.ts'
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

async function show(address: string, program: string): Promise<void> {
  if (await openAddress(address)) return note(`Opened in ${program}.`)
  note(`${program} could not be opened from here. The address is:`)
  print(address)
}
