// Checks that reject a task, and the error messages of failed tasks.

import { counted } from '../../../lib/counted.ts'
import { formatBlock, formatInstance } from '../../../terraform/addresses.ts'
import { type Diagnostic, hasErrors } from '../../../terraform/diagnostics/diagnostic.ts'
import { positionAt } from '../../../terraform/diagnostics/source.ts'
import type { ChangeAction } from '../../../terraform/engine/plan/instance-plan.ts'
import type { Plan } from '../../../terraform/engine/plan/plan.ts'
import type { Template } from '../../../terraform/engine/template/template.ts'
import { extractResources } from '../../../terraform/extraction/extract-resources.ts'
import type { extractExternalAuth } from '../../../terraform/extraction/extract-template-data.ts'
import type { BuildTask, EngineFailure, EngineTask, ImportOutcome } from '../../jobs/engine.ts'
import { findHostAccess } from './host-access.ts'

export function checkVariables(task: EngineTask, variables: ImportOutcome['variables']): EngineFailure | null {
  const missing = variables
    .filter(({ name, required }) => required && !(name in task.variables))
    .map(({ name }) => name)
  if (missing.length === 0) return null
  return {
    code: 'REQUIRED_TEMPLATE_VARIABLES',
    message: `The template requires values for these variables: ${missing.join(', ')}. Set them and import it again.`,
  }
}

/** Rejects templates that require external authentication, which this deployment does not support. */
export function checkExternalAuth(needed: ReturnType<typeof extractExternalAuth>): EngineFailure | null {
  const ids = needed.filter(({ optional }) => !optional).map(({ id }) => id)
  if (ids.length === 0) return null
  return {
    message:
      `The template requires external authentication: ${ids.join(', ')}. This deployment does not support it. ` +
      'Set optional = true if the template works without it.',
  }
}

/** Checks starts only; see `checkHostChanges` for stop and delete. */
export function checkBuildHostAccess(task: BuildTask, template: Template): EngineFailure | null {
  return task.transition === 'start' ? checkHostAccess(task, findHostAccess(template)) : null
}

const hostChanges: ReadonlySet<ChangeAction> = new Set(['create', 'update', 'replace'])

/** Without host access, a stop or delete may only destroy objects on this computer. */
export function checkHostChanges(task: BuildTask, template: Template, { instances }: Plan): EngineFailure | null {
  if (task.mayAccessHost) return null
  const hostBlocks = new Set(findHostAccess(template))
  const changed = instances.filter(
    ({ address, action }) => hostChanges.has(action) && hostBlocks.has(formatBlock(address)),
  )
  return checkHostAccess(
    task,
    changed.map(({ address, key }) => formatInstance(address, key)),
  )
}

export function checkHostAccess(task: EngineTask, addresses: readonly string[]): EngineFailure | null {
  if (task.mayAccessHost || addresses.length === 0) return null
  return {
    message:
      `The template runs programs or accesses files on the computer of this deployment, as its owner (${addresses.join(', ')}). ` +
      'Only deployment owners may use it.',
  }
}

/** Checks the quota of starts only: stop and delete are always allowed. */
export function checkQuota({ transition, quota }: BuildTask, { snapshot }: Plan): EngineFailure | null {
  if (transition !== 'start' || quota === null) return null
  const cost = extractResources(snapshot).items.reduce((sum, { dailyCost }) => sum + dailyCost, 0)
  if (cost <= quota.left) return null
  return {
    message:
      `insufficient quota: the workspace costs ${cost} a day, and ${quota.left} of ${quota.budget} are left. ` +
      'Stop or delete other workspaces, or request a larger quota.',
  }
}

export function checkCanceled(signal: AbortSignal): EngineFailure | null {
  return signal.aborted ? { message: 'Canceled.' } : null
}

export function toFailure(diagnostics: readonly Diagnostic[], template: Template): EngineFailure | null {
  if (!hasErrors(diagnostics)) return null
  const [first, ...others] = diagnostics.filter(({ severity }) => severity === 'error')
  if (!first) return null
  const more = others.length > 0 ? `, and ${counted(others.length, 'more error')}` : ''
  return { message: `${first.summary}${formatPosition(first, template)}${more}` }
}

export function formatPosition({ range, address }: Diagnostic, template: Template): string {
  const source = range && template.sources.find(({ file }) => file === range.file)
  if (!range || !source) return address ? ` (${address})` : ''
  const { line, column } = positionAt(source.text, range.start)
  return ` (${range.file}:${line}:${column})`
}
