// `coder templates init`: copies a starter template into a folder.

import { cpSync, existsSync, readdirSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { GlobalOptions } from '../../connection/local-deployment.ts'
import { CommandError } from '../../output/errors.ts'
import { print } from '../../output/print.ts'
import { selectName } from '../../prompts/prompts.ts'

const starters = fileURLToPath(new URL('../../../templates/', import.meta.url))

export async function initTemplate(
  [directory]: readonly string[],
  options: GlobalOptions & { id?: string },
): Promise<void> {
  const id = await selectStarter(options.id)
  const folder = resolve(directory ?? id)
  if (existsSync(folder) && readdirSync(folder).length > 0)
    throw new CommandError(`${folder} is not empty.`, { hint: 'choose another folder.' })
  cpSync(join(starters, id), folder, { recursive: true })
  print(`The starter template ${id} was written to ${folder}.`)
  print(`Change it, then push it: coder templates push -d ${directory ?? id}`)
}

async function selectStarter(wanted: string | undefined): Promise<string> {
  const ids = readdirSync(starters, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name)
  const only = ids.length === 1 ? ids[0] : undefined
  const id = wanted ?? only ?? (await selectName('Starter template', ids, { flag: '--id' }))
  if (ids.includes(id)) return id
  throw new CommandError(`Starter template ${id} not found.`, { detail: `Starter templates: ${ids.join(', ')}` })
}
