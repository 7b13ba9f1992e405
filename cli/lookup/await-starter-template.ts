// The template that a deployment of ours imports by itself: in its first seconds it is not there yet.

import { setTimeout as sleep } from 'node:timers/promises'
import { ApiError } from '../../api/errors.ts'
import { getThisComputer } from '../../api/local.ts'
import type { Connection } from '../connection/connect.ts'
import { nullIfMissing } from '../connection/null-on-404.ts'
import { CommandError } from '../output/errors.ts'
import { note } from '../output/print.ts'

// An import takes tenths of a second; on a computer that is busy with its first start some more.
const longestMs = 60_000
const everyMs = 200

/** Waits for the import, saying so; returns at once where nothing is imported, as in a deployment of Coder's own.
 *  @throws CommandError when it takes too long. */
export async function awaitStarterTemplate({ client }: Connection): Promise<void> {
  const isImporting = async () => {
    const computer = await client.call(getThisComputer).catch(nullElsewhere)
    return computer !== null && computer.template_id === null && computer.problem === ''
  }
  if (!(await isImporting())) return
  note('The deployment is new: waiting until its template this-computer is imported.')
  for (const until = Date.now() + longestMs; Date.now() < until; await sleep(everyMs))
    if (!(await isImporting())) return
  throw new CommandError('The template this-computer is still being imported.', {
    hint: 'try again in a moment; `coder provisioner jobs list` shows what the provisioners do.',
  })
}

/** Coder's server has its dashboard at an address of ours: an answer, and no JSON. */
const nullElsewhere = (error: unknown) =>
  error instanceof ApiError && error.status === 200 ? null : nullIfMissing(error)
