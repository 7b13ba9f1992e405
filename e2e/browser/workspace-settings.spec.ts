// The settings of a workspace: each change is made on the page and read back through the API.

import { expect, type Page } from '@playwright/test'
import { createUser } from '../../api/account/users.ts'
import type { Client } from '../../api/client.ts'
import { promoteTemplateVersion } from '../../api/templates/templates.ts'
import { getBuildParameters } from '../../api/workspaces/builds.ts'
import { updateWorkspaceDormancy } from '../../api/workspaces/workspace-schedules.ts'
import { getWorkspaceAcl } from '../../api/workspaces/workspace-sharing.ts'
import { getWorkspace, type Workspace } from '../../api/workspaces/workspaces.ts'
import { createTemplate, createWorkspace, importVersion, until } from '../../server/testing/workspace-fixtures.ts'
import { expectAccessible } from '../support/accessibility.ts'
import { test } from '../support/browser-test.ts'
import { collectConsoleMessages, signInPage } from '../support/pages.ts'

const sized = (more = '') => ({
  'main.tf': `data "coder_parameter" "size" {
  name         = "size"
  display_name = "Size"
  type         = "number"
  default      = 2
  mutable      = true
  validation {
    min = 1
    max = 8
  }
}
data "coder_parameter" "region" {
  name         = "region"
  display_name = "Region"
  default      = "eu"
}
${more}
resource "terraform_data" "it" {
  input = data.coder_parameter.size.value
}
`,
})

const team = `data "coder_parameter" "team" {
  name         = "team"
  display_name = "Team"
  mutable      = true
}`

interface Scene {
  readonly client: Client
  readonly workspace: Workspace
  readonly path: string
}

async function openSettings(page: Page, deployment: Parameters<typeof signInPage>[1], section = ''): Promise<Scene> {
  const { client } = await deployment.signIn()
  const template = await createTemplate(client, 'sized', sized())
  const workspace = await createWorkspace(client, template.id, 'otter')
  await until('the workspace to run', async () => (await read(client, workspace)).latest_build.status === 'running')
  await signInPage(page, deployment)
  const path = `${deployment.url}/@${workspace.owner_name}/otter`
  await page.goto(`${path}/settings${section}`)
  return { client, workspace, path }
}

const read = (client: Client, { id }: Workspace): Promise<Workspace> =>
  client.call(getWorkspace, { params: { workspace: id } })

test('general settings rename the workspace and change updates, favorite and dormancy', async ({
  page,
  deployment,
}) => {
  const consoleMessages = collectConsoleMessages(page)
  const { client, workspace } = await openSettings(page, deployment)
  await expectAccessible(page)
  await page.getByRole('switch', { name: 'Update automatically' }).click()
  await page.getByRole('switch', { name: 'Favorite' }).click()
  await until('both changes', async () => {
    const { automatic_updates, favorite } = await read(client, workspace)
    return automatic_updates === 'always' && favorite
  })
  const name = page.getByLabel('Workspace name')
  await name.fill('not valid')
  await expect(page.getByText('Use letters, digits and single hyphens between them.')).toBeVisible()
  await name.fill('lynx')
  await page.getByRole('button', { name: 'Rename workspace' }).click()
  await expect(page).toHaveURL(/\/@[^/]+\/lynx\/settings$/)
  await expect(page.getByRole('heading', { name: 'lynx', level: 1 })).toBeVisible()

  await expect(page.getByRole('button', { name: 'Make dormant' })).toBeDisabled()
  await page.getByRole('button', { name: 'Stop workspace' }).click()
  await page.getByRole('button', { name: 'Make dormant' }).click()
  await expect(page.getByText('cannot be started until it is activated').first()).toBeVisible()
  await expect(page.getByRole('button', { name: 'Start workspace' })).toBeHidden()
  expect((await read(client, workspace)).dormant_at).not.toBeNull()
  await expectAccessible(page)
  await page.getByRole('button', { name: 'Activate workspace' }).first().click()
  await expect(page.getByRole('button', { name: 'Start workspace' })).toBeVisible()
  expect(consoleMessages).toEqual([])
})

test('changed parameters restart the workspace, and immutable ones are locked', async ({ page, deployment }) => {
  const { client, workspace, path } = await openSettings(page, deployment, '/parameters')
  await expect(page.getByLabel('Region')).toBeDisabled()
  await expectAccessible(page)
  const size = page.getByLabel('Size')
  await size.fill('9')
  await page.getByRole('button', { name: 'Save and restart' }).click()
  await expect(size).toBeFocused()
  await size.fill('4')
  await page.getByRole('button', { name: 'Save and restart' }).click()
  await expect(page).toHaveURL(path)
  const { latest_build: build } = await until('the restart', async () => {
    const now = await read(client, workspace)
    return now.latest_build.build_number === 3 && now.latest_build.status === 'running' && now
  })
  const values = await client.call(getBuildParameters, { params: { workspacebuild: build.id } })
  expect(values).toContainEqual({ name: 'size', value: '4' })
  await page.goto(`${path}/builds/3`)
  await expect(page.getByRole('heading', { name: 'Build 3 · start' })).toBeVisible()
  await expect(page.getByText('terraform_data.it', { exact: true })).toBeVisible()
  await expectAccessible(page)
})

test('an update that needs a new parameter asks for it', async ({ page, deployment }) => {
  const { client, workspace } = await openSettings(page, deployment)
  const versionId = await importVersion(client, sized(team), { template_id: workspace.template_id, name: 'teams' })
  await client.call(promoteTemplateVersion, { params: { template: workspace.template_id }, body: { id: versionId } })
  await expect(page.getByText('Version teams of the template is available.')).toBeVisible()
  await page.getByRole('button', { name: 'Update workspace' }).click()
  await expect(page).toHaveURL(/settings\/parameters\?version=/)
  await page.getByLabel('Team').fill('shop')
  await page.getByRole('button', { name: 'Update and restart' }).click()
  await until('the update', async () => {
    const { latest_build } = await read(client, workspace)
    return latest_build.template_version_id === versionId && latest_build.status === 'running'
  })
  await expect(page.getByText('is available')).toBeHidden()
})

test('the schedule is a time on days of the week, and a number of hours', async ({ page, deployment }) => {
  const { client, workspace } = await openSettings(page, deployment, '/schedule')
  await page.getByRole('switch', { name: 'Start automatically' }).click()
  await page.getByRole('button', { name: 'Fri' }).click()
  await page.getByLabel('Time', { exact: true }).fill('07:30')
  await page.getByLabel('Time zone').selectOption('Asia/Tokyo')
  await page.getByRole('button', { name: 'Save autostart' }).click()
  await expect(page.getByText(/Next start: /)).toBeVisible()
  await page.getByRole('switch', { name: 'Stop automatically' }).click()
  await page.getByLabel('Hours after the start').fill('1.5')
  await expectAccessible(page)
  await page.getByRole('button', { name: 'Save autostop' }).click()
  await until('both schedules', async () => {
    const { autostart_schedule, ttl_ms } = await read(client, workspace)
    return autostart_schedule === 'CRON_TZ=Asia/Tokyo 30 7 * * 1,2,3,4' && ttl_ms === 5_400_000
  })
  await page.getByRole('switch', { name: 'Start automatically' }).click()
  await until('no autostart', async () => !(await read(client, workspace)).autostart_schedule)
})

test('a workspace is shared with a user, and the share is removed', async ({ page, deployment }) => {
  const { client, workspace } = await openSettings(page, deployment)
  const { organization_id } = workspace
  const body = { username: 'grace', email: 'grace@example.com', password: 'a-very-long-password-42' }
  await client.call(createUser, { body: { ...body, login_type: 'password', organization_ids: [organization_id] } })
  await page.getByRole('link', { name: 'Sharing' }).click()
  await page.getByLabel('User or group').selectOption({ label: 'grace' })
  await page.getByRole('button', { name: 'Add', exact: true }).click()
  await expect(page.getByLabel('Role of grace')).toHaveValue('use')
  await expectAccessible(page)
  await page.getByLabel('Role of grace').selectOption('admin')
  const shares = () => client.call(getWorkspaceAcl, { params: { workspace: workspace.id } })
  await until('the role', async () => (await shares()).users[0]?.role === 'admin')
  await page.getByRole('button', { name: 'Remove grace' }).click()
  await expect(page.getByText('and administrators can use this workspace')).toBeVisible()
  expect((await shares()).users).toEqual([])
})

test('the menu restarts a workspace, starts it in debug mode, and a dormant one waits for activation', async ({
  page,
  deployment,
}) => {
  const { client, workspace, path } = await openSettings(page, deployment)
  const menu = page.getByRole('button', { name: 'More actions for otter' })
  await menu.click()
  await page.getByRole('menuitem', { name: 'Restart workspace' }).click()
  await until('the restart', async () => {
    const { latest_build } = await read(client, workspace)
    return latest_build.build_number === 3 && latest_build.status === 'running'
  })
  await page.getByRole('button', { name: 'Stop workspace' }).click()
  await expect(page.getByRole('button', { name: 'Start workspace' })).toBeVisible()
  await menu.click()
  await page.getByRole('menuitem', { name: 'Start in debug mode' }).click()
  await page.goto(`${path}/builds/5`)
  await expect(page.getByRole('log').getByText('debug', { exact: true }).first()).toBeVisible()
  await client.call(updateWorkspaceDormancy, { params: { workspace: workspace.id }, body: { dormant: true } })
  await expect(page.getByRole('button', { name: 'Activate workspace' })).toBeVisible()
})
