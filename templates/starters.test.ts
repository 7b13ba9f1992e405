// Every starter template is valid without a deployment and has a README with metadata.

import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { openTemplate } from '../terraform/engine/template/template.ts'
import { validateTemplate } from '../terraform/engine/validate.ts'
import { bundledProviders } from '../terraform/providers/bundled.ts'
import { coderContext } from '../terraform/testing/build-fixture.ts'

const folders = readdirSync(import.meta.dirname, { withFileTypes: true })
const starters = folders.filter((entry) => entry.isDirectory()).map(({ name }) => name)
const host = { dataDir: '/', workspaceId: '', agentBinDir: '', environment: {}, bootId: '' }

test.each(starters)('%s is valid and has a README with metadata', (starter) => {
  const template = openTemplate(join(import.meta.dirname, starter))
  expect(validateTemplate(template, bundledProviders(coderContext(), host))).toEqual([])
  const readme = readFileSync(join(import.meta.dirname, starter, 'README.md'), 'utf8')
  expect(readme).toMatch(/^---\ndisplay_name: .+\ndescription: .{10,127}\nicon: \/.+\n/)
})
