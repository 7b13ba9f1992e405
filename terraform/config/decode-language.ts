// Decodes a module's language requirements: `language` blocks, and `required_version`.

import type { Diagnostic } from '../diagnostics/diagnostic.ts'
import type { Attribute, Block } from '../hcl/ast.ts'
import { primitiveText } from '../values/value.ts'
import { BodyReader } from './body-reader.ts'
import { readLabels } from './labels.ts'
import { allowsLanguage, languageVersion, parseConstraints } from './language-version.ts'

type Report = (diagnostic: Diagnostic) => void

export const incompatibleModule = 'Incompatible module'

export function decodeLanguage(block: Block, isOverride: boolean, report: Report): void {
  if (!readLabels(block, [], report)) return
  const reader = new BodyReader(block.body, 'language', report)
  if (isOverride) {
    const detail = 'Language settings are not allowed in override files.'
    reader.error(block.headerRange, 'Language selections in override file', detail)
    return
  }
  reader.allowOnly(['edition', 'experiments'], ['compatible_with'])
  checkEdition(reader)
  for (const experiment of reader.expressions('experiments')) {
    const word = experiment.type === 'variable' ? experiment.name : undefined
    const summary = word === undefined ? 'Invalid experiment keyword' : 'Unknown experiment keyword'
    reader.error(experiment.range, summary, 'No language experiments are available.')
  }
  let isDeclared = false
  for (const inner of reader.blocks('compatible_with')) {
    if (!readLabels(inner, [], report)) continue
    const attribute = inner.body.attributes.get('opentofu')
    if (isDeclared) {
      const detail = 'Only one block may set the compatible OpenTofu versions.'
      reader.error(block.headerRange, 'Duplicate compatible_with block', detail)
    } else if (attribute) {
      isDeclared = true
      requireVersion(attribute, new BodyReader(inner.body, 'compatible_with', report), 'compatible_with')
    }
  }
}

const edition = 'tofu2024'

function checkEdition(reader: BodyReader): void {
  const expression = reader.expression('edition')
  if (!expression) return
  const word = expression.type === 'variable' ? expression.name : undefined
  if (word === edition) return
  const summary = word === undefined ? 'Invalid language edition' : 'Unsupported language edition'
  reader.error(expression.range, summary, `The only edition is ${edition}, which is the default.`)
}

/** Applies to OpenTofu files only: elsewhere it refers to another program. */
export function checkRequiredVersion(block: Block, reader: BodyReader): void {
  const attribute = block.body.attributes.get('required_version')
  if (attribute && /\.tofu(?:\.json)?$/.test(block.headerRange.file)) requireVersion(attribute, reader)
}

function requireVersion(attribute: Attribute, reader: BodyReader, blockType?: 'compatible_with'): void {
  const value = reader.constantOf(attribute.expression)
  if (value.kind === 'unknown' || value.kind === 'null') return
  const text = primitiveText(value)
  const constraints = text === undefined ? undefined : parseConstraints(text)
  if (!constraints) {
    const detail = 'Write an operator and a version, such as ">= 1.6" or "~> 1.12".'
    reader.error(attribute.expression.range, 'Invalid version constraint', detail)
  } else if (constraints.some(({ isPrerelease }) => isPrerelease)) {
    const detail = 'Pre-release versions are not allowed.'
    reader.error(attribute.range, 'Invalid required_version constraint', detail)
  } else if (!allowsLanguage(constraints)) {
    const detail = `This language version is compatible with OpenTofu ${languageVersion}, but the module requires ${text}. Change the requirement, or use a compatible version of the module.`
    reader.error(attribute.range, incompatibleModule, detail)
  } else if (blockType && allowsLanguage(constraints, '1.11.0')) {
    const detail = 'OpenTofu supports this block since 1.12.0, so the constraint must be at least >= 1.12.0.'
    reader.warn(attribute.range, 'Ineffective version constraint', detail)
  }
}
