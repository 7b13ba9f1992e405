// The encryption keys: those of the settings, then those of the key file. The file has one base64-encoded key per line, the
// active one first.

import { chmodSync, closeSync, fsyncSync, openSync, readFileSync, renameSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import type { Config } from '../config.ts'
import { StartError } from '../database/start-error.ts'
import { type EncryptionKey, keyFileName, parseKey } from './encryption.ts'

export const keyFilePath = (dataDir: string): string => join(dataDir, keyFileName)

export type KeyConfig = Pick<Config, 'dataDir' | 'externalTokenEncryptionKeys'>

/** The active key first. Empty before the first start. @throws StartError */
export function readKeys({ dataDir, externalTokenEncryptionKeys }: KeyConfig): EncryptionKey[] {
  const configured = externalTokenEncryptionKeys.map((text, index) => {
    const key = parseKey(text.trim())
    if (key) return key
    throw new StartError(
      `Key ${index + 1} of CODER_EXTERNAL_TOKEN_ENCRYPTION_KEYS is not 32 bytes in base64. Generate one with: openssl rand -base64 32`,
    )
  })
  return [...configured, ...readKeyFile(dataDir)]
}

/** Empty if the file does not exist. @throws StartError if it is unreadable or damaged. */
export function readKeyFile(dataDir: string): EncryptionKey[] {
  const path = keyFilePath(dataDir)
  const lines = readText(path).split(/\r?\n/)
  return lines.flatMap((line, index) => {
    if (line.trim() === '') return []
    const key = parseKey(line.trim())
    if (key) return key
    throw new StartError(
      `Line ${index + 1} of ${path} is not an encryption key: 32 bytes in base64. Restore the file from a backup.`,
    )
  })
}

function readText(path: string): string {
  try {
    const text = readFileSync(path, 'utf8')
    // A restored backup may be readable by other users.
    if (process.platform !== 'win32') chmodSync(path, 0o600)
    return text
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return ''
    throw new StartError(`Could not read the encryption keys: ${(error as Error).message}. Make ${path} readable.`, {
      cause: error,
    })
  }
}

/** Replaces the file atomically. The keys are on the disk before a value is encrypted with them. */
export function writeKeyFile(dataDir: string, keys: readonly EncryptionKey[]): void {
  const path = keyFilePath(dataDir)
  const draft = `${path}.${process.pid}`
  const fd = openSync(draft, 'w', 0o600)
  try {
    writeSync(fd, keys.map(({ bytes }) => `${bytes.toString('base64')}\n`).join(''))
    fsyncSync(fd)
  } finally {
    closeSync(fd)
  }
  renameSync(draft, path)
  syncFolder(dataDir)
}

/** Makes a rename durable. Windows has no such operation. */
function syncFolder(folder: string): void {
  if (process.platform === 'win32') return
  const fd = openSync(folder, 'r')
  try {
    fsyncSync(fd)
  } finally {
    closeSync(fd)
  }
}
