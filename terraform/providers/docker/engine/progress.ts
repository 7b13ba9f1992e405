// Progress of pulls, pushes and builds: a stream of JSON objects, one a line.

import type { IncomingMessage } from 'node:http'
import { createInterface } from 'node:readline'
import type { OperationContext } from '../../../provider.ts'
import { EngineError } from './engine-error.ts'

interface ProgressLine {
  readonly id?: string
  readonly status?: string
  /** Output of a build. */
  readonly stream?: string
  readonly progressDetail?: { readonly current?: number; readonly total?: number }
  readonly error?: string
  readonly aux?: { readonly ID?: string }
}

/** Share of the total between two lines of the log. */
const logStep = 0.1

/** Reads a stream to its end, and writes build output and the progress of transfers to the log.
 *  @param label the verb and the image, for example `Pulling alpine`.
 *  @returns the id of a built image, if the stream names it. @throws EngineError if the stream reports an error */
export async function readProgress(
  response: IncomingMessage,
  label: string,
  { log }: Pick<OperationContext, 'log'>,
): Promise<string | undefined> {
  let builtId: string | undefined
  const transfer = new Transfer()
  for await (const text of createInterface({ input: response })) {
    if (text.trim() === '') continue
    const line = JSON.parse(text) as ProgressLine
    if (line.error) throw new EngineError(500, line.error.trim())
    builtId = line.aux?.ID ?? builtId
    if (line.stream?.trim()) log('info', line.stream.trimEnd())
    const share = transfer.add(line)
    if (share) log('info', `${label}: ${share}`)
    else if (line.status && !line.id) log('info', line.status)
  }
  return builtId
}

/** Sums up the layers of an image. */
class Transfer {
  readonly #layers = new Map<string, { readonly current: number; readonly total: number }>()
  #logged = 0

  /** The text for the log when the transfer advanced by a step. */
  add({ id, status, progressDetail }: ProgressLine): string | undefined {
    const known = id === undefined ? undefined : this.#layers.get(id)
    if (id === undefined) return undefined
    if (known && (status === 'Download complete' || status === 'Pushed'))
      this.#layers.set(id, { current: known.total, total: known.total })
    else if (progressDetail?.total && (status === 'Downloading' || status === 'Pushing'))
      this.#layers.set(id, { current: progressDetail.current ?? 0, total: progressDetail.total })
    else return undefined
    const layers = [...this.#layers.values()]
    const current = layers.reduce((sum, layer) => sum + layer.current, 0)
    const total = layers.reduce((sum, layer) => sum + layer.total, 0)
    const steps = Math.floor(current / total / logStep)
    if (steps <= this.#logged) return undefined
    this.#logged = steps
    return `${megabytes(current)} of ${megabytes(total)} MB (${layers.length} layers)`
  }
}

const megabytes = (bytes: number) => (bytes / 1e6).toFixed(1)
