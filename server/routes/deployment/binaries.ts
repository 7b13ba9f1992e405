// Downloads of the coder binary for other machines. Requests for another platform are answered with the available one.

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
  let building: Promise<PortableProgram | null> | undefined
  const program = async () => {
    const bin = await context.agentBinDir
    building ??= makePortableProgram(join(bin, '..'), context.config.dataDir)
    const built = await building.catch((error: unknown) => {
      building = undefined
      throw error
    })
    // Not cached: a missing binary may be built later.
    if (!built) building = undefined
    return built
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
    const binary = isPortable(params.name) ? await program() : null
    if (!binary) throw unknownBinary(params.name)
    const etag = `"${binary.sha1}"`
    reply.header('etag', etag).header('x-original-content-length', binary.bytes)
    const etags = (headers['if-none-match'] ?? '').split(',').map((tag) => tag.trim().replace(/^W\//, ''))
    if (etags.includes(etag)) {
      await reply.code(304).send()
      return replySent
    }
    // The binary is already compressed.
    await reply
      .type('application/octet-stream')
      .header('content-length', binary.bytes)
      .header('content-disposition', `attachment; filename="${portableName()}"`)
      .send(createReadStream(binary.path))
    return replySent
  })
}

/** Clients for Windows and older processors use other spellings of the same name. */
const isPortable = (name: string) => name.replaceAll('_', '-') === portableName()

function unknownBinary(name: string): ApiError {
  const available = portableName()
  const detail = /\.asc$/.test(name)
    ? 'The binaries of this deployment are not signed by Coder. Disable signature verification in the client.'
    : available && isPortable(name)
      ? 'This coderd runs from source. Build the binary with "npm start", or start the agent with another installation of the coder command.'
      : `The deployment provides binaries for its own platform only${available ? `: ${available}` : ', and none on this system'}. ` +
        'On other platforms, install Coder Local there and run "coder agent" with CODER_AGENT_URL and CODER_AGENT_TOKEN set.'
  return new ApiError(404, 'This deployment does not provide this binary.', { detail })
}
