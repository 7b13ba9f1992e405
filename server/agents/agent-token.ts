// Tokens of agents. The database contains their hashes; tokens that users read, those of external agents, are also stored
// encrypted.

import { createHash } from 'node:crypto'
import type { NewRow, Row } from '../database/schema.ts'
import type { Encryption } from '../encryption/encryption.ts'

/** A token is a random UUID, so the hash needs no salt. */
export const hashAgentToken = (token: string): Buffer => createHash('sha256').update(token.toLowerCase()).digest()

const bindingOf = (agentId: string) => `workspace_agents.auth_token/${agentId}` as const

/** The columns of a token that users can read. */
export function encryptAgentToken(
  encryption: Encryption,
  agentId: string,
  token: string,
): Pick<NewRow<'workspace_agents'>, 'auth_token' | 'auth_token_key_id'> {
  const { data, keyId } = encryption.encrypt(token, bindingOf(agentId))
  return { auth_token: data.toString('base64'), auth_token_key_id: keyId }
}

/** Null if the token cannot be read. @throws MissingKeyError */
export function decryptAgentToken(
  encryption: Encryption,
  {
    id,
    auth_token: token,
    auth_token_key_id: keyId,
  }: Pick<Row<'workspace_agents'>, 'id' | 'auth_token' | 'auth_token_key_id'>,
): string | null {
  if (token === null || keyId === null) return token
  const remedy = 'Without it, delete the workspace with "coder delete --orphan" and create it again.'
  return encryption.decrypt({ keyId, data: Buffer.from(token, 'base64') }, bindingOf(id), remedy).toString('utf8')
}
