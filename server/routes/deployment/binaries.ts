// The program of this deployment for other machines. Whoever asks for a machine of another kind is told what there is.

import { createReadStream } from 'node:fs'
import { join } from 'node:path'
import type { FastifyInstance } from 'fastify'
import { getBinary, getInstallScript, listBinaries } from '../../../api/deployment/binaries.ts'
import { ApiError } from '../../../api/errors.ts'
import type { ServerContext } from '../../context.ts'
import { installScript } from '../../deployment/install-script.ts'
import { makePortableProgram, type PortableProgram, portableName } from '../../deployment/portable-program.ts'
import { replySent, serve } from '../../http/serve.ts'

export function registerBinaryRoutes(app: FastifyInstance, context: ServerContext): void {
  let making: Promise<PortableProgram | null> | undefined
  const program = async () => {
    const bin = await context.agentBinDir
    making ??= makePortableProgram(join(bin, '..'), context.config.dataDir)
    const made = await making.catch((error: unknown) => {
      making = undefined
      throw error
    })
    // What was not built may be by the next time.
    if (!made) making = undefined
    return made
  }

  serve(app, listBinaries, async () => {
    const name = portableName()
    return name !== null && (await program()) ? [name] : []
  })

  serve(app, getInstallScript, async ({ reply }) => {
    reply.type('text/plain; charset=utf-8').send(installScript(context.accessUrl))
    return replySent
  })

  serve(app, getBinary, async ({ params, headers, reply }) => {
    const found = isPortable(params.name) ? await program() : null
    if (!found) throw notHere(params.name)
    const etag = `"${found.sha1}"`
    reply.header('etag', etag).header('x-original-content-length', found.bytes)
    const known = (headers['if-none-match'] ?? '').split(',').map((tag) => tag.trim().replace(/^W\//, ''))
    if (known.includes(etag)) {
      await reply.code(304).send()
      return replySent
    }
    // Whatever a client accepts, it is never compressed a second time.
    await reply
      .type('application/octet-stream')
      .header('content-length', found.bytes)
      .header('content-disposition', `attachment; filename="${portableName()}"`)
      .send(createReadStream(found.path))
    return replySent
  })
}

/** Clients of Windows and of old processors ask in other words for the same. */
const isPortable = (name: string) => name.replaceAll('_', '-') === portableName()

function notHere(name: string): ApiError {
  const ours = portableName()
  const detail = /\.asc$/.test(name)
    ? 'Its programs are not signed by Coder. Clients may be told not to insist on a signature.'
    : ours && isPortable(name)
      ? 'This coderd runs from its sources. Build it with "npm start", or start an agent there with a coder command of your own.'
      : `It has programs for machines of its own kind${ours ? ` only: ${ours}` : ' only, and none to hand out on this system'}. ` +
        'On others, install Coder Local there and run "coder agent" with CODER_AGENT_URL and CODER_AGENT_TOKEN set.'
  return new ApiError(404, 'This deployment has no such program.', { detail })
}
