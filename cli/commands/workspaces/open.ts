// `coder open vscode` opens a workspace in Visual Studio Code, `coder open app` one of its apps in the browser.

import { createSessionKey } from '../../../api/account/api-keys.ts'
import { listRegions } from '../../../api/deployment/regions.ts'
import { type Connection, connect } from '../../connection/connect.ts'
import type { GlobalOptions } from '../../connection/local-deployment.ts'
import { resolveExternalAppUrl } from '../../launch/external-app-url.ts'
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
  const url = new URL('vscode://coder.coder-remote/open')
  const query = {
    owner: workspace.owner_name,
    workspace: workspace.name,
    agent: agent.name,
    folder: directory ?? agent.expanded_directory ?? '',
    url: connection.url,
    token: options.generateToken ? await createSessionToken(connection) : '',
  }
  for (const [field, value] of Object.entries(query)) if (value) url.searchParams.set(field, value)
  await openOrPrint(url.href, 'Visual Studio Code')
}

const createSessionToken = async ({ client }: Connection) =>
  (await client.call(createSessionKey, { params: { user: 'me' } })).key

interface AppOptions extends GlobalOptions {
  readonly region: string
}

export async function openApp([name = '', slug]: readonly string[], options: AppOptions): Promise<void> {
  const connection = await connect(options)
  const { workspace, agent } = await requireAgent(connection, name)
  const slugs = agent.apps.map((app) => app.slug).toSorted()
  if (slug === undefined)
    return note(slugs.length > 0 ? `Apps of ${name}: ${slugs.join(', ')}` : `Workspace ${name} has no apps.`)
  const app = agent.apps.find((candidate) => candidate.slug === slug)
  if (!app)
    throw new CommandError(`Workspace ${name} has no app ${slug}.`, { detail: `Apps: ${slugs.join(', ') || 'none'}` })
  const url = app.external
    ? await resolveExternalAppUrl(app.slug, app.url ?? '', () => createSessionToken(connection))
    : `${await regionUrl(connection, options.region)}/@${workspace.owner_name}/${workspace.name}.${agent.name}/apps/${app.slug}/`
  await openOrPrint(url, 'the browser')
}

/** @throws CommandError listing the existing regions */
async function regionUrl({ client }: Connection, name: string): Promise<string> {
  const { regions } = await client.call(listRegions)
  const region = regions.find((candidate) => candidate.name === name)
  if (region) return region.path_app_url.replace(/\/$/, '')
  throw new CommandError(`Region ${name} not found.`, {
    detail: `Regions: ${regions.map((candidate) => candidate.name).join(', ')}`,
  })
}

async function openOrPrint(url: string, program: string): Promise<void> {
  if (await openUrl(url)) return note(`Opened in ${program}.`)
  note(`Could not open ${program}. The URL is:`)
  print(url)
}
