// The host key of a workspace agent's SSH server. Derived from the workspace and the agent's name, so that it survives
// rebuilds without storage. It is no secret: coderd authenticates both ends of the connection
// (docs/decisions/0099-ssh.md).

import { createHash } from 'node:crypto'
import { sshKeyPairFromSeed } from '../../../lib/openssh-key.ts'
import type { Manifest } from '../../manifest.ts'

/** @returns the private key in OpenSSH's format */
export function deriveHostKey({ workspace_id, agent_name }: Pick<Manifest, 'workspace_id' | 'agent_name'>): string {
  const seed = createHash('sha256').update(`coder-local SSH host key\n${workspace_id}\n${agent_name}`).digest()
  return sshKeyPairFromSeed(seed).privateKey
}
