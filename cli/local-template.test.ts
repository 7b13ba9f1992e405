// The commands about a folder, as they are typed: each in a process of its own, without any deployment.

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { beforeEach, expect, test } from 'vitest'
import { type Outcome, runCoder } from './testing/run-coder.ts'

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

test('validate says that a template is valid, with exit status 0', async () => {
  write({ 'main.tf': 'output "greeting" {\n  value = "hello"\n}\n' })
  expect(await coder('templates', 'validate')).toEqual({
    status: 0,
    stdout: 'Success! The template is valid.\n',
    stderr: '',
  })
})

test('validate shows the line of each error with what is meant underlined, and ends with exit status 1', async () => {
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

test('a provider or a module that is not here is a note: what they hold goes unchecked', async () => {
  write({
    'main.tf': `resource "docker_container" "main" {
  image = "x"
  env   = ["TOKEN=\${module.editor.token}"]
}
module "editor" {
  source = "registry.coder.com/coder/code-server/coder"
  any    = docker_container.main.ip
}
`,
  })
  const { status, stdout, stderr } = await coder('templates', 'validate')
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
  expect(stdout).toContain('Warning: Provider not bundled')
  expect(stdout).toContain('Warning: Module not available')
  expect(stdout).toMatch(/Success! The template is valid, but see the warnings above\.\n$/)
})

test('validate --json has the shape that editors know', async () => {
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
        },
      },
    ],
  })
})

test('a folder that is not there is told', async () => {
  expect(await coder('templates', 'validate', 'nowhere')).toMatchObject({
    status: 1,
    stderr: expect.stringContaining('There is no folder nowhere.'),
  })
})
