// Merges the blocks of override files into the overridden blocks: per argument, nested blocks per type.

import { type Diagnostic, errorAt } from '../diagnostics/diagnostic.ts'
import type { Block, Body } from '../hcl/ast.ts'
import { toPlainObject } from '../hcl/nodes.ts'
import { keywordOf } from './body-reader.ts'

/** Blocks that cannot be overridden. */
const notOverridable: ReadonlySet<string> = new Set(['moved', 'removed', 'import', 'check'])

export function mergeOverrides(
  base: readonly Block[],
  overrides: readonly Block[],
  report: (diagnostic: Diagnostic) => void,
): readonly Block[] {
  if (overrides.length === 0) return base
  const merged = [...base]
  for (const override of overrides) {
    if (notOverridable.has(override.type)) {
      const detail = `Blocks of type "${override.type}" cannot be overridden. Move this block to a file whose name does not end in _override.`
      report(errorAt(override.headerRange, `Cannot override '${override.type}' blocks`, detail))
    } else if (override.type === 'locals') {
      overrideLocals(merged, override, report)
    } else if (override.type === 'terraform' || override.type === 'language') {
      // Decoded later, so it takes precedence.
      merged.push(override)
    } else {
      overrideBlock(merged, override, report)
    }
  }
  return merged
}

const missingBase: Readonly<Record<string, string>> = {
  output: 'Missing base output definition to override',
  resource: 'Missing resource to override',
  data: 'Missing data resource to override',
  module: 'Missing module call to override',
}

function overrideBlock(merged: Block[], override: Block, report: (diagnostic: Diagnostic) => void): void {
  const key = keyOf(override)
  const index = merged.findIndex((block) => keyOf(block) === key)
  const found = merged[index]
  if (found) merged[index] = { ...toPlainObject(found), body: mergeBody(found.body, override.body) }
  // A provider without configuration has an empty configuration.
  else if (override.type === 'provider' && !override.body.attributes.has('alias')) merged.push(override)
  else {
    const name = [override.type, ...override.labels.map(({ text }) => JSON.stringify(text))].join(' ')
    const detail = `There is no ${name} to override. An override file can only change declarations of other files.`
    const summary = missingBase[override.type] ?? `Missing base ${override.type} declaration to override`
    report(errorAt(override.headerRange, summary, detail))
  }
}

function keyOf({ type, labels, body }: Block): string {
  const alias = type === 'provider' ? body.attributes.get('alias')?.expression : undefined
  return JSON.stringify([type, ...labels.map(({ text }) => text), alias ? (keywordOf(alias) ?? '') : ''])
}

function mergeBody(base: Body, override: Body): Body {
  const attributes = new Map(base.attributes)
  for (const [name, attribute] of override.attributes) attributes.set(name, attribute)
  const replaced = new Set(override.blocks.map(typeOf))
  const lifecycle = base.blocks.find(({ type }) => type === 'lifecycle')
  return {
    ...toPlainObject(base),
    attributes,
    blocks: [
      ...base.blocks.filter((block) => !replaced.has(typeOf(block))),
      ...override.blocks.map((block) =>
        block.type === 'lifecycle' && lifecycle
          ? { ...toPlainObject(block), body: mergeBody(lifecycle.body, block.body) }
          : block,
      ),
    ],
  }
}

/** A dynamic block represents blocks of its label's type. */
const typeOf = ({ type, labels }: Block): string => (type === 'dynamic' ? (labels[0]?.text ?? type) : type)

function overrideLocals(merged: Block[], override: Block, report: (diagnostic: Diagnostic) => void): void {
  for (const [name, attribute] of override.body.attributes) {
    const index = merged.findIndex(({ type, body }) => type === 'locals' && body.attributes.has(name))
    const found = merged[index]
    if (found) {
      const attributes = new Map([...found.body.attributes, [name, attribute] as const])
      merged[index] = { ...toPlainObject(found), body: { ...toPlainObject(found.body), attributes } }
    } else {
      const detail = `There is no local value "${name}" to override. An override file can only change declarations of other files.`
      report(errorAt(attribute.range, 'Missing base local value definition to override', detail))
    }
  }
}
