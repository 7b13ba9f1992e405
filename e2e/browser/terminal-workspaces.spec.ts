// Terminals of workspaces with several agents, with an unreachable agent, and of deleted workspaces.

import { expect } from '@playwright/test'
import { listWorkspaces } from '../../api/workspaces/workspaces.ts'
import { templateWithAgent } from '../../server/testing/agent-templates.ts'
import { build, createTemplate, createWorkspace, waitForAgent } from '../../server/testing/workspace-fixtures.ts'
import { terminalTest as test } from '../support/browser-test.ts'
import { signInPage } from '../support/pages.ts'
import { activeOf, expectTyping, openTerminals, panesOf, tabsOf } from '../support/terminals.ts'

/** A workspace with two agents on the local machine. */
const twoAgents = `
terraform {
  required_providers {
    coder = { source = "coder/coder" }
    host  = { source = "coder-local/host" }
  }
}
data "coder_workspace" "me" {}
data "coder_provisioner" "me" {}
resource "coder_agent" "web" {
  os   = data.coder_provisioner.me.os
  arch = data.coder_provisioner.me.arch
  env  = { ROLE = "web" }
}
resource "coder_agent" "gpu" {
  os   = data.coder_provisioner.me.os
  arch = data.coder_provisioner.me.arch
  env  = { ROLE = "gpu" }
}
resource "host_process" "agent" {
  for_each    = data.coder_workspace.me.start_count == 0 ? {} : { web = coder_agent.web.token, gpu = coder_agent.gpu.token }
  command     = ["coder", "agent"]
  environment = { CODER_AGENT_TOKEN = each.value, CODER_AGENT_URL = data.coder_workspace.me.access_url }
}
`

test("each agent of a workspace has terminals labeled with the agent's name", async ({ page, deployment }) => {
  const { client } = await deployment.signIn()
  const template = await createTemplate(client, 'twins', { 'main.tf': twoAgents })
  const { id } = await createWorkspace(client, template.id, 'pair')
  await waitForAgent(client, id)
  await signInPage(page, deployment)
  await page.goto(`${deployment.url}/terminals`)
  await page.getByRole('button', { name: 'pair.gpu' }).click()
  await expectTyping(page)
  await page.keyboard.type('echo "on $ROLE"\n')
  await expect(activeOf(page)).toContainText('on gpu')

  await page.getByRole('button', { name: 'New terminal in …' }).click()
  // Under "Beside the active one", which omits the agent of the active pane.
  await expect(page.getByRole('menuitem')).toHaveText(['pair.gpu', 'pair.web', 'pair.web'].sort())
  await page.getByRole('menuitem', { name: 'pair.web' }).last().click()
  await expect(panesOf(page)).toHaveCount(2)
  await expectTyping(page)
  await page.keyboard.type('echo "on $ROLE"\n')
  await expect(activeOf(page)).toContainText('on web')
  await expect(activeOf(page).locator('header')).toContainText('pair.web')

  await page.keyboard.press('Alt+Shift+W')
  await page.keyboard.press('Alt+Shift+S')
  await expect(page.getByRole('option', { name: 'pair.gpu ~ · after echo "on $ROLE"' })).toBeVisible()
  await expect(page.getByRole('option', { name: 'New terminal in pair.web' })).toBeVisible()
})

test('a terminal reports an agent that does not connect in time and offers next steps', async ({
  page,
  deployment,
}) => {
  const { client } = await deployment.signIn()
  const template = await createTemplate(client, 'lonely', {
    'main.tf': templateWithAgent({
      agentArguments: 'connection_timeout = 5\n    troubleshooting_url = "https://example.com/help"',
    }),
  })
  await createWorkspace(client, template.id, 'alone')
  await signInPage(page, deployment)
  await page.goto(`${deployment.url}/terminals`)
  await page.getByRole('button', { name: 'alone' }).click()
  const pane = panesOf(page)
  await expect(pane.getByRole('status').last()).toContainText('Waiting for the agent “main” to connect')
  await expect(pane.getByRole('alert')).toContainText('did not connect before its timeout')
  await expect(pane.getByRole('status').last()).toContainText('Still waiting for the agent “main” to connect')
  await expect(pane.getByRole('link', { name: 'Troubleshooting guide' })).toHaveAttribute(
    'href',
    'https://example.com/help',
  )
  await expect(pane.getByRole('button', { name: 'Restart workspace' })).toBeEnabled()
  await pane.getByRole('link', { name: 'Logs' }).click()
  await expect(page).toHaveURL(/\/alone\/logs$/)
})

test('a terminal of a deleted workspace reports the deletion and hides its earlier label', async ({
  page,
  deployment,
}) => {
  await openTerminals(page, deployment)
  const { client } = await deployment.signIn()
  const { workspaces } = await client.call(listWorkspaces, { query: {} })
  await build(client, workspaces[0]?.id ?? '', 'delete')
  await expect(panesOf(page)).toContainText('is deleted or not accessible')
  await expect(panesOf(page).locator('header')).toHaveText('Deleted workspace')
  await expect(tabsOf(page)).toHaveText('Deleted workspace')
  await page.getByRole('button', { name: 'Close pane' }).click()
  await expect(panesOf(page)).toHaveCount(0)
})
