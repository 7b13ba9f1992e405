// `coder open`: opens a workspace in an editor, or its terminal or one of its apps in the browser.

import { spawnSync } from 'node:child_process'
import { createSessionKey } from '../../../api/account/api-keys.ts'
import { getSshConfig } from '../../../api/deployment/deployment.ts'
import { listRegions } from '../../../api/deployment/regions.ts'
import { type Connection, connect } from '../../connection/connect.ts'
import type { GlobalOptions } from '../../connection/local-deployment.ts'
import { type Editor, type EditorName, type EditorTarget, editors } from '../../launch/editors.ts'
import { resolveExternalAppUrl } from '../../launch/external-app-url.ts'
import { openUrl, runOpener } from '../../launch/open-url.ts'
import { requireAgent } from '../../lookup/find-agent.ts'
import { CommandError } from '../../output/errors.ts'
import { note, print } from '../../output/print.ts'

interface EditorOptions extends GlobalOptions {
  readonly generateToken?: boolean
}

/** `coder open <editor>` */
export const openEditor =
  (editorName: EditorName) =>
  async ([name = '', directory]: readonly string[], options: EditorOptions): Promise<void> => {
    const editor: Editor = editors[editorName]
    const connection = await connect(options)
    const { workspace, agent } = await requireAgent(connection, name)
    const target: EditorTarget = {
      owner: workspace.owner_name,
      workspace: workspace.name,
      agent: agent.name,
      folder: directory ?? agent.expanded_directory ?? '',
      url: connection.url,
      token: options.generateToken ? await createSessionToken(connection) : '',
    }
    const sshHost = editor.needsSshConfig ? await requireSshHost(connection, target) : ''
    const url = editor.toUrl(target, sshHost)
    if ((await openUrl(url)) || (editor.command && (await runOpener([...editor.command, url]))))
      return note(`Opened in ${editor.name}.`)
    note(`No program opened the URL of ${editor.name}: ${editor.hint} The URL is:`)
    print(url)
  }

/** The host of an agent in the configuration that `coder config-ssh` writes. @throws CommandError if there is none */
async function requireSshHost({ client }: Connection, { owner, workspace, agent }: EditorTarget): Promise<string> {
  const { hostname_suffix: suffix } = await client.call(getSshConfig)
  const host = `${agent}.${workspace}.${owner}.${suffix}`
  const { stdout } = spawnSync('ssh', ['-G', host], { encoding: 'utf8' })
  if (stdout?.split('\n').some((line) => line.startsWith('proxycommand') && line.includes('coder'))) return host
  throw new CommandError(`The SSH client of this computer does not know the host ${host}.`, {
    hint: '`coder config-ssh` configures it.',
  })
}

/** `coder open terminal`: the terminal page of the dashboard. */
export async function openTerminal([name = '']: readonly string[], options: GlobalOptions): Promise<void> {
  const connection = await connect(options)
  const { workspace, agent } = await requireAgent(connection, name)
  await openOrPrint(
    `${connection.url}/@${workspace.owner_name}/${workspace.name}.${agent.name}/terminal`,
    'the browser',
  )
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
