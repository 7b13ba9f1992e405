// Runs the provisioners of an object after its creation or before its destruction.

import { decodeBody } from '../../config/decode-body.ts'
import type { Provisioner } from '../../config/module.ts'
import { type Diagnostic, hasErrors } from '../../diagnostics/diagnostic.ts'
import type { OperationContext } from '../../provider.ts'
import type { ObjectValue } from '../../values/value.ts'
import type { Evaluation } from '../evaluation/evaluation.ts'
import { decodeConnection, provisionerReservedNames, unknownProvisioner } from '../plan/check-provisioners.ts'
import type { InstancePlan } from '../plan/instance-plan.ts'
import { locateDiagnostic } from '../providers/operations.ts'
import type { Registry } from '../providers/registry.ts'

/** Stops at the first failure, unless that provisioner has `on_failure = continue`. */
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
    const found = await runProvisioner(plan, provisioner, self, evaluation, registry, context)
    if (provisioner.onFailure === 'continue') {
      for (const { detail } of found) context.log('warn', detail)
    } else diagnostics.push(...found)
    if (hasErrors(diagnostics)) break
  }
  return diagnostics
}

async function runProvisioner(
  plan: InstancePlan,
  { type, body, range }: Provisioner,
  self: ObjectValue,
  evaluation: Evaluation,
  registry: Registry,
  context: OperationContext,
): Promise<readonly Diagnostic[]> {
  const provisioner = registry.provisioner(type)
  if (!provisioner) return [unknownProvisioner(type, range)]
  const scope = evaluation.scope({ ...plan.names, self })
  const blockName = `provisioner "${type}"`
  const { value, diagnostics } = decodeBody(body, provisioner.schema, scope, range, blockName, provisionerReservedNames)
  const connection = decodeConnection(provisioner, body, plan.block?.body, scope)
  const location = { address: plan.address, key: plan.key, block: plan.block && { ...plan.block, body, range } }
  const found = [
    ...diagnostics,
    ...(connection?.diagnostics ?? []),
    ...(provisioner.validate?.(value) ?? []).map((diagnostic) => locateDiagnostic(diagnostic, location)),
  ]
  if (hasErrors(found)) return found
  const outcome = await provisioner.run(value, context, connection?.value)
  return [...found, ...outcome.map((diagnostic) => locateDiagnostic(diagnostic, location))]
}
