// Sends a JSON list whose items are already serialized.

import type { FastifyReply } from 'fastify'
import { replySent } from './serve.ts'

/** @param before text in front of the items, which are joined with commas
 *  @param after text behind them */
export function sendJson(
  reply: FastifyReply,
  before: string,
  items: readonly Buffer[],
  after: string,
): typeof replySent {
  const comma = Buffer.from(',')
  const parts = items.flatMap((item, index) => (index === 0 ? [item] : [comma, item]))
  reply.type('application/json; charset=utf-8').send(Buffer.concat([Buffer.from(before), ...parts, Buffer.from(after)]))
  return replySent
}
