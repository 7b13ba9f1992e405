// Decodes and checks the provisioners of a resource block. apply/run-provisioners.ts runs them.

import { type DecodedBody, decodeBody } from '../../config/decode-body.ts'
import { metaProvisionerArguments, type Provisioner, type ResourceBlock } from '../../config/module.ts'
import { type Diagnostic, errorAt, hasErrors } from '../../diagnostics/diagnostic.ts'
import type { Body } from '../../hcl/ast.ts'
import { toPlainObject } from '../../hcl/nodes.ts'
import type { Scope } from '../../lang/scope.ts'
import type { ProvisionerType } from '../../provider.ts'
import { locateDiagnostic } from '../providers/operations.ts'
import type { Registry } from '../providers/registry.ts'

/** Checks everything that is known before the object exists. */
export function checkProvisioners(block: ResourceBlock, scope: Scope, registry: Registry): Diagnostic[] {
  return block.provisioners.flatMap(({ type, body, range }) => {
    const provisioner = registry.provisioner(type)
    if (!provisioner) return [unknownProvisioner(type, range)]
    const decoded = decodeBody(
      body,
      provisioner.schema,
      scope,
      range,
      `provisioner "${type}"`,
      provisionerReservedNames,
    )
    const connection = decodeConnection(provisioner, body, block.body, scope)
    const location = { address: block.address, key: undefined, block: { ...block, body, range } }
    const found = hasErrors(decoded.diagnostics) ? [] : (provisioner.validate?.(decoded.value) ?? [])
    return [
      ...decoded.diagnostics,
      ...found.map((diagnostic) => locateDiagnostic(diagnostic, location)),
      ...(connection?.diagnostics ?? []),
    ]
  })
}

export function unknownProvisioner(type: string, range: Provisioner['range']): Diagnostic {
  const detail = `The provisioner "${type}" is not available in this deployment.`
  return errorAt(range, 'Missing required provisioner plugin', detail)
}

export const provisionerReservedNames = {
  attributes: metaProvisionerArguments,
  blocks: new Set(['connection']),
  allowsEphemeral: true,
}

/** The resource's `connection` block with the arguments of the provisioner's own on top. */
export function decodeConnection(
  { connection: schema }: ProvisionerType,
  own: Body,
  resource: Body | undefined,
  scope: Scope,
): DecodedBody | undefined {
  const blocks = [resource, own].flatMap((body) => body?.blocks.filter(({ type }) => type === 'connection') ?? [])
  const [last] = blocks.slice(-1)
  if (!schema || !last) return undefined
  const attributes = new Map(blocks.flatMap(({ body }) => [...body.attributes]))
  const merged = { ...toPlainObject(last.body), attributes }
  // The merged body is a new object each time, so a cache would never find it again.
  const uncached = { ...scope, cache: undefined }
  const reserved = { ...noReservedNames, allowsEphemeral: true }
  return decodeBody(merged, schema, uncached, last.headerRange, 'connection', reserved)
}

const noReservedNames = { attributes: new Set<string>(), blocks: new Set<string>() }
