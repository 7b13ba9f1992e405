// Calls providers: emits events with durations, maps attribute paths to source ranges and exceptions to diagnostics.

import { formatInstance, type InstanceKey, type ResourceAddress } from '../../addresses.ts'
import { rangeOfPath } from '../../config/decode-body.ts'
import { openingRange } from '../../config/labels.ts'
import type { ResourceBlock } from '../../config/module.ts'
import { type Diagnostic, hasErrors } from '../../diagnostics/diagnostic.ts'
import type { OperationContext, Outcome, ProviderDiagnostic } from '../../provider.ts'
import { type ObjectValue, primitiveText } from '../../values/value.ts'
import type { OnEvent, ResourceAction } from './events.ts'

export interface Operation {
  readonly address: ResourceAddress
  readonly key: InstanceKey
  readonly action: ResourceAction
  /** Undefined for objects that exist only in the state. */
  readonly block: ResourceBlock | undefined
  /** The current object, for the id in messages. */
  readonly object: ObjectValue | null
  /** The template's folder. */
  readonly dir: string
  readonly signal: AbortSignal
  readonly onEvent: OnEvent
}

export interface OperationResult {
  readonly value: ObjectValue | null
  readonly diagnostics: readonly Diagnostic[]
}

const startMessages: Readonly<Record<ResourceAction, string>> = {
  read: 'Reading...',
  refresh: 'Refreshing state...',
  create: 'Creating...',
  update: 'Modifying...',
  delete: 'Destroying...',
}

const doneMessages: Readonly<Record<ResourceAction, string>> = {
  read: 'Read complete',
  refresh: 'Refresh complete',
  create: 'Creation complete',
  update: 'Modifications complete',
  delete: 'Destruction complete',
}

/** Runs one provider call. An exception becomes a diagnostic, and the object counts as unchanged. */
export async function runOperation(
  operation: Operation,
  call: (context: OperationContext) => Promise<Outcome>,
): Promise<OperationResult> {
  const { action, onEvent } = operation
  const address = formatInstance(operation.address, operation.key)
  const startedAt = performance.now()
  onEvent({
    kind: 'resource_start',
    address,
    action,
    message: `${address}: ${startMessages[action]}${idOf(operation.object)}`,
  })
  const context: OperationContext = {
    address,
    name: operation.address.name,
    dir: operation.dir,
    signal: operation.signal,
    log: (level, message) => onEvent({ kind: 'log', address, level, message }),
  }
  const result = await settle(operation, call, context)
  const elapsedMs = performance.now() - startedAt
  const failed = hasErrors(result.diagnostics)
  const summary = failed
    ? 'failed'
    : `${doneMessages[action]} after ${Math.round(elapsedMs / 1000)}s${idOf(action === 'delete' ? null : result.value)}`
  onEvent({
    kind: failed ? 'resource_failed' : 'resource_done',
    address,
    action,
    elapsedMs,
    message: `${address}: ${summary}`,
  })
  return result
}

async function settle(
  operation: Operation,
  call: (context: OperationContext) => Promise<Outcome>,
  context: OperationContext,
): Promise<OperationResult> {
  try {
    const { value, diagnostics = [] } = await call(context)
    // Diagnostics of provisioners have their range already.
    return {
      value,
      diagnostics: diagnostics.map((found) =>
        'range' in found ? (found as Diagnostic) : locateDiagnostic(found, operation),
      ),
    }
  } catch (error) {
    const detail = error instanceof Error ? error.message : String(error)
    const found: ProviderDiagnostic = { severity: 'error', summary: `Provider failed to ${operation.action}`, detail }
    return { value: operation.object, diagnostics: [locateDiagnostic(found, operation)] }
  }
}

export function locateDiagnostic(
  found: ProviderDiagnostic,
  { address, key, block }: Pick<Operation, 'address' | 'key' | 'block'>,
): Diagnostic {
  const range = block && rangeOfPath(block.body, found.path ?? [], openingRange(block.body))
  return {
    severity: found.severity,
    summary: found.summary,
    detail: found.detail,
    address: formatInstance(address, key),
    ...(range && { range }),
  }
}

function idOf(object: ObjectValue | null): string {
  const id = primitiveText(object?.entries.get('id'))
  return id === undefined || id === '' ? '' : ` [id=${id}]`
}
