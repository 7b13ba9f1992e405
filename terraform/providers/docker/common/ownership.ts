// Labels of created objects. They identify the workspace and the resource, so that the provider recognizes objects whose
// creation was not recorded, and never takes over or removes objects of other programs.

import type { OperationContext } from '../../../provider.ts'
import { blocksField, textField } from '../../../values/fields.ts'
import type { ObjectValue } from '../../../values/value.ts'
import type { DockerContext } from './context.ts'

const workspaceLabel = 'com.coder-local.workspace'
const addressLabel = 'com.coder-local.address'

type Labels = Readonly<Record<string, string>>

/** The labels of `label` blocks and our own. */
export function labelsFor(planned: ObjectValue, { workspaceId }: DockerContext, operation: OperationContext): Labels {
  return { ...labelBlocks(planned), [workspaceLabel]: workspaceId, [addressLabel]: operation.address }
}

export const labelBlocks = (value: ObjectValue): Labels =>
  Object.fromEntries(
    blocksField(value, 'labels').map((block) => [textField(block, 'label') ?? '', textField(block, 'value') ?? '']),
  )

/** Whether the labels are those of this resource: an earlier build created the object and did not record it. */
export const isOwn = (
  labels: Labels | null | undefined,
  { workspaceId }: DockerContext,
  operation: OperationContext,
): boolean => labels?.[workspaceLabel] === workspaceId && labels[addressLabel] === operation.address

/** Whether the object belongs to another workspace. */
export const isForeign = (labels: Labels | null | undefined, { workspaceId }: DockerContext): boolean =>
  labels?.[workspaceLabel] !== undefined && labels[workspaceLabel] !== workspaceId
