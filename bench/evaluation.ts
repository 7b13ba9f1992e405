// Plan speed: a typical Docker template and a template of 200 parameters with a warm evaluation cache, and a growing number
// of resources without a cache, compared with OpenTofu on the same files.

import { spawnSync } from 'node:child_process'
import { globSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { homedir, tmpdir } from 'node:os'
import { join } from 'node:path'
import { EvaluationCache } from '../terraform/engine/evaluation/evaluation-cache.ts'
import { planTemplate } from '../terraform/engine/plan/plan.ts'
import { openTemplate, parseTemplate, type Template } from '../terraform/engine/template/template.ts'
import { evaluateForm } from '../terraform/extraction/parameter-form.ts'
import type { BlockSchema, Provider, ResourceType } from '../terraform/provider.ts'
import { blocks, computed, noBlocks, num, optional, required, text, texts } from '../terraform/provider-schema.ts'
import { coderProvider } from '../terraform/providers/coder/provider.ts'
import { terraformProvider } from '../terraform/providers/terraform/provider.ts'
import { coderContext } from '../terraform/testing/build-fixture.ts'
import { type Figure, median } from './figures.ts'

const warmRuns = 300
// CPU time has a coarser resolution than one plan.
const runsPerBatch = 20
const sizes = [100, 1000, 10_000]
// Limit for ten times as many resources. It exceeds ten because the processor's caches have fewer hits.
const maxGrowth = 14

export async function measureEvaluation(): Promise<Figure[]> {
  const docker = await warm(createPlanRun(parseTemplate('/', [{ file: 'main.tf', text: dockerTemplate }])))
  const parameters = await warm(createPlanRun(parametersTemplate()))
  return [
    {
      name: 'plan of a Docker template, warm',
      value: docker,
      limit: 0.5,
      unit: 'ms',
      basis: 'target; CPU time',
    },
    {
      name: 'plan of 200 parameters in 20 modules, warm p50',
      value: parameters,
      limit: 10,
      unit: 'ms',
      basis: 'target; CPU time',
    },
    {
      name: 'form of 200 parameters in 20 modules, each change',
      value: await warm(createFormRun(parametersTemplate(), newCache())),
      limit: await warm(createFormRun(parametersTemplate())),
      unit: 'ms',
      basis: 'without a cache; CPU time',
    },
    ...(await measureGrowth()),
  ]
}

async function warm(act: () => Promise<void>): Promise<number> {
  for (let run = 0; run < warmRuns; run++) await act()
  const times: number[] = []
  for (let batch = 0; batch < warmRuns / runsPerBatch; batch++) {
    const before = process.cpuUsage()
    for (let run = 0; run < runsPerBatch; run++) await act()
    const { user, system } = process.cpuUsage(before)
    times.push((user + system) / runsPerBatch / 1000)
  }
  return median(times)
}

const newCache = () => new EvaluationCache(64 * 1024 * 1024)

function createPlanRun(template: Template): () => Promise<void> {
  const cache = newCache()
  return async () => await plan(template, cache)
}

/** Evaluates the form with one changed value each time. */
function createFormRun(template: Template, cache?: EvaluationCache): () => Promise<void> {
  let run = 0
  return async () => {
    const coder = coderContext({ parameters: { 'p3-2': run++ % 2 === 0 ? 'a' : 'b' } })
    const form = await evaluateForm({ template, variables: {}, coder, mayReadOutsideModule: false, cache })
    if (form.parameters.length !== 200) throw new Error(`The form is incomplete: ${JSON.stringify(form.diagnostics)}`)
  }
}

const providers = [coderProvider(coderContext()), terraformProvider(), dockerProvider()]

async function plan(template: Template, cache?: EvaluationCache): Promise<void> {
  const request = { template, variables: {}, providers, cache, state: null, mode: 'apply' as const }
  const signal = new AbortController().signal
  const { diagnostics } = await planTemplate({ ...request, signal, onEvent: () => undefined })
  const [first] = diagnostics
  if (first) throw new Error(`${first.summary}: ${first.detail}`)
}

async function measureGrowth(): Promise<Figure[]> {
  const [tofu] = globSync(join(homedir(), '.cache/coder-local-ci/tofu-*/tofu'))
  const figures: Figure[] = []
  const ours: number[] = []
  for (const size of sizes) {
    const dir = mkdtempSync(join(tmpdir(), 'bench-'))
    try {
      writeFileSync(join(dir, 'main.tf'), resources(size))
      const took = await fastest(5, () => plan(openTemplate(dir)))
      const reference = tofu === undefined ? undefined : await fastest(size > 1000 ? 1 : 2, () => runTofu(tofu, dir))
      const tofuMs = reference?.elapsedMs
      ours.push(took.processorMs)
      const name = `plan of ${size} resources, from the files`
      figures.push({
        name,
        value: took.elapsedMs,
        ...(tofuMs !== undefined && { limit: tofuMs, basis: 'tofu plan' }),
        unit: 'ms',
      })
    } finally {
      rmSync(dir, { recursive: true })
    }
  }
  const [, thousand = 1, tenThousand = 1] = ours
  const basis = '10 × as many; CPU time'
  const growth = { value: tenThousand / thousand, limit: maxGrowth, unit: '×' as const, basis }
  return [...figures, { name: 'from 1,000 to 10,000 resources', ...growth }]
}

/** Best of several runs; CPU time of this process. */
async function fastest(runs: number, act: () => unknown): Promise<{ elapsedMs: number; processorMs: number }> {
  const elapsed: number[] = []
  const processor: number[] = []
  for (let run = 0; run < runs; run++) {
    const startedAt = performance.now()
    const before = process.cpuUsage()
    await act()
    const { user, system } = process.cpuUsage(before)
    elapsed.push(performance.now() - startedAt)
    processor.push((user + system) / 1000)
  }
  return { elapsedMs: Math.min(...elapsed), processorMs: Math.min(...processor) }
}

function runTofu(tofu: string, dir: string): void {
  const env = {
    PATH: process.env.PATH,
    HOME: process.env.HOME,
    TF_CLI_CONFIG_FILE: '/dev/null',
    CHECKPOINT_DISABLE: '1',
  }
  const { status, stderr } = spawnSync(tofu, ['plan', '-input=false', '-no-color'], {
    cwd: dir,
    env,
    maxBuffer: 1 << 28,
  })
  if (status !== 0) throw new Error(`tofu failed: ${stderr}`)
}

/** Each resource refers to the previous one, in chains of ten. */
const resources = (count: number) =>
  Array.from({ length: count }, (_, index) => {
    const before = index % 10 === 0 ? '"first"' : `terraform_data.r${index - 1}.id`
    return `resource "terraform_data" "r${index}" {\n  input = { index = ${index}, name = "r-\${${index}}", before = ${before} }\n}\n`
  }).join('')

function parametersTemplate(): Template {
  const calls = Array.from(
    { length: 20 },
    (_, index) => `module "m${index}" {\n  source = "./m"\n  prefix = "p${index}"\n}\n`,
  )
  const parameters = Array.from(
    { length: 10 },
    (_, index) => `data "coder_parameter" "p${index}" {
  name         = "\${var.prefix}-${index}"
  display_name = "Parameter ${index}"
  type         = "string"
  default      = "b"
  mutable      = true
  option {
    name  = "A"
    value = "a"
  }
  option {
    name  = "B"
    value = "b"
  }
}
`,
  )
  const child = `variable "prefix" { type = string }\n${parameters.join('')}output "first" { value = data.coder_parameter.p0.value }\n`
  return parseTemplate('/', [
    { file: 'main.tf', text: calls.join('') },
    { file: 'm/main.tf', text: child },
  ])
}

const dockerTemplate = `
terraform {
  required_providers {
    coder  = { source = "coder/coder" }
    docker = { source = "kreuzwerker/docker" }
  }
}
locals {
  username = data.coder_workspace_owner.me.name
}
variable "docker_socket" {
  default     = ""
  description = "(Optional) Docker socket URI"
  type        = string
}
provider "docker" {
  host = var.docker_socket != "" ? var.docker_socket : null
}
data "coder_provisioner" "me" {}
data "coder_workspace" "me" {}
data "coder_workspace_owner" "me" {}
resource "coder_agent" "main" {
  arch           = data.coder_provisioner.me.arch
  os             = "linux"
  startup_script = <<-EOT
    set -e
    if [ ! -f ~/.init_done ]; then
      cp -rT /etc/skel ~
      touch ~/.init_done
    fi
  EOT
  env = {
    GIT_AUTHOR_NAME     = coalesce(data.coder_workspace_owner.me.full_name, data.coder_workspace_owner.me.name)
    GIT_AUTHOR_EMAIL    = data.coder_workspace_owner.me.email
    GIT_COMMITTER_NAME  = coalesce(data.coder_workspace_owner.me.full_name, data.coder_workspace_owner.me.name)
    GIT_COMMITTER_EMAIL = data.coder_workspace_owner.me.email
  }
  dynamic "metadata" {
    for_each = { cpu = "CPU Usage", ram = "RAM Usage", disk = "Home Disk" }
    content {
      display_name = metadata.value
      key          = metadata.key
      script       = "coder stat \${metadata.key}"
      interval     = 10
      timeout      = 1
    }
  }
}
resource "coder_app" "code" {
  agent_id     = coder_agent.main.id
  slug         = "code"
  display_name = "code-server"
  url          = "http://localhost:13337/?folder=/home/\${local.username}"
  icon         = "/icon/code.svg"
  subdomain    = false
  share        = "owner"
  healthcheck {
    url       = "http://localhost:13337/healthz"
    interval  = 5
    threshold = 6
  }
}
resource "docker_volume" "home_volume" {
  name = "coder-\${data.coder_workspace.me.id}-home"
  lifecycle { ignore_changes = all }
  labels {
    label = "coder.owner"
    value = data.coder_workspace_owner.me.name
  }
  labels {
    label = "coder.workspace_id"
    value = data.coder_workspace.me.id
  }
}
resource "docker_container" "workspace" {
  count      = data.coder_workspace.me.start_count
  image      = "codercom/enterprise-base:ubuntu"
  name       = "coder-\${data.coder_workspace_owner.me.name}-\${lower(data.coder_workspace.me.name)}"
  hostname   = data.coder_workspace.me.name
  entrypoint = ["sh", "-c", replace(coder_agent.main.init_script, "/localhost|127\\\\.0\\\\.0\\\\.1/", "host.docker.internal")]
  env        = ["CODER_AGENT_TOKEN=\${coder_agent.main.token}"]
  host {
    host = "host.docker.internal"
    ip   = "host-gateway"
  }
  volumes {
    container_path = "/home/\${local.username}"
    volume_name    = docker_volume.home_volume.name
  }
  labels {
    label = "coder.owner"
    value = data.coder_workspace_owner.me.name
  }
}
`

/** The part of the docker provider's schema that the template uses. */
function dockerProvider(): Provider {
  const pair = (a: string, b: string) =>
    blocks({ attributes: { [a]: required(text), [b]: required(text) }, blocks: noBlocks })
  const labels = pair('label', 'value')
  const planned = (schema: BlockSchema): ResourceType => ({
    schema,
    read: async (value) => ({ value }),
    create: async (value) => ({ value }),
    update: async (_prior, value) => ({ value }),
    delete: async () => ({ value: null }),
  })
  return {
    name: 'docker',
    source: 'kreuzwerker/docker',
    configuration: { attributes: { host: optional(text) }, blocks: noBlocks },
    resources: {
      docker_volume: planned({ attributes: { id: computed(text), name: optional(text) }, blocks: { labels } }),
      docker_container: planned({
        attributes: {
          id: computed(text),
          image: required(text),
          name: required(text),
          hostname: optional(text),
          entrypoint: optional(texts),
          env: optional(texts),
          memory: optional(num),
        },
        blocks: { labels, host: pair('host', 'ip'), volumes: pair('container_path', 'volume_name') },
      }),
    },
    dataSources: {},
  }
}
