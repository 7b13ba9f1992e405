// `local_file` and `local_sensitive_file`: a file on this computer. A file that was changed or deleted is created again.

import { mkdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import type { AttributeSchema, OperationContext, Outcome, ProviderDiagnostic, ResourceType } from '../../provider.ts'
import { forceNew, noBlocks, optional, optionalComputed, required, sensitive, text } from '../../provider-schema.ts'
import { textField, withFields } from '../../values/fields.ts'
import { type ObjectValue, string } from '../../values/value.ts'
import { computedFields, fieldsOf, idOf, isSystemError, maxFileBytes, pathOf, problem } from './contents.ts'

const permissions = ['file_permission', 'directory_permission'] as const
const permissionForm = /^[0-7]{3,4}$/

/** `contentNames`: the alternative arguments with the content; secret ones are sensitive. */
export function fileResource(
  contentNames: Readonly<Record<string, 'shown' | 'secret'>>,
  defaultPermission: string,
): ResourceType {
  const contents = Object.entries(contentNames).map(([name, visibility]): [string, AttributeSchema] => {
    const attribute = forceNew(optional(text))
    return [name, visibility === 'secret' ? sensitive(attribute) : attribute]
  })
  return {
    schema: {
      attributes: {
        ...computedFields,
        ...Object.fromEntries(contents),
        filename: forceNew(required(text)),
        ...Object.fromEntries(permissions.map((name) => [name, forceNew(optionalComputed(text))])),
      },
      blocks: noBlocks,
    },
    validate: (config) => [...requireOneContent(config, Object.keys(contentNames)), ...checkPermissions(config)],
    plan: ({ config, proposed }) => ({
      planned: withFields(proposed, {
        ...Object.fromEntries(
          permissions
            .filter((name) => config.entries.get(name)?.kind === 'null')
            .map((name) => [name, string(defaultPermission)]),
        ),
      }),
    }),
    read: async (current, context) => ({ value: (await isUnchanged(current, context)) ? current : null }),
    create,
    update: async (_prior, planned) => ({ value: planned }),
    async delete(prior, context) {
      try {
        await rm(pathOf(prior, context), { force: true })
        return { value: null }
      } catch (error) {
        return failure(prior, error, 'deleted')
      }
    },
  }
}

function requireOneContent(config: ObjectValue, names: readonly string[]): ProviderDiagnostic[] {
  const set = names.filter((name) => config.entries.get(name)?.kind !== 'null')
  if (set.length === 1) return []
  const detail = `Exactly one of these must be set: ${names.join(', ')}.`
  return [problem('Invalid Attribute Combination', detail, set[1])]
}

function checkPermissions(config: ObjectValue): ProviderDiagnostic[] {
  return permissions.flatMap((name) => {
    const mode = textField(config, name)
    if (mode === undefined || permissionForm.test(mode)) return []
    const detail = `"${name}" must have three or four octal digits, such as "0644"; it is ${JSON.stringify(mode)}.`
    return [problem('Invalid File Mode', detail, name)]
  })
}

async function isUnchanged(current: ObjectValue, context: OperationContext): Promise<boolean> {
  const path = pathOf(current, context)
  try {
    const { size } = await stat(path)
    return size <= maxFileBytes && idOf(await readFile(path)) === textField(current, 'id')
  } catch (error) {
    if (isSystemError(error)) return false
    throw error
  }
}

async function create(planned: ObjectValue, context: OperationContext): Promise<Outcome> {
  const path = pathOf(planned, context)
  const modeOf = (name: (typeof permissions)[number]) => Number.parseInt(textField(planned, name) ?? '', 8)
  try {
    const content = await contentOf(planned, context)
    await mkdir(dirname(path), { recursive: true, mode: modeOf('directory_permission') })
    await writeFile(path, content, { mode: modeOf('file_permission') })
    return { value: withFields(planned, fieldsOf(content)) }
  } catch (error) {
    return failure(null, error, 'written')
  }
}

async function contentOf(planned: ObjectValue, context: OperationContext): Promise<Buffer> {
  const encoded = textField(planned, 'content_base64')
  if (encoded !== undefined) return Buffer.from(encoded, 'base64')
  const source = textField(planned, 'source')
  if (source !== undefined) return await readFile(pathOf(withFields(planned, { filename: string(source) }), context))
  return Buffer.from(textField(planned, 'content') ?? textField(planned, 'sensitive_content') ?? '')
}

function failure(value: ObjectValue | null, error: unknown, participle: string): Outcome {
  if (!isSystemError(error)) throw error
  return {
    value,
    diagnostics: [problem('File Operation Failed', `The file cannot be ${participle}: ${error.message}.`)],
  }
}
