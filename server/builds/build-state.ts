// The Terraform state of a build, stored encrypted: it contains the secrets of the resources.

import type { Row } from '../database/schema.ts'
import type { Encryption } from '../encryption/encryption.ts'

/** The columns of a stored state. */
export type StoredState = Pick<Row<'workspace_builds'>, 'provisioner_state' | 'provisioner_state_key_id'>

export const stateColumns = ['provisioner_state', 'provisioner_state_key_id'] as const

const noState: StoredState = { provisioner_state: null, provisioner_state_key_id: null }

// The next build of the workspace starts with a copy.
const bindingOf = (workspaceId: string) => `workspace_builds.provisioner_state/${workspaceId}` as const

export function encryptState(encryption: Encryption, workspaceId: string, state: string | Buffer | null): StoredState {
  if (state === null) return noState
  const { data, keyId } = encryption.encrypt(state, bindingOf(workspaceId))
  return { provisioner_state: data, provisioner_state_key_id: keyId }
}

/** @throws MissingKeyError */
export function decryptState(encryption: Encryption, workspaceId: string, stored: StoredState): Buffer | null {
  const { provisioner_state: data, provisioner_state_key_id: keyId } = stored
  if (data === null || keyId === null) return data
  const remedy =
    'Without it, delete the workspace with "coder delete --orphan" and remove its resources by hand, or push a copy of ' +
    'its state with "coder state push".'
  return encryption.decrypt({ data, keyId }, bindingOf(workspaceId), remedy)
}
