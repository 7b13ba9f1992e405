// Shared by the types of the `local` provider: paths, and attributes computed from a file's content.

import { createHash } from 'node:crypto'
import { resolve } from 'node:path'
import { maxTextLength } from '../../lang/limits.ts'
import type { AttributeSchema, OperationContext, ProviderDiagnostic } from '../../provider.ts'
import { computed, text } from '../../provider-schema.ts'
import { textField } from '../../values/fields.ts'
import { type ObjectValue, string, type Value } from '../../values/value.ts'

// The content becomes a value in the state.
export const maxFileBytes = maxTextLength

/** Relative paths are resolved against the template's folder. */
export const pathOf = (value: ObjectValue, { dir }: OperationContext): string =>
  resolve(dir, textField(value, 'filename') ?? '')

const digests: Readonly<Record<string, readonly [string, 'hex' | 'base64']>> = {
  content_md5: ['md5', 'hex'],
  content_sha1: ['sha1', 'hex'],
  content_sha256: ['sha256', 'hex'],
  content_base64sha256: ['sha256', 'base64'],
  content_sha512: ['sha512', 'hex'],
  content_base64sha512: ['sha512', 'base64'],
}

export const computedFields: Readonly<Record<string, AttributeSchema>> = {
  id: computed(text),
  ...Object.fromEntries(Object.keys(digests).map((name) => [name, computed(text)])),
}

/** Detects changes of a file. */
export const idOf = (content: Buffer): string => createHash('sha1').update(content).digest('hex')

export const fieldsOf = (content: Buffer): Readonly<Record<string, Value>> => ({
  id: string(idOf(content)),
  ...Object.fromEntries(
    Object.entries(digests).map(([name, [algorithm, encoding]]) => [
      name,
      string(createHash(algorithm).update(content).digest(encoding)),
    ]),
  ),
})

export function problem(summary: string, detail: string, argument?: string): ProviderDiagnostic {
  return { severity: 'error', summary, detail, ...(argument !== undefined && { path: [argument] }) }
}

export const isSystemError = (error: unknown): error is NodeJS.ErrnoException =>
  error instanceof Error && 'code' in error
