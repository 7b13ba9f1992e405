// `data terraform_remote_state`: the outputs in another configuration's state. Supports state files on this computer only: each
// other backend would need its own client.

import { readFile, stat } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { maxTextLength } from '../../lang/limits.ts'
import type { DataSourceType, OperationContext, Outcome, ProviderDiagnostic } from '../../provider.ts'
import { computed, noBlocks, optional, required } from '../../provider-schema.ts'
import { textField, withFields } from '../../values/fields.ts'
import { valueFromTypedJson } from '../../values/json.ts'
import { dynamicType, stringType } from '../../values/type.ts'
import { type ObjectValue, object, typeOf, type Value } from '../../values/value.ts'

// `_local` is the older name.
const localBackends = ['local', '_local']

export const remoteState: DataSourceType = {
  schema: {
    attributes: {
      backend: required(stringType),
      config: optional(dynamicType),
      defaults: optional(dynamicType),
      outputs: computed(dynamicType),
      workspace: optional(stringType),
    },
    blocks: noBlocks,
  },
  validate: (config) => [
    ...requireMapping(config, 'config', 'Invalid backend configuration'),
    ...requireMapping(config, 'defaults', 'Invalid default values'),
  ],
  async read(config, context) {
    const backend = textField(config, 'backend') ?? ''
    if (!localBackends.includes(backend)) {
      const detail = `The backend "${backend}" is not supported in this deployment. Use backend = "local".`
      return failure(problem('Invalid backend configuration', detail, 'backend'))
    }
    const path = pathOf(config, context)
    const outputs = await readOutputs(path)
    if (!outputs) {
      const detail = `There is no state file at ${path}.`
      return failure(problem('Unable to find remote state', detail, 'workspace'))
    }
    const defaults = [...entriesOf(config.entries.get('defaults'))]
    return { value: withFields(config, { outputs: object([...defaults, ...outputs]) }) }
  },
}

const problem = (summary: string, detail: string, argument: string): ProviderDiagnostic => ({
  severity: 'error',
  summary,
  detail,
  path: [argument],
})

const failure = (diagnostic: ProviderDiagnostic): Outcome => ({ value: null, diagnostics: [diagnostic] })

function requireMapping(config: ObjectValue, name: string, summary: string): ProviderDiagnostic[] {
  const value = config.entries.get(name)
  const isMapping = !value || ['object', 'map', 'dynamic'].includes(typeOf(value).kind)
  return isMapping ? [] : [problem(summary, `"${name}" must be an object.`, name)]
}

const entriesOf = (value: Value | undefined): ReadonlyMap<string, Value> =>
  value?.kind === 'object' || value?.kind === 'map' ? value.entries : new Map()

/** The workspace "default" has its own path; every other one has a folder with its name. */
function pathOf(config: ObjectValue, { dir }: OperationContext): string {
  const settings = object(entriesOf(config.entries.get('config')))
  const workspace = textField(config, 'workspace') ?? 'default'
  if (workspace === 'default') return resolve(dir, textField(settings, 'path') ?? 'terraform.tfstate')
  return resolve(
    dir,
    join(textField(settings, 'workspace_dir') ?? 'terraform.tfstate.d', workspace, 'terraform.tfstate'),
  )
}

interface StoredState {
  readonly version?: unknown
  readonly outputs?: Readonly<Record<string, unknown>>
}

/** Undefined if the file is not a state in version 4. */
async function readOutputs(path: string): Promise<[string, Value][] | undefined> {
  let text: string
  try {
    if ((await stat(path)).size > maxTextLength) return undefined
    text = await readFile(path, 'utf8')
  } catch (error) {
    if (error instanceof Error && 'code' in error) return undefined
    throw error
  }
  const state = parseState(text)
  if (state?.version !== 4) return undefined
  return Object.entries(state.outputs ?? {}).map(([name, output]) => [name, valueFromTypedJson(output, dynamicType)])
}

function parseState(text: string): StoredState | undefined {
  try {
    const parsed: unknown = JSON.parse(text)
    return typeof parsed === 'object' && parsed !== null ? parsed : undefined
  } catch {
    return undefined
  }
}
