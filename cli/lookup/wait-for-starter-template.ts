// Waits for the starter template, which a new deployment imports by itself in its first seconds.

import { setTimeout as sleep } from 'node:timers/promises'
import { ApiError } from '../../api/errors.ts'
import { getThisComputer } from '../../api/local.ts'
import type { Connection } from '../connection/connect.ts'
import { nullOn404 } from '../connection/null-on-404.ts'
import { CommandError } from '../output/errors.ts'
import { note } from '../output/print.ts'

// An import takes tenths of a second, longer on a computer that is busy with its first start.
const timeoutMs = 60_000
const pollMs = 200

/** Waits for a running import, with a note. Returns immediately without one, as on Coder's own server.
 *  @throws CommandError on timeout */
export async function waitForStarterTemplate({ client }: Connection): Promise<void> {
  const isImporting = async () => {
    const computer = await client.call(getThisComputer).catch(nullOnForeignServer)
    return computer !== null && computer.template_id === null && computer.problem === ''
  }
  if (!(await isImporting())) return
  note('The deployment is new. Waiting for the import of its template this-computer …')
  for (const until = Date.now() + timeoutMs; Date.now() < until; await sleep(pollMs)) if (!(await isImporting())) return
  throw new CommandError('The template this-computer is still being imported.', {
    hint: 'try again in a moment; `coder provisioner jobs list` shows the running jobs.',
  })
}

/** Coder's server answers this address with its dashboard page, which is not JSON. */
const nullOnForeignServer = (error: unknown) =>
  error instanceof ApiError && error.status === 200 ? null : nullOn404(error)
