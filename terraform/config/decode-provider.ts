// Decodes `provider` and `terraform` blocks: required providers and their configurations.

import type { Diagnostic } from '../diagnostics/diagnostic.ts'
import { didYouMean } from '../diagnostics/did-you-mean.ts'
import type { Range } from '../diagnostics/source.ts'
import type { Block, Expression } from '../hcl/ast.ts'
import { primitiveText } from '../values/value.ts'
import { BodyReader, keywordOf } from './body-reader.ts'
import { checkRequiredVersion } from './decode-language.ts'
import { readProviderReference } from './decode-resource.ts'
import { isName, readLabels } from './labels.ts'
import { parseConstraints } from './language-version.ts'
import type { ProviderBlock, ProviderReference, RequiredProvider } from './module.ts'

type Report = (diagnostic: Diagnostic) => void

export function decodeProvider(block: Block, name: string, report: Report): ProviderBlock {
  const reader = new BodyReader(block.body, `provider "${name}"`, report)
  reader.escapingBlock()
  const alias = readAlias(reader)
  const forEach = reader.expression('for_each')
  if (forEach && !reader.expression('alias')) {
    const detail = 'Configurations created by for_each are identified by alias and key, so an alias is required.'
    reader.error(forEach.range, 'Alias required when using "for_each"', detail)
  }
  const version = reader.expression('version')
  if (version) {
    const summary = 'Version constraints inside provider configuration blocks are deprecated'
    reader.warn(version.range, summary, 'Move the version to required_providers.')
  }
  for (const { name: argument, nameRange } of block.body.attributes.values()) {
    const detail = `The argument name "${argument}" is reserved in provider blocks.`
    if (reservedArguments.has(argument)) reader.error(nameRange, 'Reserved argument name in provider block', detail)
  }
  return { name, alias, forEach, body: block.body, range: block.headerRange }
}

const reservedArguments: ReadonlySet<string> = new Set(['count', 'depends_on', 'source'])

/** The alias is part of addresses, so it must be a valid name. */
function readAlias(reader: BodyReader): string | undefined {
  const expression = reader.expression('alias')
  const alias = reader.string('alias')
  if (!expression || (alias !== undefined && isName(alias))) return alias
  const detail = 'An alias must start with a letter and may contain only letters, digits, underscores and dashes.'
  reader.error(expression.range, 'Invalid provider configuration alias', detail)
  return undefined
}

/** Settings that are allowed once per module, across all `terraform` blocks. */
export class TerraformBlocks {
  readonly requiredProviders = new Map<string, RequiredProvider>()
  storage: Block | undefined
  readonly #report: Report
  #hasRequiredProviders = false

  constructor(report: Report) {
    this.#report = report
  }

  /** Override files may repeat a setting. */
  add(block: Block, isOverride: boolean): void {
    if (!readLabels(block, [], this.#report)) return
    const reader = new BodyReader(block.body, 'terraform', this.#report)
    reader.allowOnly(
      ['required_version', 'experiments', 'language'],
      ['required_providers', 'backend', 'cloud', 'provider_meta', 'encryption'],
    )
    checkRequiredVersion(block, reader)
    for (const inner of reader.blocks('required_providers')) {
      if (this.#hasRequiredProviders && !isOverride) {
        const detail = 'A module can have only one required_providers block. Merge them.'
        reader.error(inner.headerRange, 'Duplicate required providers configuration', detail)
      }
      this.#hasRequiredProviders = true
      this.#addProviders(inner)
    }
    for (const inner of block.body.blocks) this.#checkStorage(inner, isOverride, reader)
  }

  /** The deployment determines the state storage; only contradictions are reported. */
  #checkStorage(block: Block, isOverride: boolean, reader: BodyReader): void {
    if (block.type !== 'backend' && block.type !== 'cloud') return
    const before = this.storage
    this.storage = block
    if (!before || isOverride) return
    const detail = 'A module can have only one backend or cloud block.'
    if (before.type === block.type)
      reader.error(block.headerRange, `Duplicate ${block.type === 'cloud' ? 'cloud' : 'backend'} configuration`, detail)
    else {
      const { headerRange } = block.type === 'backend' ? block : before
      reader.error(headerRange, 'Both a backend and a cloud configuration are present', detail)
    }
  }

  #addProviders(block: Block): void {
    const reader = new BodyReader(block.body, 'required_providers', this.#report)
    const rangesBySource = new Map<string, Range[]>()
    for (const { name, expression, range } of block.body.attributes.values()) {
      if (name !== name.toLowerCase()) {
        const detail = `A provider's local name must be in lower case: ${name.toLowerCase()}.`
        reader.error(expression.range, 'Invalid provider local name', detail)
      }
      const source = readSource(expression, reader) ?? `hashicorp/${name}`
      rangesBySource.set(source, [...(rangesBySource.get(source) ?? []), expression.range])
      const aliases = readAliases(expression, reader)
      this.requiredProviders.set(name, { name, source, aliases, range })
    }
    for (const [source, ranges] of rangesBySource) {
      if (ranges.length < 2) continue
      const detail = `Several local names have the source ${source}. Keep one of them.`
      for (const range of ranges) reader.warn(range, 'Duplicate required provider', detail)
    }
  }
}

const properties = ['source', 'version', 'configuration_aliases']

/** `{ source = "coder/coder", version = ">= 2.0" }`, or the deprecated form, a bare version. */
function readSource(expression: Expression, reader: BodyReader): string | undefined {
  if (expression.type !== 'object') {
    checkVersion(expression, reader)
    return undefined
  }
  let source: string | undefined
  for (const { key, value } of expression.items) {
    const property = keywordOf(key)
    if (property === undefined || !properties.includes(property)) {
      const detail = `Supported properties: ${properties.join(', ')}.${didYouMean(property ?? '', properties)}`
      reader.error(key.range, 'Invalid required_providers object', detail)
    }
    if (property === 'version') checkVersion(value, reader)
    if (property === 'source') source = readSourceText(value, reader)
  }
  return source
}

const sourceForm = /^(?:[\w.-]+(?::\d+)?\/)?(?:[\w-]+\/)?[\w-]+$/

function readSourceText(expression: Expression, reader: BodyReader): string | undefined {
  const value = reader.constantOf(expression)
  const source = value.kind === 'string' ? value.value : undefined
  if (value.kind !== 'string' && value.kind !== 'unknown') {
    reader.error(expression.range, 'Invalid source', 'The source of a provider must be a string.')
  }
  if (source === undefined || sourceForm.test(source)) return source
  const detail = 'Write namespace/name, optionally preceded by the host of a registry.'
  reader.error(expression.range, 'Invalid provider source string', detail)
  return undefined
}

/** Checks the syntax only. The deployment determines the available versions. */
function checkVersion(expression: Expression, reader: BodyReader): void {
  const text = primitiveText(reader.constantOf(expression))
  if (text !== undefined && parseConstraints(text)) return
  const detail = 'Write an operator and a version, such as ">= 2.0" or "~> 1.4".'
  reader.error(expression.range, 'Invalid version constraint', detail)
}

function readAliases(expression: Expression, reader: BodyReader): readonly ProviderReference[] {
  if (expression.type !== 'object') return []
  const listed = expression.items.find(({ key }) => keywordOf(key) === 'configuration_aliases')?.value
  if (listed?.type !== 'tuple') return []
  return listed.elements.flatMap((element) => readProviderReference(element, reader) ?? [])
}
