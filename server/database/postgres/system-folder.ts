// Where a coderd that is root keeps what an unprivileged account must reach: copies of the PostgreSQL programs, and
// clusters of data folders that lie below a closed folder such as /root.

import { lstatSync, mkdirSync } from 'node:fs'
import { StartError } from '../start-error.ts'

const path = '/var/lib/coder-local'

/** The folder, made if missing. Throws when somebody else could put things into it. */
export function systemFolder(): string {
  mkdirSync(path, { recursive: true, mode: 0o755 })
  const { uid, mode } = lstatSync(path)
  if (uid !== process.getuid?.() || (mode & 0o022) !== 0) {
    throw new StartError(
      `${path} can be written by others: make it root's own (chown root, chmod 755) and start again.`,
    )
  }
  return path
}
