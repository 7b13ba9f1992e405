// `coder open vscode` and `coder open app`: opens a workspace in the editor, or one of its apps in the browser.

import { createSessionKey } from '../../../api/account/api-keys.ts'
import { listRegions } from '../../../api/deployment/regions.ts'
import { type Connection, connect } from '../../connection/connect.ts'
import type { GlobalOptions } from '../../connection/local-deployment.ts'
import { openUrl } from '../../launch/open-url.ts'
import { requireAgent } from '../../lookup/find-agent.ts'
import { CommandError } from '../../output/errors.ts'
import { note, print } from '../../output/print.ts'

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

interface AppOptions extends GlobalOptions {
  readonly region: string
}

export async function openApp([name = '', slug]: readonly string[], options: AppOptions): Promise<void> {
  const connection = await connect(options)
  const { workspace, agent } = await requireAgent(connection, name)
  const slugs = agent.apps.map((app) => app.slug).toSorted()
  if (slug === undefined)
    return note(slugs.length > 0 ? `Apps of ${name}: ${slugs.join(', ')}` : `${name} has no apps.`)
  const app = agent.apps.find((candidate) => candidate.slug === slug)
  if (!app) throw new CommandError(`${name} has no app ${slug}.`, { detail: `Apps: ${slugs.join(', ') || 'none'}` })
  const address = app.external
    ? await withToken(connection, app.url ?? '')
    : `${await addressOf(connection, options.region)}/@${workspace.owner_name}/${workspace.name}.${agent.name}/apps/${app.slug}/`
  await show(address, 'the browser')
}

/** Where an app outside of the deployment asks for it, it gets a session of its own. */
const withToken = async (connection: Connection, address: string) =>
  address.includes(tokenPlace) ? address.replaceAll(tokenPlace, await mintToken(connection)) : address
const tokenPlace = '$SESSION_TOKEN'

/** @throws CommandError naming the regions that there are. */
async function addressOf({ client }: Connection, name: string): Promise<string> {
  const { regions } = await client.call(listRegions)
  const region = regions.find((one) => one.name === name)
  if (region) return region.path_app_url.replace(/\/$/, '')
  throw new CommandError(`There is no region ${name}.`, {
    detail: `Regions: ${regions.map((one) => one.name).join(', ')}`,
  })
}

async function show(address: string, program: string): Promise<void> {
  if (await openUrl(address)) return note(`Opened in ${program}.`)
  note(`${program} could not be opened from here. The address is:`)
  print(address)
}
