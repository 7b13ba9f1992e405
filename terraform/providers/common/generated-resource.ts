// Resources without objects outside the state: their values are generated at creation and stored.

import type { BlockSchema, ProviderDiagnostic, ResourceType } from '../../provider.ts'
import { noBlocks } from '../../provider-schema.ts'
import { withFields } from '../../values/fields.ts'
import { dynamicType } from '../../values/type.ts'
import { list, nullOf, type ObjectValue, object, type Value, valuesEqual } from '../../values/value.ts'
import { failed } from './outcomes.ts'

type Fields = Readonly<Record<string, Value>>

export interface GeneratedResource {
  readonly attributes: BlockSchema['attributes']
  readonly blocks?: BlockSchema['blocks']
  readonly schemaVersion?: number
  /** Values of omitted optional arguments. */
  readonly defaults?: Fields
  /** Arguments whose change keeps the generated values. */
  readonly updatable?: readonly string[]
  validate?(config: ObjectValue): readonly ProviderDiagnostic[]
  /** Fills in arguments that depend on others. */
  complete?(planned: ObjectValue, config: ObjectValue): ObjectValue
  /** @returns the read-only values, or what prevents them */
  generate(planned: ObjectValue): Promise<Fields | ProviderDiagnostic> | Fields | ProviderDiagnostic
  /** Whether the stored values are no longer usable, so that the resource is created again. */
  isExpired?(current: ObjectValue): boolean
  /** The values of an imported object; undefined if the id is invalid. */
  parseId?(id: string): Fields | undefined | Promise<Fields>
}

export function generatedResource(declaration: GeneratedResource): ResourceType {
  const { attributes, blocks = noBlocks, schemaVersion = 0, defaults = {}, updatable = [] } = declaration
  const { validate, complete = (value) => value, generate, isExpired = () => false, parseId } = declaration
  const schema: BlockSchema = { attributes, blocks }
  return {
    schema,
    schemaVersion,
    ...(validate && { validate }),
    plan({ config, prior, proposed }) {
      const planned = complete(withFields(proposed, omittedDefaults(config, defaults)), config)
      return { planned, requiresReplace: prior ? changedArguments(prior, planned, schema, updatable) : [] }
    },
    read: async (current) => ({ value: isExpired(current) ? null : current }),
    async create(planned) {
      const generated = await generate(planned)
      return isDiagnostic(generated) ? failed(null, generated) : { value: withFields(planned, generated) }
    },
    update: async (_prior, planned) => ({ value: planned }),
    delete: async () => ({ value: null }),
    ...(parseId && {
      import: async (id: string) => {
        const imported = await parseId(id)
        return { value: imported ? withFields(emptyObject(schema), { ...defaults, ...imported }) : null }
      },
    }),
  }
}

const isDiagnostic = (generated: Fields | ProviderDiagnostic): generated is ProviderDiagnostic =>
  typeof generated.severity === 'string'

const omittedDefaults = (config: ObjectValue, defaults: Fields): Fields =>
  Object.fromEntries(Object.entries(defaults).filter(([name]) => config.entries.get(name)?.kind === 'null'))

function changedArguments(
  prior: ObjectValue,
  planned: ObjectValue,
  { attributes }: BlockSchema,
  updatable: readonly string[],
): (readonly [string])[] {
  return [...planned.entries]
    .filter(([name, value]) => {
      const before = prior.entries.get(name)
      const isFixed = !attributes[name]?.readOnly && !updatable.includes(name)
      return isFixed && before !== undefined && !valuesEqual(value, before)
    })
    .map(([name]) => [name])
}

const emptyObject = ({ attributes, blocks }: BlockSchema): ObjectValue =>
  object([
    ...Object.entries(attributes).map(([name, { type }]) => [name, nullOf(type)] as const),
    ...Object.keys(blocks).map((name) => [name, list(dynamicType, [])] as const),
  ])
