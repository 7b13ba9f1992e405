// An answer made of JSON texts that are there already.

import type { FastifyReply } from 'fastify'

/** @param items are separated by commas between the two ends. */
export function sendJson(reply: FastifyReply, before: string, items: readonly Buffer[], after: string): void {
  const comma = Buffer.from(',')
  const parts = items.flatMap((item, index) => (index === 0 ? [item] : [comma, item]))
  reply.type('application/json; charset=utf-8').send(Buffer.concat([Buffer.from(before), ...parts, Buffer.from(after)]))
}
