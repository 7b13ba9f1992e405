// The form for a new workspace: its parameters are evaluated again after each answer, and a valid form creates a workspace.

import { expect } from '@playwright/test'
import { getUser } from '../../api/account/users.ts'
import { getTemplateByName, updateTemplate } from '../../api/templates/templates.ts'
import { getBuildParameters } from '../../api/workspaces/builds.ts'
import { getWorkspaceByName } from '../../api/workspaces/workspaces.ts'
import { createTemplate } from '../../server/testing/workspace-fixtures.ts'
import { test } from '../support/browser-test.ts'
import { collectConsoleMessages, signInPage } from '../support/pages.ts'

const shopTemplate = {
  'main.tf': `terraform {
  required_providers {
    coder = { source = "coder/coder" }
  }
}
data "coder_workspace_preset" "large" {
  name       = "Large"
  parameters = { kind = "machine", memory = "16" }
}
data "coder_parameter" "kind" {
  name         = "kind"
  display_name = "Kind"
  default      = "container"
  mutable      = true
  order        = 1
  option {
    name  = "Container"
    value = "container"
  }
  option {
    name  = "Machine"
    value = "machine"
  }
}
data "coder_parameter" "region" {
  count        = data.coder_parameter.kind.value == "machine" ? 1 : 0
  name         = "region"
  display_name = "Region"
  default      = "eu"
  mutable      = true
  order        = 2
}
data "coder_parameter" "memory" {
  name         = "memory"
  display_name = "Memory"
  type         = "number"
  form_type    = "slider"
  default      = 4
  mutable      = true
  order        = 3
  validation {
    min = 1
    max = 16
  }
}
data "coder_parameter" "repository" {
  name         = "repository"
  display_name = "Repository"
  mutable      = true
  order        = 4
  validation {
    regex = "^https://"
    error = "Write an address that begins with https://."
  }
}
data "coder_parameter" "tools" {
  name         = "tools"
  display_name = "Tools"
  type         = "list(string)"
  form_type    = "tag-select"
  default      = jsonencode(["git"])
  mutable      = true
  order        = 5
}
resource "terraform_data" "it" {
  input = data.coder_parameter.kind.value
}
`,
}

test.beforeEach(async ({ page, deployment }) => {
  const { client } = await deployment.signIn()
  await createTemplate(client, 'shop', shopTemplate)
  await signInPage(page, deployment)
})

test('parameters follow the answers, errors appear beside their fields, and a valid form creates a workspace', async ({
  page,
  deployment,
}) => {
  const consoleMessages = collectConsoleMessages(page)
  await page.goto(`${deployment.url}/templates/shop/workspace`)
  const region = page.getByLabel('Region')
  await page.getByLabel('Name', { exact: true }).fill('otter')
  await expect(region).toBeHidden()
  await page.getByRole('radio', { name: 'Machine' }).click()
  await region.fill('us')
  await page.getByRole('radio', { name: 'Container' }).click()
  await expect(region).toBeHidden()
  // A hidden parameter keeps its answer for when it reappears.
  await page.getByRole('radio', { name: 'Machine' }).click()
  await expect(region).toHaveValue('us')

  const create = page.getByRole('button', { name: 'Create workspace' })
  await page.getByLabel('Memory', { exact: true }).fill('99')
  await create.click()
  await expect(page.getByText('A value is required.')).toBeVisible()
  await expect(page.getByText('2 fields are invalid.')).toBeVisible()
  await expect(page.getByLabel('Memory', { exact: true })).toBeFocused()
  await page.getByLabel('Repository').fill('git@example.com')
  await expect(page.getByText('Write an address that begins with https://.', { exact: true })).toBeVisible()

  await page.getByRole('button', { name: 'Large' }).click()
  await expect(page.getByLabel('Memory', { exact: true })).toHaveValue('16')
  await expect(page.getByText('from the preset').first()).toBeVisible()
  await page.getByLabel('Tools').fill('docker')
  await page.keyboard.press('Enter')
  await page.getByRole('button', { name: 'Remove git' }).click()
  await page.getByLabel('Repository').fill('https://example.com/shop')
  await page.keyboard.press('Enter')
  await expect(page).toHaveURL(/\/@[^/]+\/otter/)

  const { client } = await deployment.signIn()
  const { username } = await client.call(getUser, { params: { user: 'me' } })
  const { latest_build } = await client.call(getWorkspaceByName, { params: { user: username, workspacename: 'otter' } })
  expect(latest_build.template_version_preset_id).not.toBeNull()
  const parameters = await client.call(getBuildParameters, { params: { workspacebuild: latest_build.id } })
  expect(Object.fromEntries(parameters.map(({ name, value }) => [name, value]))).toEqual({
    kind: 'machine',
    region: 'us',
    memory: '16',
    repository: 'https://example.com/shop',
    tools: '["docker"]',
  })
  expect(consoleMessages).toEqual([])
})

test('a link prefills parameters, and an interrupted form continues when the server is back', async ({
  page,
  deployment,
}) => {
  await page.goto(`${deployment.url}/templates/shop/workspace?name=lynx&param.kind=machine&param.memory=8`)
  await expect(page.getByLabel('Name', { exact: true })).toHaveValue('lynx')
  await expect(page.getByLabel('Memory', { exact: true })).toHaveValue('8')
  await expect(page.getByLabel('Region')).toBeVisible()
  await deployment.stop()
  await expect(page.getByText('The deployment is not responding.')).toBeVisible()
  await page.getByRole('radio', { name: 'Container' }).click()
  await expect(page.getByLabel('Region')).toBeVisible()
  await deployment.start()
  await expect(page.getByLabel('Region')).toBeHidden()
  await expect(page.getByText('The deployment is not responding.')).toBeHidden()
})

test('a classic template has the same parameters for all answers', async ({ page, deployment }) => {
  const { client } = await deployment.signIn()
  const template = await client.call(getTemplateByName, {
    params: { organization: 'default', templatename: 'shop' },
  })
  await client.call(updateTemplate, {
    params: { template: template.id },
    body: { use_classic_parameter_flow: true, allow_user_cancel_workspace_jobs: true },
  })
  await page.goto(`${deployment.url}/templates/shop/workspace?name=lynx&param.repository=https://example.com/x`)
  await page.getByRole('radio', { name: 'Machine' }).click()
  await page.getByRole('button', { name: 'Create workspace' }).click()
  await expect(page).toHaveURL(/\/@[^/]+\/lynx/)
  await expect(page.getByRole('alert')).toBeHidden()
})

test('an error in the template is shown with its line', async ({ page, deployment }) => {
  const { client } = await deployment.signIn()
  await createTemplate(client, 'broken', {
    'main.tf': `data "coder_parameter" "kind" {
  name    = "kind"
  default = "small"
}
data "coder_parameter" "size" {
  name  = "size"
  count = { small = 1 }[data.coder_parameter.kind.value]
}`,
  })
  await page.goto(`${deployment.url}/templates/broken/workspace`)
  await page.getByLabel('kind', { exact: true }).fill('large')
  const problem = page.getByRole('alert')
  await expect(problem.getByRole('code').filter({ hasText: 'count = {' })).toBeVisible()
  await expect(problem.getByText(/^\s*\^+$/)).toBeVisible()
})

test('a form that cannot open shows the cause and opens on retry', async ({ page, deployment }) => {
  await page.routeWebSocket(/dynamic-parameters/, (socket) => socket.close())
  await page.route('**/dynamic-parameters/evaluate', (route) =>
    route.fulfill({ status: 425, json: { message: 'The import of the version is still running.' } }),
  )
  await page.goto(`${deployment.url}/templates/shop/workspace`)
  await expect(page.getByRole('alert')).toContainText('The import of the version is still running.')
  await page.unrouteAll()
  // The form also retries by itself and may already have replaced the button.
  const form = page.getByLabel('Repository')
  await page.getByRole('button', { name: 'Try again' }).or(form).first().click()
  await expect(form).toBeVisible()
})
