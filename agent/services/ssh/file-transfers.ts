// The switch that blocks file transfers over SSH (CODER_AGENT_BLOCK_FILE_TRANSFER): a policy against mistakes, since a shell
// can still copy files.

import { basename } from 'node:path'
import type { ServerChannel } from 'ssh2'

const transferPrograms: ReadonlySet<string> = new Set(['nc', 'rsync', 'scp', 'sftp'])

export const isFileTransfer = (command: string) => transferPrograms.has(basename(command.trim().split(/\s/)[0] ?? ''))

/** As in Coder. */
const blockedCode = 65

export function rejectFileTransfer(channel: ServerChannel): void {
  channel.stderr.write('File transfer has been disabled.\n', () => {
    channel.exit(blockedCode)
    channel.end()
  })
  channel.resume()
}
