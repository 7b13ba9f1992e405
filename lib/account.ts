// The operating-system account of this process. In a container the user may have no entry in /etc/passwd.

import { userInfo } from 'node:os'

interface Account {
  readonly username: string
  /** Null on Windows, and without an entry. */
  readonly shell: string | null
}

export function readAccount(): Account {
  try {
    return userInfo()
  } catch {
    return { username: String(process.getuid?.() ?? ''), shell: null }
  }
}
