// `data local_file` and `data local_sensitive_file`: the content of a file on this computer.

import { readFile, stat } from 'node:fs/promises'
import type { DataSourceType, Outcome } from '../../provider.ts'
import { computed, noBlocks, required, sensitive, text } from '../../provider-schema.ts'
import { withFields } from '../../values/fields.ts'
import { string } from '../../values/value.ts'
import { computedFields, fieldsOf, isSystemError, maxFileBytes, pathOf, problem } from './contents.ts'

export function fileData(isSecret: boolean): DataSourceType {
  const content = isSecret ? sensitive(computed(text)) : computed(text)
  return {
    schema: {
      attributes: { ...computedFields, filename: required(text), content, content_base64: content },
      blocks: noBlocks,
    },
    async read(config, context) {
      const path = pathOf(config, context)
      try {
        const { size } = await stat(path)
        if (size > maxFileBytes) return unreadable(`it has ${size} bytes; the limit is ${maxFileBytes}`)
        const content = await readFile(path)
        const fields = { content: string(content.toString()), content_base64: string(content.toString('base64')) }
        return { value: withFields(config, { ...fieldsOf(content), ...fields }) }
      } catch (error) {
        if (isSystemError(error)) return unreadable(error.message)
        throw error
      }
    },
  }
}

const unreadable = (reason: string): Outcome => ({
  value: null,
  diagnostics: [problem('Read local file data source error', `The file cannot be read: ${reason}.`, 'filename')],
})
