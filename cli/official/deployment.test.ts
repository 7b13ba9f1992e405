// Provisioners, jobs, and the MCP tools of a deployment.

import { beforeAll, expect, test } from 'vitest'
import { createTemplate } from '../../server/testing/workspace-fixtures.ts'
import { describeOfficialCli } from './official-coder.ts'

describeOfficialCli('a deployment', (cli) => {
  const { run, stderrOf, json, table } = cli

  beforeAll(async () => {
    await createTemplate(cli.server.client, 'empty', { 'main.tf': 'resource "terraform_data" "it" {}' })
  })

  test('lists its provisioners and their jobs', async () => {
    const daemons = await json('provisioner', 'list')
    expect(daemons.length).toBeGreaterThan(0)
    expect(daemons[0]).toMatchObject({
      status: 'idle',
      key_name: 'built-in',
      version: 'v2.30.0',
      provisioners: ['terraform'],
    })
    const columns = 'type,status,worker name,template name'
    // The deployment also imports its starter templates.
    expect(await table('provisioner', 'jobs', 'list', '--column', columns)).toContainEqual({
      TYPE: 'template_version_import',
      STATUS: 'succeeded',
      'WORKER NAME': expect.stringMatching(/-\d$/),
      'TEMPLATE NAME': 'empty',
    })
    const jobs: { id: string; metadata: { template_name: string } }[] = await json('provisioner', 'jobs', 'list')
    const job = jobs.find(({ metadata }) => metadata.template_name === 'empty')
    if (!job) throw new Error('the import job is missing')
    expect(await stderrOf('provisioner', 'jobs', 'cancel', job.id)).toContain('error')
    expect(await stderrOf('provisioner', 'jobs', 'cancel', crypto.randomUUID())).toContain('not found')
  })

  test('serves the tools of the official MCP server', async () => {
    const call = (id: number, method: string, params: object) => JSON.stringify({ jsonrpc: '2.0', id, method, params })
    const client = { protocolVersion: '2024-11-05', capabilities: {}, clientInfo: { name: 'test', version: '1' } }
    const input = [
      call(1, 'initialize', client),
      call(2, 'tools/call', { name: 'coder_get_authenticated_user', arguments: {} }),
      call(3, 'tools/call', { name: 'coder_list_templates', arguments: {} }),
      call(4, 'tools/call', { name: 'coder_list_workspaces', arguments: { owner: 'me' } }),
    ]
    const { status, stdout } = await run(['exp', 'mcp', 'server'], { input: `${input.join('\n')}\n` })
    expect(status).toBe(0)
    const answers = new Map(
      stdout
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line))
        .map(({ id, result }) => [id, result]),
    )
    const resultOf = (id: number) => JSON.parse(answers.get(id).content[0].text)
    expect(resultOf(2)).toMatchObject({ roles: [{ name: 'owner' }] })
    expect(resultOf(3)).toContainEqual(expect.objectContaining({ name: 'empty' }))
    expect(resultOf(4) ?? []).toEqual([])
  })
})
