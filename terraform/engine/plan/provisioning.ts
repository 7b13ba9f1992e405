// Runs the provisioners of an object: after it was made, or before it goes.

import { type Decoded, decodeBody } from '../../config/decode-body.ts'
import { metaProvisionerArguments, type Provisioner, type ResourceBlock } from '../../config/module.ts'
import { type Diagnostic, errorAt, hasErrors } from '../../diagnostics.ts'
import type { Body } from '../../hcl/ast.ts'
import { inFull } from '../../hcl/nodes.ts'
import type { Scope } from '../../lang/scope.ts'
import type { OperationContext, ProvisionerType } from '../../provider.ts'
import type { ObjectValue } from '../../values/value.ts'
import type { Evaluation } from '../evaluation/evaluation.ts'
import { placeDiagnostic } from '../providers/operations.ts'
import type { Registry } from '../providers/registry.ts'
import type { InstancePlan } from './instance-plan.ts'

/** Stops at the first that fails, unless that one may fail. */
export async function runProvisioners(
  plan: InstancePlan,
  when: Provisioner['when'],
  self: ObjectValue,
  evaluation: Evaluation,
  registry: Registry,
  context: OperationContext,
): Promise<readonly Diagnostic[]> {
  const diagnostics: Diagnostic[] = []
  for (const provisioner of plan.provisioners) {
    if (provisioner.when !== when) continue
    const found = await runOne(plan, provisioner, self, evaluation, registry, context)
    if (provisioner.onFailure === 'continue') {
      for (const { detail } of found) context.log('warn', detail)
    } else diagnostics.push(...found)
    if (hasErrors(diagnostics)) break
  }
  return diagnostics
}

/** What can be told of a resource's provisioners before anything is made. */
export function checkProvisioners(block: ResourceBlock, scope: Scope, registry: Registry): Diagnostic[] {
  return block.provisioners.flatMap(({ type, body, range }) => {
    const provisioner = registry.provisioner(type)
    if (!provisioner) {
      const detail = `The provisioner "${type}" can not be used in this deployment.`
      return [errorAt(range, 'Missing required provisioner plugin', detail)]
    }
    const decoded = decodeBody(body, provisioner.schema, scope, range, `provisioner "${type}"`, reserved)
    const connection = decodeConnection(provisioner, body, block.body, scope)
    const place = { address: block.address, key: undefined, block: { ...block, body, range } }
    const found = hasErrors(decoded.diagnostics) ? [] : (provisioner.validate?.(decoded.value) ?? [])
    return [
      ...decoded.diagnostics,
      ...found.map((one) => placeDiagnostic(one, place)),
      ...(connection?.diagnostics ?? []),
    ]
  })
}

const reserved = { attributes: metaProvisionerArguments, blocks: new Set(['connection']), mayBeEphemeral: true }

async function runOne(
  plan: InstancePlan,
  { type, body, range }: Provisioner,
  self: ObjectValue,
  evaluation: Evaluation,
  registry: Registry,
  context: OperationContext,
): Promise<readonly Diagnostic[]> {
  const provisioner = registry.provisioner(type)
  if (!provisioner) {
    return [
      errorAt(
        range,
        'Missing required provisioner plugin',
        `The provisioner "${type}" can not be used in this deployment.`,
      ),
    ]
  }
  const scope = evaluation.scope({ ...plan.names, self })
  const { value, diagnostics } = decodeBody(body, provisioner.schema, scope, range, `provisioner "${type}"`, reserved)
  const connection = decodeConnection(provisioner, body, plan.block?.body, scope)
  const place = { address: plan.address, key: plan.key, block: plan.block && { ...plan.block, body, range } }
  const found = [
    ...diagnostics,
    ...(connection?.diagnostics ?? []),
    ...(provisioner.validate?.(value) ?? []).map((one) => placeDiagnostic(one, place)),
  ]
  if (hasErrors(found)) return found
  const outcome = await provisioner.run(value, context, connection?.value)
  return [...found, ...outcome.map((diagnostic) => placeDiagnostic(diagnostic, place))]
}

/** What the resource says of all its provisioners, and on top of that what one says for itself. */
export function decodeConnection(
  { connection: schema }: ProvisionerType,
  own: Body,
  resource: Body | undefined,
  scope: Scope,
): Decoded | undefined {
  const given = [resource, own].flatMap((body) => body?.blocks.filter(({ type }) => type === 'connection') ?? [])
  const [last] = given.slice(-1)
  if (!schema || !last) return undefined
  const attributes = new Map(given.flatMap(({ body }) => [...body.attributes]))
  const merged = { ...inFull(last.body), attributes }
  // It is made anew each time, so that nothing of it would be found again.
  const unremembered = { ...scope, memory: undefined }
  const reserved = { ...nothingReserved, mayBeEphemeral: true }
  return decodeBody(merged, schema, unremembered, last.headerRange, 'connection', reserved)
}

const nothingReserved = { attributes: new Set<string>(), blocks: new Set<string>() }
