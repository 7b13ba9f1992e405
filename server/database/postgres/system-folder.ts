// The folder of a root coderd for files that the unprivileged account must reach: copies of the PostgreSQL programs,
// and clusters whose data folder is below a private folder such as /root.

import { lstatSync, mkdirSync } from 'node:fs'
import { StartError } from '../start-error.ts'

const path = '/var/lib/coder-local'

/** Creates the folder if necessary. @throws StartError if other users can write into it */
export function systemFolder(): string {
  mkdirSync(path, { recursive: true, mode: 0o755 })
  const { uid, mode } = lstatSync(path)
  if (uid !== process.getuid?.() || (mode & 0o022) !== 0) {
    throw new StartError(`Other users can write to ${path}. Run chown root and chmod 755 on it, then try again.`)
  }
  return path
}
