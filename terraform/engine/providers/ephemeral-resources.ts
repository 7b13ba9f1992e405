// Ephemeral resources, which providers create for one run and never store. No bundled provider has any: a template that uses
// one can be validated, but not built.

import type { EphemeralBlock, ModuleNode } from '../../config/module.ts'
import { type Diagnostic, errorAt } from '../../diagnostics/diagnostic.ts'
import { moduleNodes } from '../modules/module-nodes.ts'
import type { Template } from '../template/template.ts'
import type { Registry } from './registry.ts'

interface EphemeralInModule {
  readonly node: ModuleNode
  readonly block: EphemeralBlock
}

export const listEphemeralResources = ({ root }: Template): EphemeralInModule[] =>
  moduleNodes(root).flatMap((node) => [...node.module.ephemerals.values()].map((block) => ({ node, block })))

export const checkEphemeralResources = (template: Template, registry: Registry): Diagnostic[] =>
  listEphemeralResources(template)
    .filter(({ node, block }) => !registry.providerNamed(node, block.provider.name)?.isStub)
    .map(({ node, block }) => unsupportedEphemeral(block, node, registry))

export function unsupportedEphemeral(
  { type, typeRange, provider }: EphemeralBlock,
  node: ModuleNode,
  registry: Registry,
): Diagnostic {
  const source = registry.providerNamed(node, provider.name)?.source
  const detail = source
    ? `The provider "${source}" has no ephemeral resource "${type}".`
    : `The provider "${provider.name}" is not part of this deployment, so there is no ephemeral resource "${type}".`
  return errorAt(typeRange, 'Invalid ephemeral resource', detail)
}
