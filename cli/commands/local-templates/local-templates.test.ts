// The commands for a template in a local folder, as processes, without a deployment.

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { beforeEach, expect, test } from 'vitest'
import { type Outcome, runCoder } from '../../testing/run-coder.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'coder-template-'))
  return () => rmSync(folder, { recursive: true })
})

function write(files: Readonly<Record<string, string>>): void {
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true })
    writeFileSync(join(folder, name), text)
  }
}

const coder = (...args: string[]): Promise<Outcome> => runCoder(args, { cwd: folder })

test('validate accepts a valid template with exit status 0', async () => {
  write({ 'main.tf': 'output "greeting" {\n  value = "hello"\n}\n' })
  expect(await coder('templates', 'validate')).toEqual({
    status: 0,
    stdout: 'Success! The template is valid.\n',
    stderr: '',
  })
})

test('validate underlines the source of each error, and exits with status 1', async () => {
  write({ 'main.tf': 'output "greeting" {\n  value = var.nam\n}\nvariable "name" {}\n' })
  const { status, stdout, stderr } = await coder('templates', 'validate', '.')
  expect({ status, stdout }).toEqual({ status: 1, stdout: '' })
  expect(stderr).toBe(`╷
│ Error: Reference to undeclared input variable
│
│   on main.tf line 2, in output "greeting":
│    2:   value = var.nam
│                 ^^^^^^^
│
│ There is no input variable named "nam". Did you mean "name"?
╵
`)
})

test('a provider or a module that is not available is a warning', async () => {
  write({
    'main.tf': `resource "aws_instance" "main" {
  ami = "x"
  env   = ["TOKEN=\${module.editor.token}"]
}
module "editor" {
  source = "registry.coder.com/coder/code-server/coder"
  any    = aws_instance.main.ip
}
output "account" {
  value = provider::aws::arn_parse(aws_instance.main.id).account_id
}
`,
  })
  const { status, stdout, stderr } = await coder('templates', 'validate')
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
  expect(stdout).toContain('Warning: Provider not bundled')
  expect(stdout).toContain('Warning: Module not available')
  expect(stdout).toMatch(/Success! The template is valid, but see the warnings above\.\n$/)
})

test('validate --strict exits with status 1 for a provider that is not available', async () => {
  write({ 'main.tf': 'resource "aws_instance" "vm" {}\n' })
  expect(await coder('templates', 'validate')).toMatchObject({ status: 0 })
  const { status, stdout } = await coder('templates', 'validate', '--strict')
  expect(status).toBe(1)
  expect(stdout).toContain('Warning: Provider not bundled')
})

test('plan shows presets, tags and scripts, and warns about an agent without a resource', async () => {
  write({
    'main.tf': `
data "coder_parameter" "size" {
  name    = "size"
  default = "s"
}
data "coder_workspace_preset" "large" {
  name       = "Large"
  default    = true
  parameters = { size = "l" }
}
data "coder_workspace_tags" "tags" {
  tags = { zone = "eu" }
}
resource "coder_agent" "main" {
  os   = "linux"
  arch = "amd64"
}
resource "coder_agent" "lost" {
  os   = "linux"
  arch = "amd64"
}
resource "coder_script" "hourly" {
  agent_id     = coder_agent.main.id
  display_name = "Sync"
  script       = "true"
  run_on_start = true
  cron         = "@hourly"
}
resource "terraform_data" "vm" {
  input = coder_agent.main.token
}
`,
  })
  const { status, stdout } = await coder('templates', 'plan')
  expect(status).toBe(0)
  expect(stdout).toContain('Warning: Agent without a resource')
  expect(stdout).toMatch(/Large \(default\) +size="l"/)
  expect(stdout).toContain('Provisioner tags: zone=eu')
  expect(stdout).toContain('  script Sync: runs on start, at "@hourly"')
  const json = JSON.parse((await coder('templates', 'plan', '--json')).stdout)
  expect(json).toMatchObject({
    presets: [{ name: 'Large', default: true, parameters: { size: 'l' } }],
    tags: { zone: 'eu' },
    resources: [
      { agents: [{ scripts: [{ display_name: 'Sync', run_on_start: true, run_on_stop: false, cron: '@hourly' }] }] },
    ],
  })
})

test('validate --json has the format that editors expect', async () => {
  write({ 'main.tf': 'locals {\n  a = upper(1, 2)\n}\n' })
  const { status, stdout } = await coder('templates', 'validate', '--json')
  expect(status).toBe(1)
  expect(JSON.parse(stdout)).toEqual({
    format_version: '1.0',
    valid: false,
    error_count: 1,
    warning_count: 0,
    diagnostics: [
      {
        severity: 'error',
        summary: 'Too many function arguments',
        detail: expect.any(String),
        range: {
          filename: 'main.tf',
          start: { line: 2, column: 16, byte: 24 },
          end: { line: 2, column: 17, byte: 25 },
        },
        snippet: {
          context: 'locals',
          code: '  a = upper(1, 2)',
          start_line: 2,
          highlight_start_offset: 15,
          highlight_end_offset: 16,
          values: [],
          function_call: {
            called_as: 'upper',
            signature: { name: 'upper', params: [{ name: 'str', type: 'string' }], return_type: 'string' },
          },
        },
      },
    ],
  })
})

test('a missing folder is reported', async () => {
  expect(await coder('templates', 'validate', 'nowhere')).toMatchObject({
    status: 1,
    stderr: expect.stringContaining('Folder nowhere not found.'),
  })
})

const module = {
  'main.tf': `variable "name" {
  type = string
  validation {
    condition     = length(var.name) > 1
    error_message = "too short"
  }
}
resource "terraform_data" "a" {
  input = upper(var.name)
}
output "loud" {
  value = terraform_data.a.input
}
`,
}

test('test runs the test files of a folder and prints a summary', async () => {
  write({
    ...module,
    'main.tftest.hcl': `run "loud" {
  command = plan
  variables { name = "otter" }
  assert {
    condition     = output.loud == "OTTER"
    error_message = "not loud"
  }
}
run "short" {
  command = plan
  variables { name = "o" }
  expect_failures = [var.name]
}
`,
  })
  expect(await coder('templates', 'test')).toEqual({
    status: 0,
    stdout: 'main.tftest.hcl... pass\n  run "loud"... pass\n  run "short"... pass\n\nSuccess! 2 passed, 0 failed.\n',
    stderr: '',
  })
})

test('a failed assertion shows the compared values, and the exit status is 1', async () => {
  write({
    ...module,
    'tests/quiet.tftest.hcl': `run "quiet" {
  variables { name = "otter" }
  assert {
    condition     = output.loud == "otter"
    error_message = "it is loud"
  }
}
`,
  })
  const { status, stdout, stderr } = await coder('templates', 'test', '.')
  expect({ status, stdout }).toEqual({
    status: 1,
    stdout: 'tests/quiet.tftest.hcl... fail\n  run "quiet"... fail\n\nFailure! 0 passed, 1 failed.\n',
  })
  expect(stderr).toContain('on tests/quiet.tftest.hcl line 4, in run "quiet":')
  expect(stderr).toContain('it is loud')
  expect(stderr).toContain('output.loud is "OTTER"')
})

test('test accepts values from flags and files, and a filter', async () => {
  const assertion = 'assert {\n  condition = output.loud == "OTTER"\n  error_message = "x"\n  }\n'
  write({
    ...module,
    'given.tfvars': 'name = "otter"\n',
    'a.tftest.hcl': `run "a" {\n  ${assertion}}\n`,
    'b.tftest.hcl': `run "b" {\n  ${assertion}}\n`,
  })
  expect(await coder('templates', 'test', '--var', 'name=otter')).toMatchObject({ status: 0 })
  const filtered = await coder('templates', 'test', '--var-file', 'given.tfvars', '--filter', 'b.tftest.hcl', '--json')
  const events = filtered.stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as { type: string; test_summary?: unknown })
  expect(events.map(({ type }) => type)).toEqual(['test_abstract', 'test_file', 'test_run', 'test_summary'])
  expect(events.at(-1)?.test_summary).toEqual({ status: 'pass', passed: 1, failed: 0, errored: 0, skipped: 0 })
})

// The order of OpenTofu 1.12.6.
test('test values come from the environment, files beside the module, flags and files beside the tests; later ones win', async () => {
  const names = ['a', 'b', 'c', 'd', 'e']
  write({
    'main.tf': names.map((name) => `variable "${name}" {}\n`).join(''),
    'terraform.tfvars': 'b = "module"\nc = "module"\nd = "module"\ne = "module"\nz = "undeclared"\n',
    'tests/more.auto.tfvars': 'd = "tests"\ne = "tests"\nz = "undeclared"\n',
    'main.tftest.hcl': `variables {
  e = "file"
}
run "all" {
  command = plan
  assert {
    condition     = join(" ", [${names.map((name) => `var.${name}`).join(', ')}]) == "environment module flag tests file"
    error_message = jsonencode([${names.map((name) => `var.${name}`).join(', ')}])
  }
}
`,
  })
  const args = ['templates', 'test', '--var', 'c=flag', '--var', 'd=flag']
  const env = { TF_VAR_a: 'environment', TF_VAR_b: 'environment' }
  expect(await runCoder(args, { cwd: folder, env })).toMatchObject({ status: 0, stderr: '' })
})

test('the last value on the command line wins, for --var and --var-file alike', async () => {
  write({
    'main.tf': 'variable "a" {}\nvariable "b" {}\n',
    'values.tfvars': 'a = "file"\nb = "file"\n',
    'main.tftest.hcl': `run "all" {
  command = plan
  assert {
    condition     = "\${var.a} \${var.b}" == "file flag"
    error_message = "\${var.a} \${var.b}"
  }
}
`,
  })
  const args = ['templates', 'test', '--var', 'a=flag', '--var-file', 'values.tfvars', '--var', 'b=flag']
  expect(await runCoder(args, { cwd: folder })).toMatchObject({ status: 0, stderr: '' })
})

test('console evaluates expressions from stdin and from flags', async () => {
  write(module)
  const piped = await runCoder(['templates', 'console', '--var', 'name=otter'], {
    cwd: folder,
    input: 'var.name\n[\n  1,\n  upper(var.name),\n]\nterraform_data.a.id\ntype(var.name)\n',
  })
  expect(piped).toEqual({
    status: 0,
    stdout: '"otter"\n[\n  1,\n  "OTTER",\n]\n(known after apply)\nstring\n',
    stderr: '',
  })
  const wrong = await coder('templates', 'console', '-e', 'var.nam')
  expect(wrong.status).toBe(1)
  expect(wrong.stderr).toContain('Did you mean "name"?')
})

test('plan shows persistent and ephemeral resources, agents, apps and the cost', async () => {
  write({
    'main.tf': `terraform {
  required_providers {
    docker = { source = "kreuzwerker/docker" }
  }
}
data "coder_workspace" "me" {}
data "coder_parameter" "cpu" {
  name    = "cpu"
  type    = "number"
  default = 2
}
resource "coder_agent" "main" {
  os   = "linux"
  arch = "amd64"
}
resource "coder_app" "ide" {
  agent_id     = coder_agent.main.id
  slug         = "ide"
  display_name = "Editor"
}
resource "docker_volume" "home" {
  name = "home"
}
resource "docker_container" "main" {
  count = data.coder_workspace.me.start_count
  name  = "main"
  image = "x"
  cpus  = data.coder_parameter.cpu.value
  env   = ["TOKEN=\${coder_agent.main.token}", docker_volume.home.mountpoint]
}
resource "coder_metadata" "home" {
  resource_id = docker_volume.home.id
  daily_cost  = 3
}
`,
  })
  const { status, stdout } = await coder('templates', 'plan', '--param', 'cpu=4', '--json')
  expect(status).toBe(0)
  expect(JSON.parse(stdout)).toEqual({
    valid: true,
    parameters: [{ name: 'cpu', type: 'number', value: '4', required: false }],
    presets: [],
    tags: {},
    resources: [
      expect.objectContaining({ address: 'docker_volume.home', lifetime: 'persistent', daily_cost: 3 }),
      {
        address: 'docker_container.main[0]',
        type: 'docker_container',
        name: 'main',
        lifetime: 'ephemeral',
        on_start: true,
        on_stop: false,
        daily_cost: 0,
        agents: [
          { name: 'main', os: 'linux', arch: 'amd64', apps: [{ slug: 'ide', display_name: 'Editor' }], scripts: [] },
        ],
      },
    ],
    daily_cost: { start: 3, stop: 3 },
    notes: [],
    diagnostics: [],
  })
  expect((await coder('templates', 'plan', '--param', 'ram=1')).stderr).toContain('Parameters: cpu')
  expect((await coder('templates', 'plan', '--param', 'cpu=4,5')).stderr).toContain('it is "4,5".')
})

test('graph prints the format of Graphviz, or JSON', async () => {
  write(module)
  const { stdout } = await coder('templates', 'graph')
  expect(stdout).toContain('"[root] terraform_data.a (expand)" [label = "terraform_data.a", shape = "box"]')
  expect(stdout).toContain('"[root] terraform_data.a (expand)" -> "[root] var.name (expand, reference)"')
  expect(JSON.parse((await coder('templates', 'graph', '-o', 'json')).stdout)).toEqual({
    resources: [{ address: 'terraform_data.a', mode: 'managed', needs: [] }],
  })
})

test('graph succeeds when its output is closed early', async () => {
  const block = (index: number) => `resource "terraform_data" "one_of_many_resources_${index}" {}\n`
  write({ 'main.tf': Array.from({ length: 2000 }, (_, index) => block(index)).join('') })
  const { status, stderr } = await runCoder(['templates', 'graph'], { cwd: folder, closesStdoutEarly: true })
  expect([status, stderr]).toEqual([0, ''])
})

test('variable values come from the environment, files beside the template and the command line; later ones win', async () => {
  write({
    'main.tf': `${['env', 'file', 'json', 'auto', 'flag', 'last'].map((name) => `variable "${name}" {}`).join('\n')}
variable "list" {
  type = list(number)
}
`,
    'terraform.tfvars': 'file = "tfvars"\njson = "tfvars"\nauto = "tfvars"\nflag = "tfvars"\nlast = "tfvars"\n',
    'terraform.tfvars.json': '{ "json": "json", "auto": "json", "flag": "json" }',
    'a.auto.tfvars': 'auto = "a"\nflag = "a"\n',
    'b.auto.tfvars': 'auto = "b"\n',
    'dev.tfvars': 'flag = "var-file"\nlast = "var-file"\nstray = 1\n',
  })
  const env = { TF_VAR_env: 'TF_VAR', TF_VAR_file: 'TF_VAR', TF_VAR_list: '[1, 2]', TF_VAR_nobody: 'x' }
  const flags = ['--var', 'last=early', '--var-file', 'dev.tfvars', '--var', 'flag=var']
  const all = '[var.env, var.file, var.json, var.auto, var.flag, var.last, sum(var.list)]'
  const inConsole = await runCoder(['templates', 'console', ...flags, '-e', `jsonencode(${all})`], { cwd: folder, env })
  expect(JSON.parse(JSON.parse(inConsole.stdout) as string)).toEqual([
    'TF_VAR',
    'tfvars',
    'json',
    'b',
    'var',
    'var-file',
    3,
  ])
  const planned = await runCoder(['templates', 'plan', ...flags, '--json'], { cwd: folder, env })
  expect(JSON.parse(planned.stdout)).toMatchObject({
    valid: true,
    diagnostics: [{ severity: 'warning', summary: 'Value for undeclared variable' }],
  })
  const stray = await runCoder(['templates', 'plan', '--var', 'flug=1'], { cwd: folder, env })
  expect([stray.status, stray.stderr]).toEqual([1, expect.stringContaining('Did you mean "flag"?')])
  const missing = await runCoder(['templates', 'plan', '--var-file', 'none.tfvars'], { cwd: folder, env })
  expect([missing.status, missing.stderr]).toEqual([1, expect.stringContaining('none.tfvars')])
})
