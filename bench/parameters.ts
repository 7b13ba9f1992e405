// Form of a template with forty interdependent parameters: time from opening its WebSocket until the first form, and from
// each changed value until the updated form.

import { WebSocket } from 'ws'
import { type DynamicParametersResponse, openDynamicParameters } from '../api/templates/template-versions.ts'
import { createTemplate } from '../server/testing/workspace-fixtures.ts'
import { type Figure, median, percentile } from './figures.ts'
import type { Fixture } from './fixture.ts'

const forms = 20
const changes = 300
const firstLimitMs = 30
const changeLimitMs = 1.6

export async function measureParameters(fixture: Fixture): Promise<Figure[]> {
  const template = await createTemplate(fixture.client, 'bench-form', { 'main.tf': templateText() })
  const first: number[] = []
  const each: number[] = []
  for (let run = 0; run < forms; run++) {
    const startedAt = performance.now()
    const form = await openForm(fixture, template.active_version_id)
    first.push(performance.now() - startedAt)
    // Changes one value after the other, like a user.
    for (let change = 0; run === forms - 1 && change < changes; change++) {
      const changedAt = performance.now()
      await form.change({ p0: change % 2 === 0 ? 'a' : 'b', p1: String(change) })
      each.push(performance.now() - changedAt)
    }
    form.close()
  }
  return [
    {
      name: 'form: first response p50',
      value: median(first),
      limit: firstLimitMs,
      unit: 'ms',
      basis: 'Coder on this machine',
    },
    {
      name: 'form: each change p50',
      value: median(each),
      limit: changeLimitMs,
      unit: 'ms',
      basis: 'Coder on this machine',
    },
    { name: 'form: each change p99', value: percentile(each, 0.99), unit: 'ms' },
  ]
}

async function openForm({ client, token }: Fixture, templateversion: string) {
  const address = client.url(openDynamicParameters, { params: { templateversion } }).replace(/^http/, 'ws')
  const socket = new WebSocket(address, { headers: { 'coder-session-token': token } })
  let answered = Promise.withResolvers<DynamicParametersResponse>()
  socket.on('message', (data) => answered.resolve(JSON.parse(String(data)) as DynamicParametersResponse))
  socket.on('error', (error) => answered.reject(error))
  requireParameters(await answered.promise)
  let id = 0
  return {
    async change(inputs: Record<string, string>): Promise<void> {
      answered = Promise.withResolvers()
      socket.send(JSON.stringify({ id: ++id, inputs }))
      requireParameters(await answered.promise)
    },
    close: () => socket.close(),
  }
}

function requireParameters({ parameters, diagnostics }: DynamicParametersResponse): void {
  if (parameters.length < 20) throw new Error(`The form is incomplete: ${JSON.stringify(diagnostics)}`)
}

/** Half of the parameters depend on the first one; all have options. */
function templateText(): string {
  const option = (name: string) => `  option {\n    name  = "${name}"\n    value = "${name}"\n  }\n`
  const first = `data "coder_parameter" "p0" {\n  name    = "p0"\n  default = "a"\n${option('a')}${option('b')}}\n`
  const others = Array.from({ length: 39 }, (_, at) => {
    const count = at % 2 === 0 ? '' : '  count   = data.coder_parameter.p0.value == "a" ? 1 : 0\n'
    return `data "coder_parameter" "p${at + 1}" {\n${count}  name    = "p${at + 1}"\n  default = upper("x")\n  order   = ${at}\n  mutable = true\n}\n`
  })
  return `data "coder_workspace_owner" "me" {}\n${first}${others.join('')}`
}
